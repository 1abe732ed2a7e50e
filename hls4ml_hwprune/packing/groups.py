"""Groups of weights, as flat positions and slots."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Groups:
    """The groups of one kernel under one packing.

    Attributes
    ----------
    index : ndarray of int, shape (n_groups, size)
        Flat positions, in the (n_out, n_in) matrix, of the weights of each group; -1 fills groups that are smaller.
    slots : ndarray of int, shape (n_groups,)
        Multiplier slots that each group takes.
    """

    index: NDArray[np.int64] = field(repr=False)
    slots: NDArray[np.int64] = field(repr=False)

    def per_weight(self, flat: NDArray) -> NDArray:
        """Gather one number a weight into the groups' shape, zero where a group is not full; shape (n_groups, size)."""
        return np.append(flat, flat.dtype.type(0))[self.index]

    def mask(self, kept: NDArray[np.integer], shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Mask of the weights in the `kept` groups, bool, of `shape` (n_out, n_in)."""
        flat = np.zeros(shape[0] * shape[1] + 1, dtype=bool)
        flat[self.index[kept]] = True
        return flat[:-1].reshape(shape)
