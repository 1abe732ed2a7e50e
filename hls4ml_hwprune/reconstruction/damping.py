"""Choice of the damping of least squares by the error on held-out data."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.reconstruction.least_squares import Affine, fit, squared_error
from hls4ml_hwprune.reconstruction.moments import Moments

_DAMPINGS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


def best_fit(fitted: Moments, held_out: Moments, start: Affine, kept: NDArray[np.bool_], free_bias: bool = True) -> Affine:
    """Fit to `fitted` with several dampings, and to all data with the damping of the least error on `held_out`.

    Outputs for which no fit is better on `held_out` than `start` stay as they are.

    Other parameters, and the result, are as in `least_squares.fit`.
    """
    before = Affine(np.where(kept, start.weights, 0.0), start.bias)
    errors = [squared_error(held_out, fit(fitted, start, kept, damping, free_bias)) for damping in _DAMPINGS]
    best = int(np.argmin([error.sum() for error in errors]))
    found = fit(fitted + held_out, start, kept, _DAMPINGS[best], free_bias)
    better = errors[best] < squared_error(held_out, before)
    return Affine.split(np.where(better[:, None], found.joined, before.joined))
