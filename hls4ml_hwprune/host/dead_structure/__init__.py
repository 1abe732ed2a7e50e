"""Dead structure: neurons and channels that a plan leaves without inputs or without use are removed, bit for bit."""

from hls4ml_hwprune.host.dead_structure.removal import remove_dead

__all__ = ['remove_dead']
