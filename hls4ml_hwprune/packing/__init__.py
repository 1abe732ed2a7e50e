"""Packings: which weights of a kernel form a group, the unit that is kept or pruned. One file a packing."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import aligned, balanced, bram, permuted
from hls4ml_hwprune.packing.balanced import is_free
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.packing.slots import slot_table
from hls4ml_hwprune.records import Kernel

_PACKINGS: dict[str, Callable[[Kernel, NDArray[np.float64]], Groups]] = {
    'aligned': aligned.pack,
    'balanced': balanced.pack,
    'permuted': permuted.pack,
    'bram': bram.pack,
    # Of constants the codes may change besides, which the selection sees to; elsewhere as `aligned`.
    'snapped': aligned.pack,
}

#: Names a user may give; 'auto' leaves the choice to the knapsack.
PACKINGS: tuple[str, ...] = ('auto', *_PACKINGS)


#: Packings in which hls4ml's kernels add products in the same order.
IN_ORDER = ('aligned', 'bram', 'snapped')


def reorders(packing: str) -> bool:
    """Whether slots of a packing are not hls4ml's own, so that its firmware needs tables of their own."""
    return packing not in IN_ORDER


def lanes_a_slot(kernel: Kernel, packing: str) -> int | None:
    """Multiplexers that a slot may need for itself before cycles are chosen; None where slots share as hls4ml's do."""
    return 1 if packing == 'balanced' and balanced.is_free(kernel) else None


def pack(kernel: Kernel, packing: str, scores: NDArray[np.float64]) -> Groups:
    """Group the weights of `kernel` by one of `PACKINGS`, which is not 'auto'.

    Parameters
    ----------
    kernel : Kernel
    packing : str
    scores : ndarray of float, shape (n_out, n_in)
        What each weight is worth, not negative: `balanced` and `permuted` put together what is worth keeping.
    """
    return _PACKINGS[packing](kernel, scores)


__all__ = ['IN_ORDER', 'PACKINGS', 'Groups', 'is_free', 'lanes_a_slot', 'pack', 'reorders', 'slot_table']
