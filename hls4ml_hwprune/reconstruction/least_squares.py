"""Layer-wise reconstruction by damped least squares: kept weights and biases against the target outputs of a layer."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.reconstruction.moments import Moments


@dataclass(frozen=True)
class Affine:
    """Weights of a kernel, shape (n_out, n_in), and its biases, shape (n_out,)."""

    weights: NDArray[np.float64] = field(repr=False)
    bias: NDArray[np.float64] = field(repr=False)

    @property
    def joined(self) -> NDArray[np.float64]:
        """Weights with the biases as the last column."""
        return np.concatenate([self.weights, self.bias[:, None]], axis=1)

    @classmethod
    def split(cls, joined: NDArray[np.float64]) -> 'Affine':
        """Inverse of `joined`."""
        return cls(joined[:, :-1], joined[:, -1])


def fit(moments: Moments, start: Affine, kept: NDArray[np.bool_], damping: float, free_bias: bool = True) -> Affine:
    """Fit the kept weights and the biases.

    Parameters
    ----------
    moments : Moments
    start : Affine
        Values towards which damping draws the weights; pruned weights are zero.
    kept : ndarray of bool, shape (n_out, n_in)
    damping : float
        Weight of the squared distance to `start`, as a share of the mean square of the inputs.
    free_bias : bool
        Whether the biases may change.

    Returns
    -------
    Affine
    """
    size = damping * float(np.mean(np.diag(moments.inputs)[:-1])) + np.finfo(float).tiny
    fitted = Affine(np.where(kept, start.weights, 0.0), start.bias).joined
    # Products of the residuals with each input.
    missing = moments.cross - fitted @ moments.inputs
    for row, live in zip(range(len(kept)), kept, strict=True):
        columns = np.flatnonzero(np.append(live, free_bias))
        damped = moments.inputs[np.ix_(columns, columns)] + size * np.diag(columns < kept.shape[1])
        if columns.size:
            fitted[row, columns] += _solve(damped, missing[row, columns])
    return Affine.split(fitted)


def _solve(matrix: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for the weights of live inputs: inputs that are always zero keep their weights."""
    live = np.diag(matrix) > 0
    found = np.zeros(right.shape)
    try:
        found[live] = np.linalg.solve(matrix[np.ix_(live, live)], right[live])
    except np.linalg.LinAlgError:
        found = np.linalg.lstsq(matrix, right, rcond=None)[0]
    return found


def squared_error(moments: Moments, affine: Affine) -> NDArray[np.float64]:
    """Mean squared error of each output, shape (n_out,)."""
    joined = affine.joined
    explained = np.einsum('oi,oi->o', joined @ moments.inputs - 2 * moments.cross, joined)
    return np.maximum(moments.power + explained, 0.0) / moments.count
