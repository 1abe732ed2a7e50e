"""Local search by exchanges: one kernel gets more of the budget and another less."""

from dataclasses import dataclass
from functools import partial
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.knapsack.options import Options

_MAX_SWEEPS = 20
# Pairs of kernels in a sweep, at most; networks of more kernels are swept in part.
_MAX_PAIRS = 400
_TOLERANCE = 1e-12
# Numbers in one vectorised search, at most.
_MOST_QUERIES = 1_000_000
# Distance of the keys of one curve from those of the next; costs and the remaining budget are within (-1, 1].
_APART = 4.0


@dataclass(frozen=True)
class _Curves:
    """All curves of a kernel, one after the other, each by rising value.

    Attributes
    ----------
    positions : ndarray of int, shape (n,)
        Options.
    value : ndarray of float, shape (n,)
        Their values.
    keys : ndarray of float, shape (n_resources, n)
        Highest cost up to each option, which rises with it; `apart` is added, so that one search looks into all curves.
    starts, ends : ndarray of int, shape (n_curves,)
    apart : ndarray of float, shape (n_curves,)
        `_APART` times the number of each curve.
    """

    positions: NDArray[np.int64]
    value: NDArray[np.float64]
    keys: NDArray[np.float64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    apart: NDArray[np.float64]

    @classmethod
    def of(cls, options: Options, kernel: int) -> '_Curves':
        span = np.arange(options.starts[kernel], options.starts[kernel + 1])
        positions = span[np.lexsort((options.value[span], options.alternative[span]))]
        starts = np.flatnonzero(np.diff(options.alternative[positions], prepend=-1))
        costs = np.split(options.cost[positions], starts[1:])
        keys = [np.maximum.accumulate(cost, axis=0) + _APART * number for number, cost in enumerate(costs)]
        ends, apart = np.append(starts[1:], len(positions)), _APART * np.arange(len(starts))
        return cls(positions, options.value[positions], np.concatenate(keys).T.copy(), starts, ends, apart)


def improve(options: Options, budget: NDArray[np.float64], selection: NDArray[np.int64]) -> NDArray[np.int64]:
    """Exchange between pairs of kernels until no exchange gains.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    selection : ndarray of int, shape (n_kernels,)
        Within the budget.

    Returns
    -------
    ndarray of int, shape (n_kernels,)
        Within the budget, and of no smaller value.
    """
    best = selection.copy()
    curves = [_Curves.of(options, kernel) for kernel in range(options.n_kernels)]
    pairs = list(permutations(range(options.n_kernels), 2))[:_MAX_PAIRS]
    turns = [partial(_give, options, budget, best, giver, taker, curves[taker]) for giver, taker in pairs]
    turns += [partial(_take, options, budget, best, kernel, curves[kernel]) for kernel in range(options.n_kernels)]
    # Number of gains so far, and at the last attempt of each turn: one that gained nothing gains nothing from the same.
    gains, tried = 0, [-1] * len(turns)
    for _ in range(_MAX_SWEEPS):
        before = gains
        for number, turn in enumerate(turns):
            if tried[number] != gains:
                tried[number] = gains
                gains += turn()
        if gains == before:
            break
    return best


def _most_valuable(curves: _Curves, left: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each row of `left` (n, n_resources) find the most valuable option that fits, and its value: -inf if none fits."""
    n_parts = max(1, len(left) * len(curves.starts) // _MOST_QUERIES)
    if n_parts == 1:
        return _most_valuable_of_few(curves, left)
    found = [_most_valuable_of_few(curves, part) for part in np.array_split(left, n_parts)]
    return np.concatenate([position for position, _ in found]), np.concatenate([value for _, value in found])


def _most_valuable_of_few(curves: _Curves, left: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    fits = np.minimum(np.maximum(left, -1.0), 1.0) + _TOLERANCE
    ends = np.broadcast_to(curves.ends, (len(left), len(curves.ends)))
    for keys, most in zip(curves.keys, fits.T, strict=True):
        ends = np.minimum(ends, np.searchsorted(keys, most[:, None] + curves.apart, side='right'))
    last = np.maximum(ends, curves.starts + 1) - 1
    value = np.where(ends > curves.starts, curves.value[last], -np.inf)
    rows, best = np.arange(len(left)), value.argmax(axis=1)
    return curves.positions[last[rows, best]], value[rows, best]


def _free(options: Options, budget: NDArray[np.float64], best: NDArray[np.int64], *kernels: int) -> NDArray[np.float64]:
    """Return the budget less the costs of all but the given kernels."""
    others = np.ones(len(best), bool)
    others[list(kernels)] = False
    free: NDArray[np.float64] = budget - options.cost[best[others]].sum(axis=0)
    return free


def _take(options: Options, budget: NDArray[np.float64], best: NDArray[np.int64], kernel: int, curves: _Curves) -> bool:
    """Let one kernel use the remaining budget."""
    (position,), (value,) = _most_valuable(curves, _free(options, budget, best, kernel)[None, :])
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
    curves: _Curves,
) -> bool:
    """Try every option of one kernel with the most valuable one that then fits of the other; change `best` if one gains."""
    gives = np.arange(options.starts[giver], options.starts[giver + 1])
    takes, value = _most_valuable(curves, _free(options, budget, best, giver, taker) - options.cost[gives])
    value = value + options.value[gives]
    top = int(np.argmax(value))
    if value[top] <= options.value[best[[giver, taker]]].sum() + _TOLERANCE:
        return False
    best[giver], best[taker] = gives[top], takes[top]
    return True
