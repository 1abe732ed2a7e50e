"""`obs`, optimal brain surgeon: loss of the network without a weight, once the other weights are refitted.

Hassibi, Stork, "Second order derivatives for network pruning", NIPS 1992.
"""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance.calibrated import statistics_of
from hls4ml_hwprune.importance.elimination import eliminate_outputs
from hls4ml_hwprune.records import Kernel

# Damping of the Hessian's diagonal, as shares of its mean: for inputs that calibration data hardly excite; and at as many
# inputs as input vectors, where these are few.
_DAMPING, _FEW = 1e-3, 0.2
# Kernels beyond this many operations are scored without regard to the correlation of their inputs.
_MOST_OPERATIONS = 5e11
# Least sensitivity of outputs, as a share of the mean.
_LEAST = 1e-4
# Relative slope that breaks ties of losses.
_TIE = 1e-6


def score(kernel: Kernel) -> NDArray[np.float64]:
    """Return the increase of the loss when each weight is the next to be removed, shape (n_out, n_in).

    The best k weights of an output are the last k to be removed, and the scores of the others sum to the loss without them,
    where that is convex in k; elsewhere to its convex envelope.
    """
    statistics = statistics_of(kernel)
    weights, hessian = np.where(kernel.codes != 0, kernel.values, 0.0), statistics.second_moment
    if weights.size * float(kernel.n_in) ** 2 > _MOST_OPERATIONS:
        losses = np.square(weights) * np.diag(hessian)
    else:
        share = _DAMPING + _FEW * kernel.n_in / statistics.count
        damped = hessian + (share * np.mean(np.diag(hessian)) + np.finfo(float).tiny) * np.eye(kernel.n_in)
        losses = _losses(weights, damped)
    # Outputs that are dead on these data may be alive on others: they go first, but at a small loss.
    sensitivity = np.maximum(statistics.sensitivity, _LEAST * statistics.sensitivity.mean())
    return losses * sensitivity[:, None]


def _losses(weights: NDArray[np.float64], hessian: NDArray[np.float64]) -> NDArray[np.float64]:
    """Losses of the weights of all outputs, shape (n_out, n_in)."""
    losses = np.zeros(weights.shape)
    for row, order, loss in eliminate_outputs(weights, hessian):
        # An envelope has many ties, which keep the order of elimination.
        losses[row, order] = envelope(loss) * np.linspace(1, 1 - _TIE, order.size)
    return losses


def envelope(loss: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slopes of the convex envelope of a falling loss over the number of weights kept, steepest first, shape (n,)."""
    slopes: list[tuple[float, int]] = []
    for slope in -np.diff(loss):
        width = 1
        while slopes and slopes[-1][0] < slope:
            before, wide = slopes.pop()
            slope, width = (slope * width + before * wide) / (width + wide), width + wide
        slopes.append((float(slope), width))
    return np.repeat([slope for slope, _ in slopes], [width for _, width in slopes])
