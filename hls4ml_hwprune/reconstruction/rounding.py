"""Rounding with error feedback, as in optimal brain quantisation: later weights make up for the error of each.

Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers", ICLR 2023.
"""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.reconstruction.grid import Grid, SlotGrid
from hls4ml_hwprune.reconstruction.least_squares import Affine

_DAMPING = 1e-4


def round_with_feedback(
    affine: Affine,
    kept: NDArray[np.bool_],
    inputs: NDArray[np.float64],
    grid: Grid | SlotGrid,
    bias_grid: Grid | None,
) -> Affine:
    """Move weights and biases to values that the firmware can hold, for the least error of the outputs.

    Parameters
    ----------
    affine : Affine
    kept : ndarray of bool, shape (n_out, n_in)
        Kept weights; the others are zero.
    inputs : ndarray of float, shape (n_in + 1, n_in + 1)
        Second moments of the inputs, with a one appended for the bias.
    grid : Grid or SlotGrid
    bias_grid : Grid, optional
        None if the biases must not change.

    Returns
    -------
    Affine
    """
    rounded = np.where(np.append(kept, np.ones((len(kept), 1), bool), axis=1), affine.joined, 0.0)
    size = _DAMPING * float(np.mean(np.diag(inputs))) + float(np.finfo(float).tiny)
    for number, (row, live) in enumerate(zip(rounded, kept, strict=True)):
        columns = np.flatnonzero(live)
        # Inputs of the largest second moments come first: the others then correct their errors.
        columns = columns[np.argsort(-np.diag(inputs)[columns], kind='stable')]
        if bias_grid is not None:
            columns = np.append(columns, kept.shape[1])
        if columns.size:
            own = grid.of_row(number)
            row[columns] = _round_row(row[columns], columns, inputs[np.ix_(columns, columns)], size, own, bias_grid)
    return Affine.split(rounded)


def _round_row(
    values: NDArray[np.float64],
    columns: NDArray[np.int64],
    hessian: NDArray[np.float64],
    damping: float,
    grid: Grid | SlotGrid,
    bias_grid: Grid | None,
) -> NDArray[np.float64]:
    # Upper triangular, of the Hessian in this order: the error of weight i adds up from those of the weights before it.
    backwards = slice(None, None, -1)
    damped = hessian + damping * np.eye(columns.size)
    factor = np.linalg.cholesky(damped[backwards, backwards])[backwards, backwards]
    rounded, errors = values.copy(), np.zeros(values.shape)
    for i, column in enumerate(columns):
        of_bias = bias_grid is not None and i == columns.size - 1
        wanted = values[i : i + 1] + errors[:i] @ factor[:i, i] / factor[i, i]
        chosen = bias_grid.nearest(wanted, 0) if of_bias and bias_grid is not None else grid.nearest(wanted, int(column))
        rounded[i] = chosen[0]
        errors[i] = values[i] - rounded[i]
    return rounded
