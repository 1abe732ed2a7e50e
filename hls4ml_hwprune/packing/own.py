"""hls4ml's own layout of slots, read through shared multiplexers: one a block of RF consecutive inputs."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.occurrences import first_places
from hls4ml_hwprune.packing import aligned, per_channel
from hls4ml_hwprune.packing.layout.slots import slot_table
from hls4ml_hwprune.records import Kernel, SlotTable


def own_slots(kernel: Kernel, kept: NDArray[np.bool_] | None = None) -> SlotTable:
    """Table of the slots of hls4ml's own layout, in its order, so that the order of additions stays.

    Parameters
    ----------
    kernel : Kernel
        Kernel whose multipliers are shared in time.
    kept : ndarray of bool, shape (n_out, n_in), optional
        Kept weights: a slot stays if any of its weights does. Default: all slots.
    """
    make = per_channel.pack if kernel.per_channel else aligned.pack
    groups = make(kernel, np.zeros((kernel.n_out, kernel.n_in)))
    stays = np.arange(len(groups.index)) if kept is None else np.unique(np.flatnonzero(kept) // kernel.group_reuse)
    return slot_table(kernel, 'aligned', groups, stays)


def block_lanes(kernel: Kernel, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the blocks of inputs, a multiplexer each, that the first k groups read; nondecreasing, shape (K + 1,).

    Parameters
    ----------
    kernel : Kernel
        Kernel with RF <= n_in.
    index : ndarray of int, shape (K, slots a group * RF)
        Flat weight positions of the groups, slot by slot, all with one order of the inputs; -1 for none.
    """
    first = index[:, :: kernel.group_reuse]
    block = np.where(first < 0, -1, first % kernel.n_in)
    new = np.zeros(block.shape, np.int64)
    new.flat[first_places(block)] = 1
    new[block < 0] = 0
    return np.concatenate([[0], np.cumsum(new.sum(axis=1))])


def in_own_order(slots: SlotTable) -> bool:
    """Whether slots are whole ones of hls4ml's layout in its order: outputs ascending, cycles by consecutive inputs."""
    positions = slots.positions
    first = positions[:, :1]
    together: NDArray[np.bool_] = positions == first + np.arange(positions.shape[1])
    return bool(together.all() and (first % positions.shape[1] == 0).all() and (np.diff(first[:, 0]) > 0).all())
