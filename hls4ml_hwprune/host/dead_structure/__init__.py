"""Dead structure: neurons and channels that a plan leaves without inputs or without use are removed, bit for bit."""

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
import hls4ml.backends  # noqa: F401

from hls4ml_hwprune.host.dead_structure.removal import remove_dead

__all__ = ['remove_dead']
