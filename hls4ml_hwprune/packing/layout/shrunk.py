"""Slot table of a kernel that loses inputs and outputs: the kept weights stay in their slots and cycles."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.layout.slots import with_streams
from hls4ml_hwprune.packing.own import own_slots
from hls4ml_hwprune.records import Kernel, SlotTable


def shrunk_slots(
    kernel: Kernel, kept: NDArray[np.bool_], rows: NDArray[np.integer], columns: NDArray[np.integer]
) -> SlotTable:
    """Renumber the slots of `kernel`; empty slots are dropped.

    Slots of hls4ml's own layout that read the same inputs share a lane afterwards, which is the same hardware.

    Parameters
    ----------
    kernel : Kernel
        Kernel before the removal, its multipliers shared in time. Where its slots serve several outputs in turn, all inputs
        stay.
    kept : ndarray of bool, shape (n_out, n_in)
        Kept weights; none outside of `rows` and `columns`.
    rows, columns : ndarray of int
        Kept outputs and inputs.

    Returns
    -------
    SlotTable
        Positions refer to the smaller matrix.
    """
    old = kernel.slots if kernel.slots is not None else own_slots(kernel, kernel.kept)
    row, column = _numbers(rows, kernel.n_out), _numbers(columns, kernel.n_in)
    left = (old.positions >= 0) & np.append(kept, False)[old.positions]
    some = left.any(axis=1)
    if kernel.in_turn:
        # Such a slot reads all inputs, whichever of its weights are kept.
        left = (old.positions >= 0) & (row[old.positions // kernel.n_in] >= 0)
    moved = row[old.positions // kernel.n_in] * len(columns) + column[old.positions % kernel.n_in]
    positions = np.where(left, moved, -1)[some]
    used, lane_of = np.unique(old.lane_of[some], return_inverse=True)
    needed = np.zeros(old.lane_inputs.shape, bool)
    np.logical_or.at(needed, old.lane_of[some], left[some])
    lanes = np.where(needed & (old.lane_inputs >= 0), column[old.lane_inputs], -1)[used]
    streams = np.where(old.streams >= 0, column[old.streams], -1)
    return with_streams(positions, lanes, lane_of.ravel().astype(np.int64), streams)


def _numbers(stays: NDArray[np.integer], n: int) -> NDArray[np.int64]:
    """Return the new number of each of `n` channels; -1 for removed ones."""
    numbers = np.full(n, -1, np.int64)
    numbers[stays] = np.arange(len(stays))
    return numbers
