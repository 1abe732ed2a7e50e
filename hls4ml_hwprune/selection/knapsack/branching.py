"""Branch and bound: proof that a selection is optimal, or a better one."""

import heapq
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.knapsack.effort import Effort
from hls4ml_hwprune.selection.knapsack.enumeration import best_within_gap
from hls4ml_hwprune.selection.knapsack.options import TOLERANCE, Options
from hls4ml_hwprune.selection.knapsack.relaxation import Relaxation, relax
from hls4ml_hwprune.selection.knapsack.rounding import settled

# Options priced over the whole search, at most, a few seconds; and further work of each branch.
_MOST_WORK, _WORK_OF_BRANCH = 300_000_000, 400_000
# Least price of a resource, in units of the total gain.
_LEAST_PRICE = 1e-6


@dataclass(order=True)
class _Branch:
    """Some options of every kernel, at `positions`, and the relaxation over them; the highest bound comes first."""

    order: tuple[float, int]
    positions: NDArray[np.int64] = field(compare=False)
    relaxation: Relaxation = field(compare=False)


def prove(
    options: Options,
    budget: NDArray[np.float64],
    root: Relaxation,
    best: NDArray[np.int64],
    gap: float,
    deadline: float | None,
    effort: Effort | None = None,
) -> tuple[NDArray[np.int64], float]:
    """Search all selections that may be better than `best`, in order of falling bound.

    Options whose reduced value is over the gap are dropped. The remaining combinations are enumerated where they are few;
    else the options are split in two by one kernel's cost in one resource: the pair that the relaxation mixes most.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    root : Relaxation
        Relaxation over all options.
    best : ndarray of int, shape (n_kernels,)
        A selection within the budget.
    gap : float
        Proven distance from the best possible value at which to stop.
    deadline : float, optional
        `time.monotonic()` at which to stop; None for a fixed effort.
    effort : Effort, optional
        Effort of the plan: the search ends once it is spent, and counts towards it.

    Returns
    -------
    ndarray of int, shape (n_kernels,)
        The best selection known.
    float
        Proven upper bound on the value of any selection.
    """
    branches = [_Branch((-root.bound, 0), np.arange(options.value.size), root)]
    known, number = float(options.value[best].sum()), 0
    effort = effort or Effort()
    begun = effort.spent
    while branches and -branches[0].order[0] - known > gap:
        done = effort.is_spent or effort.spent - begun > _MOST_WORK
        if done if deadline is None else time.monotonic() > deadline:
            break
        branch = heapq.heappop(branches)
        bound = -branch.order[0]
        close = branch.relaxation.reduced <= bound - known + TOLERANCE
        positions = branch.positions[close]
        part = options.at(positions)
        if part is None:
            continue
        found = best_within_gap(part, branch.relaxation.reduced[close], budget, bound - known)
        effort.spend(_WORK_OF_BRANCH)
        if found is not None:
            best, known = _better(options, best, known, positions[found])
            continue
        for half in _halves(options, positions, branch):
            child = options.at(half)
            if child is None:
                continue
            relaxation = relax(child, budget, [branch.relaxation.prices])
            effort.spend(relaxation.work + 4 * _WORK_OF_BRANCH)
            for selection in settled(child, budget, relaxation):
                best, known = _better(options, best, known, half[selection])
            if relaxation.bound > known + TOLERANCE:
                number += 1
                heapq.heappush(branches, _Branch((-min(bound, relaxation.bound), number), half, relaxation))
    return best, max(known, -branches[0].order[0]) if branches else known


def _better(
    options: Options, best: NDArray[np.int64], known: float, other: NDArray[np.int64]
) -> tuple[NDArray[np.int64], float]:
    """Return the better of two selections with its value; an empty one is none."""
    value = float(options.value[other].sum()) if other.size else -np.inf
    return (other, value) if value > known else (best, known)


def _halves(options: Options, positions: NDArray[np.int64], branch: _Branch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split where the relaxation mixes most: at the mean cost of one kernel in one resource."""
    used = branch.positions[branch.relaxation.used]
    # Resources of price zero may still be short in whole numbers.
    prices = branch.relaxation.prices + _LEAST_PRICE
    worth, owner = options.cost[used] * prices, options.owner(used)
    share = branch.relaxation.share[:, None]
    mean = np.zeros((options.n_kernels, worth.shape[1]))
    np.add.at(mean, owner, share * worth)
    spread = np.zeros(mean.shape)
    np.add.at(spread, owner, share * np.abs(worth - mean[owner]))
    kernel, resource = np.unravel_index(int(spread.argmax()), spread.shape)
    theirs = options.owner(positions) == kernel
    low = options.cost[positions, resource] * prices[resource] <= mean[kernel, resource]
    return positions[~theirs | low], positions[~theirs | ~low]
