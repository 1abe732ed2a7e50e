"""Packings: rules by which weights of a kernel form groups, the units of pruning. One file a packing."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import aligned, balanced, bram, per_channel, permuted
from hls4ml_hwprune.packing.balanced import is_free
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.packing.layout.shrunk import shrunk_slots
from hls4ml_hwprune.packing.layout.slots import FEW_LEGS, is_searched, layout_work, slot_table
from hls4ml_hwprune.packing.narrow import most_bits_of, narrowed_matrix, slot_units
from hls4ml_hwprune.packing.own import block_lanes, in_own_order, own_slots
from hls4ml_hwprune.packing.paired import pair_groups
from hls4ml_hwprune.packing.permuted import order_key, order_work
from hls4ml_hwprune.records import Kernel

_PACKINGS: dict[str, Callable[[Kernel, NDArray[np.float64]], Groups]] = {
    'aligned': aligned.pack,
    'balanced': balanced.pack,
    'permuted': permuted.pack,
    'bram': bram.pack,
    # The codes of constants may change besides, in the selection; elsewhere as `aligned`.
    'snapped': aligned.pack,
}

#: Names a user may give; 'auto' leaves the choice to the knapsack.
PACKINGS: tuple[str, ...] = ('auto', *_PACKINGS)


#: Packings in which hls4ml's kernels add products in the same order.
IN_ORDER = ('aligned', 'bram', 'snapped')


def reorders(packing: str) -> bool:
    """Whether slots of a packing differ from hls4ml's own, so that a plan needs slot tables and sums change their order."""
    return packing not in IN_ORDER


def shares_blocks(kernel: Kernel, packing: str) -> bool:
    """Whether all outputs of a multiplexed kernel read the same blocks of RF inputs, one multiplexer each."""
    return not kernel.in_turn and not kernel.per_channel and (packing != 'balanced' or not balanced.is_free(kernel))


def most_lanes(kernel: Kernel, packing: str) -> int | None:
    """Count the input multiplexers of a packing's slots, at most; None where hls4ml's own kernel reads the inputs."""
    n_in, reuse_factor = kernel.n_in, kernel.reuse_factor
    if kernel.per_channel:
        # No two slots read the same inputs.
        return kernel.n_slots
    if kernel.in_turn:
        # Slots that serve whole outputs read all inputs in turn.
        return None if not reorders(packing) else 1 if reuse_factor % n_in == 0 else kernel.n_slots
    return n_in // reuse_factor if shares_blocks(kernel, packing) and n_in % reuse_factor == 0 else kernel.n_slots


def least_lanes(kernel: Kernel, packing: str, n_slots: NDArray[np.int64]) -> NDArray[np.float64]:
    """Bound from below the input multiplexers of min(RF, n_in) inputs in any layout of `n_slots` slots, any shape.

    Slots of one output read different inputs in each cycle, so that they share no multiplexer. Where multiplexers may choose
    from common ones, for RF above four, a single one is certain.
    """
    if kernel.per_channel:
        return n_slots.astype(np.float64)
    used = np.minimum(n_slots, 1).astype(np.float64)
    few = kernel.reuse_factor <= min(kernel.n_in, FEW_LEGS)
    return np.maximum(used, np.ceil(n_slots / kernel.n_out)) if few or shares_blocks(kernel, packing) else used


def pack(kernel: Kernel, packing: str, scores: NDArray[np.float64]) -> Groups:
    """Group the weights of `kernel` by one of `PACKINGS` other than 'auto'.

    Parameters
    ----------
    kernel : Kernel
    packing : str
    scores : ndarray of float, shape (n_out, n_in)
        Worth of each weight, not negative: `balanced` and `permuted` put the best weights together. Kernels of a channel
        each have one packing, whatever its name. Slots that share a multiplier are groups of two.
    """
    if kernel.per_channel:
        return per_channel.pack(kernel, scores)
    groups = _PACKINGS[packing](kernel, scores)
    return pair_groups(kernel, packing, groups, scores) if kernel.slot_bits else groups


__all__ = [
    'IN_ORDER',
    'PACKINGS',
    'Groups',
    'block_lanes',
    'in_own_order',
    'is_free',
    'is_searched',
    'layout_work',
    'least_lanes',
    'most_bits_of',
    'most_lanes',
    'narrowed_matrix',
    'order_key',
    'order_work',
    'own_slots',
    'pack',
    'reorders',
    'shares_blocks',
    'shrunk_slots',
    'slot_table',
    'slot_units',
]
