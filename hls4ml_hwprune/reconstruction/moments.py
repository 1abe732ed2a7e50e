"""Second moments of inputs and targets of a least-squares problem, summed over chunks of data."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Moments:
    """Sums over input vectors, each with a one appended for the bias.

    Attributes
    ----------
    count : int
        Number of input vectors.
    inputs : ndarray of float, shape (n_in + 1, n_in + 1)
        Sums of products of two inputs.
    cross : ndarray of float, shape (n_out, n_in + 1)
        Sums of products of a target and an input.
    power : ndarray of float, shape (n_out,)
        Sums of squared targets.
    """

    count: int
    inputs: NDArray[np.float64] = field(repr=False)
    cross: NDArray[np.float64] = field(repr=False)
    power: NDArray[np.float64] = field(repr=False)

    @classmethod
    def of(cls, inputs: NDArray[np.float64], targets: NDArray[np.float64]) -> 'Moments':
        """Sum over input vectors, shape (n, n_in), and target outputs, shape (n, n_out)."""
        with_one = np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)
        return cls(len(inputs), with_one.T @ with_one, targets.T @ with_one, np.square(targets).sum(axis=0))

    def of_outputs(self, outputs: NDArray[np.int64]) -> 'Moments':
        """Moments of some of the targets."""
        return Moments(self.count, self.inputs, self.cross[outputs], self.power[outputs])

    def __add__(self, other: 'Moments') -> 'Moments':
        return Moments(
            self.count + other.count, self.inputs + other.inputs, self.cross + other.cross, self.power + other.power
        )
