"""Grid of values that the firmware can hold."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Grid:
    """Multiples of a unit within bounds; each input of a kernel may have its own selection of them.

    Attributes
    ----------
    unit : float
        Distance of two neighbours.
    low, high : int
        Least and largest multiple.
    codes : tuple of ndarray of int, optional
        Multiples allowed for the weights of each input, ascending; None for all.
    """

    unit: float
    low: int
    high: int
    codes: tuple[NDArray[np.int64], ...] | None = field(default=None, repr=False)

    def nearest(self, values: NDArray[np.float64], column: int) -> NDArray[np.float64]:
        """Nearest values of the grid for weights of one input, any shape."""
        scaled = np.clip(values / self.unit, self.low, self.high)
        if self.codes is None:
            return np.rint(scaled) * self.unit
        known = self.codes[column]
        above = np.clip(np.searchsorted(known, scaled), 1, known.size - 1) if known.size > 1 else np.zeros(scaled.shape, int)
        below = np.maximum(above - 1, 0)
        chosen = np.where(scaled - known[below] <= known[above] - scaled, known[below], known[above])
        return chosen * self.unit

    def project(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Nearest values of the grid to all weights, shape (n_out, n_in)."""
        if self.codes is None:
            return np.rint(np.clip(weights / self.unit, self.low, self.high)) * self.unit
        return np.stack([self.nearest(weights[:, column], column) for column in range(weights.shape[1])], axis=1)
