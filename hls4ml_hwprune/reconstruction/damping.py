"""Choice of the damping of least squares by the error on held-out data."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.reconstruction.least_squares import Affine, fit, squared_error
from hls4ml_hwprune.reconstruction.moments import Moments

_DAMPINGS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
# Outputs that the damping is chosen by, at most.
_MOST_TRIED = 16


def best_fit(fitted: Moments, held_out: Moments, start: Affine, kept: NDArray[np.bool_], free_bias: bool = True) -> Affine:
    """Fit to `fitted` with several dampings, and to all data with the damping of the least error on `held_out`.

    Outputs for which no fit is better on `held_out` than `start` stay as they are.

    Other parameters, and the result, are as in `least_squares.fit`.
    """
    before = Affine(np.where(kept, start.weights, 0.0), start.bias)
    some = np.unique(np.linspace(0, len(kept) - 1, min(len(kept), _MOST_TRIED)).astype(int))
    few, few_held_out = fitted.of_outputs(some), held_out.of_outputs(some)
    few_start = Affine(start.weights[some], start.bias[some])
    errors = [
        squared_error(few_held_out, fit(few, few_start, kept[some], damping, free_bias)).sum() for damping in _DAMPINGS
    ]
    damping = _DAMPINGS[int(np.argmin(errors))]
    found = fit(fitted + held_out, start, kept, damping, free_bias)
    better = squared_error(held_out, fit(fitted, start, kept, damping, free_bias)) < squared_error(held_out, before)
    return Affine.split(np.where(better[:, None], found.joined, before.joined))
