"""Grid of values that the firmware can hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

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
        if self._known is None:
            return np.rint(scaled) * self.unit
        return self._known.nearest(scaled, np.array(column)) * self.unit

    def of_row(self, row: int) -> 'Grid':
        """Grid of the weights of one output: all outputs have the same."""
        return self

    def project(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Nearest values of the grid to all weights, shape (n_out, n_in)."""
        scaled = np.clip(weights / self.unit, self.low, self.high)
        if self._known is None:
            return np.rint(scaled) * self.unit
        return self._known.nearest(scaled, np.arange(weights.shape[1])) * self.unit

    @cached_property
    def _known(self) -> '_Known | None':
        # Codes and scaled weights are within the bounds.
        return None if self.codes is None else _Known.of(self.codes, 4.0 * max(-self.low, self.high, 1))


@dataclass(frozen=True)
class _Known:
    """Codes of all inputs, one after the other, so that one search finds the neighbours of all weights.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
    keys : ndarray of float, shape (n,)
        The same, rising from one input to the next.
    first, last : ndarray of int, shape (n_in,)
        Places of the least and largest code of each input.
    apart : float
        Distance of the keys of one input from those of the next.
    """

    codes: NDArray[np.int64]
    keys: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    apart: float

    @classmethod
    def of(cls, codes: Sequence[NDArray[np.int64]], apart: float) -> '_Known':
        sizes, flat = [one.size for one in codes], np.concatenate(codes)
        ends = np.cumsum(sizes)
        return cls(flat, flat + apart * np.repeat(np.arange(len(codes)), sizes), ends - sizes, ends - 1, apart)

    def nearest(self, scaled: NDArray[np.float64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Nearest code to each of `scaled`, whose last axis the inputs `columns` are; the lower one of two."""
        above = np.searchsorted(self.keys, scaled + self.apart * columns)
        above = np.clip(above, np.minimum(self.first[columns] + 1, self.last[columns]), self.last[columns])
        below = np.maximum(above - 1, self.first[columns])
        low, high = self.codes[below], self.codes[above]
        return np.where(scaled - low <= high - scaled, low, high)


@dataclass(frozen=True)
class SlotGrid:
    """Multiples, within bounds, of a unit that each weight has of its own.

    Attributes
    ----------
    units : ndarray of float, shape (n_out, n_in)
        Distance of two neighbours.
    low, high : int
        Least and largest multiple.
    """

    units: NDArray[np.float64] = field(repr=False)
    low: int
    high: int

    def nearest(self, values: NDArray[np.float64], column: int) -> NDArray[np.float64]:
        """Nearest values of the grid of one output for its weights of one input, any shape."""
        unit = self.units[0, column]
        return np.rint(np.clip(values / unit, self.low, self.high)) * unit

    def of_row(self, row: int) -> 'SlotGrid':
        """Grid of the weights of one output."""
        return SlotGrid(self.units[row : row + 1], self.low, self.high)

    def project(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Nearest values of the grid to all weights, shape (n_out, n_in)."""
        return np.rint(np.clip(weights / self.units, self.low, self.high)) * self.units
