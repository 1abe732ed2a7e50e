"""Paired slots in the firmware: tables and words of kernels in which two slots share a multiplier."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.firmware.packed import PackedKernel, in_parts, in_turns, outputs_of, turn_of
from hls4ml_hwprune.packing.narrow import in_slots, shifts, words
from hls4ml_hwprune.records import Kernel


def pack_pairs(kernel: Kernel, most_lanes: int | None) -> PackedKernel:
    """Lay out the kept slots of a kernel, two that read the same inputs together.

    Slots of a lane stay in their order, so that sums of products do, and the last of an odd number is alone: output `n_out`
    stands for the slot that it lacks.

    Parameters
    ----------
    kernel : Kernel
        With `slot_bits` and a table of slots.
    most_lanes : int, optional
        Multiplexers in one array, at most.
    """
    slots = kernel.slots
    assert slots is not None  # paired slots have a table
    lane_of = 0 * slots.lane_of if kernel.in_turn else slots.lane_of
    of_lane = [np.flatnonzero(lane_of == lane) for lane in np.unique(lane_of)]
    order = np.concatenate([np.append(found, -1) if found.size % 2 else found for found in of_lane])
    alone = order < 0
    positions = np.where(alone[:, None], -1, slots.positions[order])
    lanes = lane_of[order[::2]]
    if kernel.in_turn:
        positions, outputs = in_turns(kernel, positions)
        sizes: dict[str, int] = {}
        tables = {'turn_of': turn_of(kernel)}
    else:
        outputs = outputs_of(kernel, positions)[:, None]
        tables, sizes = in_parts(lanes, slots.lane_inputs, most_lanes)
    outputs[alone] = kernel.n_out
    codes = in_slots(kernel.codes, positions)
    tables = {'out_index': outputs.ravel(), **tables, 'shift': shifts(codes, kernel.slot_bits)}
    template = 'resource_turn_pairs' if kernel.in_turn else 'resource_lane_pairs'
    return PackedKernel(
        template,
        len(lanes),
        tables,
        positions.ravel(),
        sizes | {'slot_bits': kernel.slot_bits, 'operand_bits': kernel.operand_bits},
    )


def pair_words(codes: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Words of the memory of codes (n_multipliers, 2, RF), shape (n_multipliers, RF)."""
    of_slots = codes.reshape(-1, codes.shape[-1])
    units = 2 ** shifts(of_slots, bits)
    return words((of_slots // units[:, None]).reshape(codes.shape), bits)
