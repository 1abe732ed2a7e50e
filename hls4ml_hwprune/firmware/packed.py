"""From the kept weights of a kernel to the tables and the weight order of its firmware."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.multiplexers import legs
from hls4ml_hwprune.records import Kernel, SlotTable


@dataclass(frozen=True)
class PackedKernel:
    """What the sparse kernels of `nnet_dense_sparse.h` are given.

    Attributes
    ----------
    template : str
        'resource_rf_leq_nin', 'resource_rf_gt_nin', 'latency', or 'bias_only' where nothing is kept; of slots that are not
        hls4ml's own 'resource_lanes' or 'resource_streams' (a slot serves one output), and
        'resource_turns'.
    n_kept : int
        Kept slots.
    tables : dict of str to ndarray of int
        What the kernel reads, by name; all flat.
    firmware_index : ndarray of int, shape (n_kept * weights a slot,)
        Flat positions in the (n_out, n_in) matrix, in the order of the firmware's weight array; -1 for a zero.
    """

    template: str
    n_kept: int
    tables: dict[str, NDArray[np.int64]] = field(repr=False)
    firmware_index: NDArray[np.int64] = field(repr=False)


def pack_kernel(kernel: Kernel, kept: NDArray[np.bool_]) -> PackedKernel:
    """Lay out the kept slots; those of hls4ml's own in the order in which its dense kernel adds them.

    Parameters
    ----------
    kernel : Kernel
    kept : ndarray of bool, shape (n_out, n_in)
        Whole slots: a slot is kept if any of its weights is.
    """
    if kernel.slots is not None and len(kernel.slots.positions):
        return _pack_table(kernel, kernel.slots)
    size = kernel.group_reuse
    if kernel.multiplexed:
        first = np.unique(np.flatnonzero(kept) // size) * size
        template = 'resource_rf_gt_nin' if kernel.in_turn else 'resource_rf_leq_nin'
    else:
        # Inputs outermost, as hls4ml's Latency loops run.
        inputs, outputs = np.nonzero(kept.T)
        first = outputs * kernel.n_in + inputs
        template = 'latency'
    return PackedKernel(
        template=template if first.size else 'bias_only',
        n_kept=int(first.size),
        tables={'out_index': first // kernel.n_in, 'in_index': first % kernel.n_in},
        firmware_index=(first[:, None] + np.arange(size)).ravel(),
    )


def _pack_table(kernel: Kernel, slots: SlotTable) -> PackedKernel:
    """Slots that read the inputs of a lane for one output, or all inputs in turn for RF / n_in outputs."""
    positions, n_kept = slots.positions, len(slots.positions)
    if not kernel.in_turn:
        # A slot serves one output, whatever it does in its first cycle.
        outputs = positions.max(axis=1) // kernel.n_in
        # Where any input will do, it is the first.
        tables = {'out_index': outputs, 'lane_of': slots.lane_of}
        if len(slots.streams):
            return PackedKernel('resource_streams', n_kept, tables | _leg_tables(kernel, slots), positions.ravel())
        tables['lane_inputs'] = np.maximum(slots.lane_inputs, 0).ravel()
        return PackedKernel('resource_lanes', n_kept, tables, positions.ravel())
    turns = positions.reshape(n_kept, -1, kernel.n_in)
    order = np.argsort(turns % kernel.n_in, axis=2)
    in_order = np.take_along_axis(turns, order, axis=2)
    # Where the output of a turn is gone, zeros are added to any other.
    outputs = np.maximum(turns.max(axis=2).ravel() // kernel.n_in, 0)
    return PackedKernel('resource_turns', n_kept, {'out_index': outputs}, in_order.ravel())


def _leg_tables(kernel: Kernel, slots: SlotTable) -> dict[str, NDArray[np.int64]]:
    """Legs of each lane, inputs and then streams counted on from n_in, and the leg that it chooses in each cycle."""
    found = [legs(row, slots.streams) for row in slots.lane_inputs]
    n_legs = max(len(chosen) + len(direct) for chosen, direct in found)
    sources = np.zeros((len(found), n_legs), np.int64)
    select = np.zeros(slots.lane_inputs.shape, np.int64)
    for lane, (chosen, direct) in enumerate(found):
        row = slots.lane_inputs[lane]
        # Legs that a lane does not have repeat its last one.
        all_of = [kernel.n_in + stream for stream in chosen] + direct
        sources[lane] = np.pad(all_of, (0, n_legs - len(all_of)), mode='edge')
        for leg in reversed(range(len(all_of))):
            brings = slots.streams[chosen[leg]] if leg < len(chosen) else direct[leg - len(chosen)]
            select[lane] = np.where((row >= 0) & (row == brings), leg, select[lane])
    inputs = np.maximum(slots.streams, 0).ravel()
    return {'stream_inputs': inputs, 'leg_source': sources.ravel(), 'lane_leg': select.ravel()}
