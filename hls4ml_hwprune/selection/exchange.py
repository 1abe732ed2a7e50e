"""Improve a selection by giving one kernel more of the budget and another less."""

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.options import Options

_MAX_SWEEPS = 20
# Pairs of kernels a sweep looks at; networks of more kernels are swept in part.
_MAX_PAIRS = 400
_TOLERANCE = 1e-12
_CurvesT = list[tuple[NDArray[np.int64], NDArray[np.float64]]]


def improve(options: Options, budget: NDArray[np.float64], selection: NDArray[np.int64]) -> NDArray[np.int64]:
    """Exchange between pairs of kernels until none gains.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    selection : ndarray of int, shape (n_kernels,)
        Within the budget.

    Returns
    -------
    ndarray of int, shape (n_kernels,)
        Within the budget, and worth as much or more.
    """
    best = selection.copy()
    curves = [_curves(options, kernel) for kernel in range(options.n_kernels)]
    pairs = list(permutations(range(options.n_kernels), 2))[:_MAX_PAIRS]
    for _ in range(_MAX_SWEEPS):
        gained = [_give(options, budget, best, giver, taker, curves[taker]) for giver, taker in pairs]
        gained += [_take(options, budget, best, kernel, curves[kernel]) for kernel in range(options.n_kernels)]
        if not any(gained):
            break
    return best


def _curves(options: Options, kernel: int) -> _CurvesT:
    """For each alternative of a kernel: options by rising value, and the highest cost up to each, which rises with it."""
    span = np.arange(options.starts[kernel], options.starts[kernel + 1])
    found = []
    for alternative in np.unique(options.alternative[span]):
        positions = span[options.alternative[span] == alternative]
        positions = positions[np.argsort(options.value[positions], kind='stable')]
        found.append((positions, np.maximum.accumulate(options.cost[positions], axis=0)))
    return found


def _most_valuable(
    options: Options, curves: _CurvesT, left: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each row of `left` (n, n_resources) find the option worth most that fits, and its value: -inf if none does."""
    position, value = np.zeros(len(left), np.int64), np.full(len(left), -np.inf)
    for positions, envelope in curves:
        reach = np.full(len(left), positions.size)
        for resource in range(left.shape[1]):
            reach = np.minimum(reach, np.searchsorted(envelope[:, resource], left[:, resource] + _TOLERANCE, side='right'))
        last = positions[np.maximum(reach, 1) - 1]
        better = (reach > 0) & (options.value[last] > value)
        position[better], value[better] = last[better], options.value[last][better]
    return position, value


def _free(options: Options, budget: NDArray[np.float64], best: NDArray[np.int64], *kernels: int) -> NDArray[np.float64]:
    """Return what is left of the budget without the given kernels."""
    return budget - options.cost[np.delete(best, kernels)].sum(axis=0)


def _take(options: Options, budget: NDArray[np.float64], best: NDArray[np.int64], kernel: int, curves: _CurvesT) -> bool:
    """Let one kernel use what is left."""
    (position,), (value,) = _most_valuable(options, curves, _free(options, budget, best, kernel)[None, :])
    if value <= options.value[best[kernel]] + _TOLERANCE:
        return False
    best[kernel] = position
    return True


def _give(
    options: Options,
    budget: NDArray[np.float64],
    best: NDArray[np.int64],
    giver: int,
    taker: int,
    curves: _CurvesT,
) -> bool:
    """Try every option of one kernel with the most valuable one that then fits of the other; change `best` if one gains."""
    gives = np.arange(options.starts[giver], options.starts[giver + 1])
    takes, value = _most_valuable(options, curves, _free(options, budget, best, giver, taker) - options.cost[gives])
    value = value + options.value[gives]
    top = int(np.argmax(value))
    if value[top] <= options.value[best[[giver, taker]]].sum() + _TOLERANCE:
        return False
    best[giver], best[taker] = gives[top], takes[top]
    return True
