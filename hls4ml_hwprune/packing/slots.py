"""From kept groups to multiplier slots: what each of them does in each cycle."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import balanced
from hls4ml_hwprune.packing.cycles import crude, repeated
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.records import Kernel, SlotTable

# Kept weights up to which common multiplexers are searched for thoroughly, and at all: a second or two at most.
_MOST_TRIED, _MOST_SEARCHED = 20_000, 100_000


def slot_table(kernel: Kernel, packing: str, groups: Groups, kept: NDArray[np.integer]) -> SlotTable:
    """Lay out the slots of the `kept` groups.

    Slots stand in the order of hls4ml's layout: outputs ascending, unless a slot serves several, and of constants inputs
    before outputs, as hls4ml's Latency loops run. Under `balanced` cycles are chosen so that outputs share lanes; kernels
    that keep more than 20,000 weights get a quicker search, those above 100,000 none.

    Parameters
    ----------
    kernel : Kernel
    packing : str
        Name of the packing that made `groups`.
    groups : Groups
    kept : ndarray of int
        Groups to keep, in any order.

    Returns
    -------
    SlotTable
    """
    if packing == 'balanced' and balanced.is_free(kernel):
        positions = _placed(kernel, groups.index[kept])
    else:
        slots = groups.index[np.sort(kept)].reshape(-1, kernel.group_reuse)
        positions = slots[(slots >= 0).any(axis=1)]
        if not kernel.multiplexed:
            positions = positions[np.argsort(positions[:, 0] % kernel.n_in, kind='stable')]
    return SlotTable(positions, *_lanes(np.where(positions < 0, -1, positions % kernel.n_in)))


def _placed(kernel: Kernel, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Choose slot and cycle of the weights at `index` (n_kept, RF), whose groups serve one output each."""
    flat = np.sort(index.ravel())
    kept = np.split(flat % kernel.n_in, np.searchsorted(flat, np.arange(1, kernel.n_out) * kernel.n_in))
    if flat.size <= _MOST_SEARCHED:
        placement = repeated(kept, kernel.n_in, kernel.reuse_factor, 48 if flat.size <= _MOST_TRIED else 8)
    else:
        placement = crude(kept, kernel.n_in, kernel.reuse_factor)
    return np.where(placement.inputs < 0, -1, placement.outputs[:, None] * kernel.n_in + placement.inputs)


def _lanes(inputs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct rows of `inputs` in the order of their first use, and which of them each row is.

    A row with a -1 takes a lane that brings what it needs, if there is one.
    """
    distinct, first, lane_of = np.unique(inputs, axis=0, return_index=True, return_inverse=True)
    rank = np.argsort(first, kind='stable')
    lanes, number = distinct[rank], np.empty(len(rank), np.int64)
    number[rank] = np.arange(len(rank))
    for lane in np.flatnonzero((lanes < 0).any(axis=1)):
        covering = np.flatnonzero(((lanes == lanes[lane]) | (lanes[lane] < 0)).all(axis=1) & (lanes >= 0).all(axis=1))
        if covering.size:
            number[number == lane] = covering[0]
    used, lane_of = np.unique(number[lane_of.ravel()], return_inverse=True)
    return lanes[used], lane_of.ravel().astype(np.int64)
