"""Dead structure: neurons and channels that a plan leaves without inputs or without use are removed, bit for bit."""

# hls4ml first: see `ir`.
import hls4ml.backends  # noqa: F401

from hls4ml_hwprune.dead.removal import remove_dead

__all__ = ['remove_dead']
