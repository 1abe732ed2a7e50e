"""Layout of kept groups: weight, input and multiplexer of each multiplier slot in each cycle."""

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import balanced
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.packing.layout.common import search_steps, streamed
from hls4ml_hwprune.packing.layout.cycles import crude, repeated
from hls4ml_hwprune.packing.layout.multiplexers import all_legs, cost, legs, streams_of
from hls4ml_hwprune.packing.layout.placement import Kept, Placement
from hls4ml_hwprune.records import Kernel, SlotTable

# Kept weights up to which the search for shared multiplexers is thorough, and runs at all: a second or two at most.
_MOST_TRIED, _MOST_SEARCHED = 20_000, 100_000
# Operations for a kept weight of a thorough search, of a quick one, and of none.
_THOROUGH, _QUICK, _NONE = 5_000, 500, 20
# Operations of one swap of inputs between common multiplexers.
_SWAP = 5_000
#: A multiplexer of so many legs is one LUT a bit, which common multiplexers cannot save.
FEW_LEGS = 4


def slot_table(
    kernel: Kernel, packing: str, groups: Groups, kept: NDArray[np.integer], *, searched: bool = True
) -> SlotTable:
    """Lay out the slots of the `kept` groups.

    Slots stand in the order of hls4ml's layout: outputs ascending, unless a slot serves several; for constants inputs before
    outputs, as in hls4ml's Latency loops. Under `balanced` cycles are chosen so that outputs share lanes; kernels with more
    than 20,000 kept weights get a quicker search, above 100,000 none.

    Parameters
    ----------
    kernel : Kernel
    packing : str
        Name of the packing that made `groups`.
    groups : Groups
    kept : ndarray of int
        Groups to keep, in any order.
    searched : bool
        Whether to search at all.

    Returns
    -------
    SlotTable
    """
    streams = np.zeros((0, kernel.group_reuse), np.int64)
    if packing == 'balanced' and balanced.is_free(kernel):
        if kernel.slot_bits:
            return _paired_table(kernel, groups.index[kept], partial(place, streams=False) if searched else crude)
        placed = place if searched else crude
        placement = placed(_kept_inputs(kernel, groups.index[kept]), kernel.n_in, kernel.reuse_factor)
        flat = placement.outputs[:, None] * kernel.n_in + placement.inputs
        positions, streams = np.where(placement.inputs < 0, -1, flat), streams_of(placement)
    else:
        slots = groups.index[np.sort(kept)].reshape(-1, kernel.group_reuse)
        positions = slots[(slots >= 0).any(axis=1)]
        if not kernel.multiplexed:
            positions = positions[np.argsort(positions[:, 0] % kernel.n_in, kind='stable')]
    lanes, lane_of = _lanes(np.where(positions < 0, -1, positions % kernel.n_in))
    return with_streams(positions, lanes, lane_of, streams)


def _paired_table(kernel: Kernel, index: NDArray[np.int64], placed: Callable[[Kept, int, int], Placement]) -> SlotTable:
    """Lay out groups of two slots at flat positions `index` (n_groups, 2 * RF): pairs of outputs as if they were outputs."""
    both = index.reshape(len(index), 2, kernel.reuse_factor)
    outputs = np.where(both[:, :, 0] < 0, -1, both[:, :, 0] // kernel.n_in)
    pairs, pair_of = np.unique(outputs, axis=0, return_inverse=True)
    inputs = both.max(axis=1) % kernel.n_in
    kept = [np.sort(inputs[pair_of.ravel() == pair].ravel()) for pair in range(len(pairs))]
    placement = placed(kept, kernel.n_in, kernel.reuse_factor)
    of_slot = pairs[placement.outputs]
    positions = of_slot[:, :, None] * kernel.n_in + placement.inputs[:, None, :]
    there = (of_slot[:, :, None] >= 0) & (placement.inputs[:, None, :] >= 0)
    lanes, lane_of = _lanes(placement.inputs)
    stays = (of_slot >= 0).ravel()
    slots = np.where(there, positions, -1).reshape(-1, kernel.reuse_factor)[stays]
    return with_streams(slots, lanes, np.repeat(lane_of, 2)[stays], streams_of(placement))


def is_searched(n_kept: int) -> bool:
    """Whether the layout of `n_kept` weights under `balanced` takes a search."""
    return n_kept <= _MOST_SEARCHED


def layout_work(kernel: Kernel, packing: str, n_slots: int) -> int:
    """Estimated operations of the layout of `n_slots` kept slots."""
    n_kept = n_slots * kernel.group_reuse
    if packing != 'balanced' or not balanced.is_free(kernel) or not is_searched(n_kept):
        return _NONE * n_kept
    if n_kept > _MOST_TRIED:
        return _QUICK * n_kept
    swaps = search_steps(n_kept) if kernel.reuse_factor > FEW_LEGS else 0
    return _THOROUGH * n_kept + _SWAP * swaps


def with_streams(
    positions: NDArray[np.int64], lanes: NDArray[np.int64], lane_of: NDArray[np.int64], streams: NDArray[np.int64]
) -> SlotTable:
    """Complete a table by the `streams` in use and by the number of legs of each multiplexer."""
    used = sorted({stream for row in lanes for stream in legs(row, streams)[0]}) if len(streams) else []
    return SlotTable(positions, lanes, lane_of, streams[used], all_legs(lanes, streams[used]))


def place(kept: Kept, n_in: int, reuse_factor: int, *, streams: bool = True) -> Placement:
    """Choose slot and cycle of the inputs that each output keeps: the cheapest layout that the searches find.

    Lanes read common multiplexers only with `streams`.
    """
    sizes = tuple(len(inputs) for inputs in kept)
    if not is_searched(sum(sizes)):
        return crude(kept, n_in, reuse_factor)
    flat = np.concatenate([np.zeros(0, np.int64), *kept]).tobytes()
    return _searched(flat, sizes, n_in, reuse_factor, sum(sizes) <= _MOST_TRIED, streams)


@lru_cache(maxsize=256)
def _searched(flat: bytes, sizes: tuple[int, ...], n_in: int, reuse_factor: int, thorough: bool, streams: bool) -> Placement:
    """Search for a layout, with a cache: curves of the same groups at other prices ask for it again."""
    kept = np.split(np.frombuffer(flat, np.int64), np.cumsum(sizes)[:-1])
    found = [repeated(kept, n_in, reuse_factor, 48 if thorough else 8)]
    if streams and reuse_factor > FEW_LEGS and thorough:
        found.append(streamed(kept, n_in, reuse_factor))
    return min(found, key=cost)


def _kept_inputs(kernel: Kernel, index: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the inputs of each output in the groups at `index` (n_kept, RF), which serve one output each."""
    flat = np.sort(index.ravel())
    return np.split(flat % kernel.n_in, np.searchsorted(flat, np.arange(1, kernel.n_out) * kernel.n_in))


def _lanes(inputs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct rows of `inputs` in the order of their first use, and the number of each row among them.

    A row with a -1 takes a lane that brings all its inputs, if there is one.
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
