"""Where the weights that `balanced` keeps are used, and what the multiplexers in front of the slots then cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Kept = Sequence[NDArray[np.int64]]


@dataclass(frozen=True)
class Placement:
    """Input of each slot in each cycle (-1 for none), output of each slot, and multiplexers common to all slots."""

    inputs: NDArray[np.int64] = field(repr=False)
    outputs: NDArray[np.int64] = field(repr=False)
    streams: NDArray[np.int64] = field(repr=False)


def cost(placement: Placement) -> int:
    """LUTs of all multiplexers for each bit of the inputs: one for each four legs, none for one leg."""
    streams, rows = placement.streams, {tuple(row) for row in placement.inputs}
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
