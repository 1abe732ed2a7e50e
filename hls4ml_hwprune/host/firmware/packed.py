"""Packing of a kernel's kept weights: tables and weight order of its firmware."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.base import VIVADO
from hls4ml_hwprune.host.firmware.dialects import DIALECTS, Dialect
from hls4ml_hwprune.packing import own_slots
from hls4ml_hwprune.packing.layout.multiplexers import legs
from hls4ml_hwprune.records import Kernel, SlotTable


@dataclass(frozen=True)
class PackedKernel:
    """Tables and constants of a kernel of `nnet_sparse_slots.h`.

    Attributes
    ----------
    template : str
        'resource_lanes' or 'resource_streams' where a slot serves one output, 'resource_turns' where it serves several in
        turn; 'latency' where weights are constants, and 'bias_only' where nothing is kept.
    n_kept : int
        Kept slots.
    tables : dict of str to ndarray of int
        Tables of the kernel, by name; all flat.
    firmware_index : ndarray of int, shape (n_kept * weights a slot,)
        Flat positions in the (n_out, n_in) matrix, in the order of the firmware's weight array; -1 for a zero.
    sizes : dict of str to int
        Constants of the configuration that the tables have their sizes from.
    n_legs : tuple of int
        Number of legs of each lane where lanes read streams, ascending.
    """

    template: str
    n_kept: int
    tables: dict[str, NDArray[np.int64]] = field(repr=False)
    firmware_index: NDArray[np.int64] = field(repr=False)
    sizes: dict[str, int] = field(default_factory=dict)
    n_legs: tuple[int, ...] = field(default=(), repr=False)


def pack_kernel(kernel: Kernel, kept: NDArray[np.bool_], dialect: Dialect = DIALECTS[VIVADO]) -> PackedKernel:
    """Lay out the kept slots; those of hls4ml's layout in the order in which its dense kernel adds them.

    Slots that read RF <= n_in consecutive inputs share a multiplexer with all that read the same ones.

    Parameters
    ----------
    kernel : Kernel
    kept : ndarray of bool, shape (n_out, n_in)
        Whole slots: a slot is kept if any of its weights is.
    dialect : Dialect
    """
    if kernel.slots is not None and len(kernel.slots.positions):
        return _pack_table(kernel, kernel.slots, dialect)
    if kernel.multiplexed and not kernel.in_turn and kept.any():
        return _pack_lanes(kernel, own_slots(kernel, kept), dialect.most_lanes)
    if kernel.multiplexed and kept.any():
        first = np.unique(np.flatnonzero(kept) // kernel.reuse_factor) * kernel.reuse_factor
        return _pack_turns(kernel, first[:, None] + np.arange(kernel.reuse_factor))
    # Inputs outermost, as hls4ml's Latency loops run.
    inputs, outputs = np.nonzero(kept.T)
    tables = {'out_index': outputs, 'in_index': inputs}
    return PackedKernel('latency' if inputs.size else 'bias_only', inputs.size, tables, outputs * kernel.n_in + inputs)


def _pack_table(kernel: Kernel, slots: SlotTable, dialect: Dialect) -> PackedKernel:
    """Slots that read the inputs of a lane for one output, or all inputs in turn for RF / n_in outputs."""
    if kernel.in_turn:
        return _pack_turns(kernel, slots.positions)
    most = dialect.most_lanes
    shared = dialect.common_streams and len(slots.streams) and (most is None or len(slots.lane_inputs) <= most)
    return _pack_streams(kernel, slots) if shared else _pack_lanes(kernel, slots, most)


def _pack_turns(kernel: Kernel, positions: NDArray[np.int64]) -> PackedKernel:
    """Slots that serve several outputs, one after the other, and read the inputs in their order for each."""
    positions, outputs = in_turns(kernel, positions)
    tables = {'out_index': outputs.ravel(), 'turn_of': turn_of(kernel)}
    return PackedKernel('resource_turns', len(positions), tables, positions.ravel())


def in_turns(kernel: Kernel, positions: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions (n_slots, RF) of slots with the inputs in their order in each turn, and outputs (n_slots, n_turns)."""
    turns = positions.reshape(len(positions), -1, kernel.n_in)
    order = np.argsort(turns % kernel.n_in, axis=2)
    outputs = turns.max(axis=2) // kernel.n_in
    # Where the output of a turn is gone, zeros are added to another of the slot.
    outputs = np.where(outputs < 0, outputs.max(axis=1, keepdims=True), outputs)
    return np.take_along_axis(turns, order, axis=2).reshape(positions.shape), outputs


def turn_of(kernel: Kernel) -> NDArray[np.int64]:
    """Turn of each cycle, shape (RF,)."""
    return np.arange(kernel.reuse_factor) // kernel.n_in


def outputs_of(kernel: Kernel, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Output of each slot that serves one, whatever it does in its first cycle."""
    outputs: NDArray[np.int64] = positions.max(axis=1) // kernel.n_in
    return outputs


def _pack_lanes(kernel: Kernel, slots: SlotTable, most_lanes: int | None) -> PackedKernel:
    """Slots and their lanes, in parts that have no more lanes than an array can be taken apart into."""
    tables, sizes = in_parts(slots.lane_of, slots.lane_inputs, most_lanes)
    tables = {'out_index': outputs_of(kernel, slots.positions), **tables}
    return PackedKernel('resource_lanes', len(slots.lane_of), tables, slots.positions.ravel(), sizes)


def in_parts(
    lane_of: NDArray[np.int64], lane_inputs: NDArray[np.int64], most_lanes: int | None
) -> tuple[dict[str, NDArray[np.int64]], dict[str, int]]:
    """Tables and sizes of multipliers and their lanes, in parts of at most `most_lanes` lanes.

    Parameters
    ----------
    lane_of : ndarray of int, shape (n_multipliers,)
    lane_inputs : ndarray of int, shape (n_lanes, RF)
    most_lanes : int, optional
    """
    n_kept, n_lanes = len(lane_of), len(lane_inputs)
    n_parts = 1 if most_lanes is None or n_lanes <= most_lanes else -(-n_kept // most_lanes)
    n_part_slots = -(-n_kept // n_parts)
    parts = [lane_of[first : first + n_part_slots] for first in range(0, n_kept, n_part_slots)]
    used = [np.arange(n_lanes) if n_parts == 1 else np.unique(part) for part in parts]
    most = max(len(lanes) for lanes in used)
    # Lanes that a part does not have repeat its last one, and any input will do where none is needed.
    rows = np.concatenate([lane_inputs[np.pad(lanes, (0, most - len(lanes)), mode='edge')] for lanes in used])
    numbers = np.concatenate([np.searchsorted(lanes, part) for lanes, part in zip(used, parts, strict=True)])
    tables = {'lane_of': numbers, 'lane_inputs': np.maximum(rows, 0).ravel()}
    return tables, {'n_lanes': most, 'n_parts': len(parts), 'n_part_slots': n_part_slots}


def _pack_streams(kernel: Kernel, slots: SlotTable) -> PackedKernel:
    """Slots, their lanes by the number of their legs, and the leg that each lane takes in each cycle."""
    found = [legs(row, slots.streams) for row in slots.lane_inputs]
    counts = np.array([max(len(chosen) + len(direct), 1) for chosen, direct in found])
    order = np.argsort(counts, kind='stable')
    sources: list[int] = []
    select = np.zeros(slots.lane_inputs.shape, np.int64)
    for number, lane in enumerate(order):
        (chosen, direct), row = found[lane], slots.lane_inputs[lane]
        # A lane that brings nothing reads any input.
        sources += [kernel.n_in + stream for stream in chosen] + direct or [0]
        brings = [*slots.streams[chosen], *(np.full(row.shape, source) for source in direct)]
        for leg in reversed(range(len(brings))):
            select[number] = np.where((row >= 0) & (row == brings[leg]), leg, select[number])
    tables = {
        'out_index': outputs_of(kernel, slots.positions),
        'lane_of': np.argsort(order)[slots.lane_of],
        'stream_inputs': np.maximum(slots.streams, 0).ravel(),
        'leg_source': np.array(sources, np.int64),
        'lane_leg': select.ravel(),
    }
    sizes = {'n_streams': len(slots.streams), 'n_lanes': len(order), 'n_leg_sources': len(sources)}
    return PackedKernel(
        'resource_streams', len(slots.lane_of), tables, slots.positions.ravel(), sizes, tuple(counts[order].tolist())
    )
