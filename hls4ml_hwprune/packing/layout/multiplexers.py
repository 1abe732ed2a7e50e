"""Multiplexers in front of slots: their legs, and their cost in LUTs."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.layout.placement import Placement


@dataclass(frozen=True)
class Streamed(Placement):
    """Slots that may also read multiplexers common to all: `streams` (n_streams, RF), the input of each in each cycle."""

    streams: NDArray[np.int64] = field(repr=False)


def streams_of(placement: Placement) -> NDArray[np.int64]:
    """Return the common multiplexers of a placement, shape (n_streams, RF); most have none."""
    return placement.streams if isinstance(placement, Streamed) else np.zeros((0, placement.inputs.shape[1]), np.int64)


def legs(row: NDArray[np.int64], streams: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """Cheapest legs of a multiplexer that brings the inputs `row` (RF,), -1 for any.

    Returns
    -------
    (chosen, direct) : list of int
        Legs from common multiplexers, and legs from inputs.
    """
    alone = np.unique(row[row >= 0]).tolist()
    left, chosen = np.array(row), []
    while len(streams) and (serves := (streams == left) & (left >= 0)).any():
        chosen.append(int(serves.sum(axis=1).argmax()))
        left = np.where(serves[chosen[-1]], -1, left)
    rest = np.unique(left[left >= 0]).tolist()
    return (chosen, rest) if blocks(len(chosen) + len(rest)) < blocks(len(alone)) else ([], alone)


def all_legs(lanes: NDArray[np.int64], streams: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of legs of every multiplexer: of the lanes (n_lanes, RF), then of the common ones in use."""
    if not len(streams):
        return _distinct(lanes)
    found = [legs(row, streams) for row in lanes]
    used = sorted({stream for chosen, _ in found for stream in chosen})
    own = [len(chosen) + len(direct) for chosen, direct in found]
    common = [int(np.unique(streams[stream][streams[stream] >= 0]).size) for stream in used]
    return np.array(own + common, np.int64)


def _distinct(lanes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the different inputs of each lane; -1 is none."""
    ordered = np.sort(lanes, axis=1)
    rises = (np.diff(ordered, axis=1) != 0) & (ordered[:, 1:] >= 0)
    found: NDArray[np.int64] = rises.sum(axis=1) + (ordered[:, 0] >= 0)
    return found


def cost(placement: Placement) -> int:
    """LUTs of all multiplexers for each bit of the inputs: one for every four legs, none for one leg."""
    counts = all_legs(np.unique(placement.inputs, axis=0), streams_of(placement))
    return sum(blocks(int(count)) for count in counts)


def blocks(n_legs: int) -> int:
    """LUTs a bit of one multiplexer: a LUT6 chooses one leg of four, and up to eight of them are joined at no cost."""
    if n_legs < 2:
        return 0
    return -(-n_legs // 4) + blocks(-(-n_legs // 32))
