"""What the multiplexers in front of slots cost, of their own and common to all."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.placement import Placement


@dataclass(frozen=True)
class Streamed(Placement):
    """Slots that may also read multiplexers common to all: `streams` (n_streams, RF), their input in each cycle."""

    streams: NDArray[np.int64] = field(repr=False)


def streams_of(placement: Placement) -> NDArray[np.int64]:
    """Return the common multiplexers of a placement, shape (n_streams, RF); most have none."""
    return placement.streams if isinstance(placement, Streamed) else np.zeros((0, placement.inputs.shape[1]), np.int64)


def cost(placement: Placement) -> int:
    """LUTs of all multiplexers for each bit of the inputs: one for each four legs, none for one leg."""
    streams, rows = streams_of(placement), {tuple(row) for row in placement.inputs}
    used, total = set(), 0
    for row in rows:
        left = np.array(row)
        direct = len(set(left[left >= 0].tolist()))
        chosen = []
        while len(streams) and (serves := (streams == left) & (left >= 0)).any():
            chosen.append(int(serves.sum(axis=1).argmax()))
            left = np.where(serves[chosen[-1]], -1, left)
        streamed = len(chosen) + int((left >= 0).sum())
        if blocks(streamed) < blocks(direct):
            used |= set(chosen)
        total += min(blocks(streamed), blocks(direct))
    return total + sum(blocks(len(set(streams[stream].tolist()) - {-1})) for stream in used)


def blocks(legs: int) -> int:
    """LUTs a bit of one multiplexer: a LUT6 chooses one leg of four, and up to eight of them are joined at no cost."""
    if legs < 2:
        return 0
    return -(-legs // 4) + blocks(-(-legs // 32))
