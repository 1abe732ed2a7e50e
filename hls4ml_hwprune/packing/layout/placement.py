"""Placement of kept weights: slot and cycle of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: Inputs that each output keeps, one array an output.
Kept = Sequence[NDArray[np.int64]]


@dataclass(frozen=True)
class Placement:
    """Slots that serve one output each.

    Attributes
    ----------
    inputs : ndarray of int, shape (n_slots, RF)
        Input of each slot in each cycle; -1 for none.
    outputs : ndarray of int, shape (n_slots,)
        Output of each slot, ascending.
    """

    inputs: NDArray[np.int64] = field(repr=False)
    outputs: NDArray[np.int64] = field(repr=False)


def in_order(kept: Kept, reuse_factor: int) -> Placement:
    """Fill the slots of each output with its inputs in the order given."""
    slots = np.array([-(-len(inputs) // reuse_factor) for inputs in kept], np.int64)
    table = np.full((int(slots.sum()), reuse_factor), -1, np.int64)
    first = np.cumsum(slots) - slots
    for start, inputs in zip(first, kept, strict=True):
        table.reshape(-1)[start * reuse_factor : start * reuse_factor + len(inputs)] = inputs
    return Placement(table, np.repeat(np.arange(len(kept)), slots))
