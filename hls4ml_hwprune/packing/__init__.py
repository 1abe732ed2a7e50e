"""Packings: which weights of a kernel form a group, the unit that is kept or pruned. One file a packing."""

from hls4ml_hwprune.packing import aligned, bram
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.records import Kernel

_PACKINGS = {'aligned': aligned.pack, 'bram': bram.pack}

#: Names a user may give; 'auto' leaves the choice to the package.
PACKINGS: tuple[str, ...] = ('auto', *_PACKINGS)


def resolve(name: str) -> str:
    """Return the packing that a name stands for: 'auto' is 'aligned'."""
    return 'aligned' if name == 'auto' else name


def pack(kernel: Kernel, packing: str) -> Groups:
    """Group the weights of `kernel` by one of `PACKINGS`."""
    return _PACKINGS[resolve(packing)](kernel)


__all__ = ['PACKINGS', 'Groups', 'pack', 'resolve']
