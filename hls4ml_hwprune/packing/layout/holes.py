"""Holes of a layout: slots that get no input from the common multiplexers, updated where a swap of inputs changes them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

# Cost of a hole beside the slots that the holes take.
_OF_A_HOLE = 0.1
# Holes of a slot that spare inputs fill.
_FILLED = 4


@dataclass
class Holes:
    """Holes of each output in each cycle, with their sum and their highest number over the cycles.

    A swap of two inputs changes two cycles alone. So the highest number is known from these two, and from whether another
    cycle has it too: a change is by one at most.

    Attributes
    ----------
    room : ndarray of int, shape (RF, n_out)
        Slots of an output less its inputs in a cycle; negative where there are more inputs.
    """

    room: NDArray[np.int32]
    holes: NDArray[np.int32] = field(init=False, repr=False)
    total: NDArray[np.int32] = field(init=False, repr=False)
    most: NDArray[np.int32] = field(init=False, repr=False)
    often: NDArray[np.int32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.holes = np.maximum(self.room, 0)
        self.total, self.most = self.holes.sum(axis=0, dtype=np.int32), self.holes.max(axis=0)
        self.often = (self.holes == self.most).sum(axis=0, dtype=np.int32)

    def cost(self) -> float:
        """Cost of the layout: slots that the holes of each output take, and a little for each hole."""
        return float(_cost(self.most, self.total))

    def costs(self, change: NDArray[np.int32], here: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.float64]:
        """Cost of the layout after each of some swaps.

        Parameters
        ----------
        change : ndarray of int, shape (n, n_out)
            Change of the room in the cycle `here`, whose negative is that in the cycle `there`.
        here, there : ndarray of int, shape (n,)
            Different cycles; costs of equal ones mean nothing.
        """
        return _cost(*self._after(change, here, there)[2:])

    def swap(self, change: NDArray[np.int32], here: int, there: int) -> None:
        """Carry out a swap; parameters as those of one row of `costs`."""
        cycles = np.array([here]), np.array([there])
        new_here, new_there, most, total = (rows[0] for rows in self._after(change[None], *cycles))
        self.room[here] += change
        self.room[there] -= change
        self.holes[here], self.holes[there], self.total = new_here, new_there, total
        moved = np.flatnonzero(change)
        self.most[moved] = most[moved]
        self.often[moved] = (self.holes[:, moved] == most[moved]).sum(axis=0)

    def _after(
        self, change: NDArray[np.int32], here: NDArray[np.int64], there: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], ...]:
        """Holes in both cycles, highest number and sum of the holes after each of some swaps, shape (n, n_out) each."""
        old_here, old_there = self.holes[here], self.holes[there]
        new_here, new_there = self.room[here], self.room[there]
        new_here += change
        new_there -= change
        np.maximum(new_here, 0, out=new_here)
        np.maximum(new_there, 0, out=new_there)
        total = self.total + new_here
        total += new_there
        total -= old_here
        total -= old_there
        elsewhere = self.often > (old_here == self.most).view(np.int8) + (old_there == self.most).view(np.int8)
        most = np.maximum(new_here, new_there)
        np.maximum(most, elsewhere * self.most, out=most)
        return new_here, new_there, most, total


def _cost(most: NDArray[np.int32], total: NDArray[np.int32]) -> NDArray[np.float64]:
    """Cost by the highest number and the sum of the holes of each output, along the last axis."""
    slots = np.maximum(most, (total + (_FILLED - 1)) // _FILLED).sum(axis=-1)
    found: NDArray[np.float64] = slots + _OF_A_HOLE * total.sum(axis=-1)
    return found
