"""Dead-channel elimination: neurons and channels without inputs or without use are removed, bit for bit."""

from hls4ml_hwprune.host.dead_structure.removal import remove_dead

__all__ = ['remove_dead']
