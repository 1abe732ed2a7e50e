"""`obs`, optimal brain surgeon: loss of the network without a weight, once the other weights are refitted.

Hassibi, Stork, "Second order derivatives for network pruning", NIPS 1992; output by output as in Frantar, Alistarh, "Optimal
Brain Compression", NeurIPS 2022: all outputs have the same inputs, and so the same Hessian.
"""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance.calibrated import statistics_of
from hls4ml_hwprune.records import Kernel

# Damping of the Hessian's diagonal, as shares of its mean: for inputs that calibration data hardly excite; and at as many
# inputs as input vectors, where these are few.
_DAMPING, _FEW = 1e-3, 0.2
# Weights of an output go one by one up to this number of inputs, above it in as many steps.
_STEPS = 128
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
        whole = np.linalg.inv(damped)
        losses = np.array([_row_losses(row, damped, whole) for row in weights])
    # Outputs that are dead on these data may be alive on others: they go first, but at a small loss.
    sensitivity = np.maximum(statistics.sensitivity, _LEAST * statistics.sensitivity.mean())
    return losses * sensitivity[:, None]


def _row_losses(weights: NDArray[np.float64], hessian: NDArray[np.float64], inverse: NDArray[np.float64]) -> NDArray:
    """Losses of the weights of one output, shape (n_in,); `inverse` is the inverse of the whole Hessian."""
    live = np.flatnonzero(weights)
    losses = np.zeros(weights.shape)
    if live.size:
        within = inverse if live.size == weights.size else np.linalg.inv(hessian[np.ix_(live, live)])
        order, loss = eliminate(weights[live], within, -(-live.size // _STEPS))
        # An envelope has many ties, which keep the order of elimination.
        losses[live[order]] = envelope(loss) * np.linspace(1, 1 - _TIE, live.size)
    return losses


def eliminate(
    weights: NDArray[np.float64], inverse: NDArray[np.float64], together: int = 1
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Eliminate weights greedily, the one of the least loss first.

    Parameters
    ----------
    weights : ndarray of float, shape (n,)
    inverse : ndarray of float, shape (n, n)
        Inverse of the Hessian.
    together : int
        Weights dropped at a time.

    Returns
    -------
    order : ndarray of int, shape (n,)
        Weights in reverse order of elimination.
    loss : ndarray of float, shape (n + 1,)
        Sum of squared errors, weighted by the Hessian, with the first k of `order` kept and refitted.
    """
    n = weights.size
    left, order, loss = np.arange(n), np.empty(n, np.int64), np.zeros(n + 1)
    for end in range(n, 0, -together):
        start = max(0, end - together)
        costs = np.square(weights) / np.diag(inverse)
        cheapest = np.argsort(costs, kind='stable')[: end - start]
        kept = np.setdiff1d(np.arange(end), cheapest, assume_unique=True)
        coupling = inverse[np.ix_(kept, cheapest)] @ np.linalg.inv(inverse[np.ix_(cheapest, cheapest)])
        gone = weights[cheapest]
        lost = gone @ np.linalg.solve(inverse[np.ix_(cheapest, cheapest)], gone)
        # Weights dropped together share their loss in proportion to the cost of each alone.
        shares = np.cumsum(costs[cheapest]) / max(float(costs[cheapest].sum()), np.finfo(float).tiny)
        loss[start:end] = loss[end] + (lost * shares)[::-1]
        order[start:end] = left[cheapest[::-1]]
        weights = weights[kept] - coupling @ gone
        inverse = inverse[np.ix_(kept, kept)] - coupling @ inverse[np.ix_(cheapest, kept)]
        left = left[kept]
    return order, loss


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
