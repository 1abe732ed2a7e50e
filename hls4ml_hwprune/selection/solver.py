"""Exact solution of the knapsack.

The relaxation's bound is close (at most one option a resource is split in it), so after a good selection is known only
the options whose reduced value is within the gap can still be part of a better one. What is left, the core, is a small
integer program for OR-tools.
"""

import time

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.core import solve_core
from hls4ml_hwprune.selection.options import Options, flatten
from hls4ml_hwprune.selection.problem import Problem, Solution
from hls4ml_hwprune.selection.relaxation import relax

# Relative slack within which sums of floating-point numbers count as equal.
_TOLERANCE = 1e-9
# Options a kernel in the first, heuristic core.
_FIRST_CORE = 24


def solve(problem: Problem, time_limit: float | None = None) -> Solution:
    """Solve `problem`, exactly unless time runs out.

    Parameters
    ----------
    problem : Problem
    time_limit : float, optional
        Seconds after which the best selection so far is returned with its proven gap; None for no limit.

    Returns
    -------
    Solution
        Deterministic: the same problem gives the same choices (with no time limit, or one that is not met).
    """
    if not problem.kernels:
        feasible = bool((problem.budget >= 0).all())
        return Solution([], 0.0, 0.0, 'optimal' if feasible else 'infeasible')
    deadline = None if time_limit is None else time.monotonic() + time_limit
    options, budget = flatten(problem)
    everything = options.best(options.value)
    if _fits(options, budget, everything):
        return _solution(options, everything, float(options.value[everything].sum()))
    start = _first_selection(options, budget, deadline)
    if start is None:
        return Solution([], 0.0, 0.0, 'infeasible')
    return _search(options, budget, start, deadline)


def _search(options: Options, budget: NDArray[np.float64], start: NDArray[np.int64], deadline: float | None) -> Solution:
    relaxation = relax(options, budget, start)
    best = max((s for s in (start, relaxation.rounded) if _fits(options, budget, s)), key=lambda s: options.value[s].sum())
    # Twice at the most: a few options a kernel give a selection so good that the options within its gap are few too.
    threshold = _smallest_reduced(options, relaxation.reduced)
    while True:
        gap = relaxation.bound - options.value[best].sum()
        limit = gap + _TOLERANCE * max(1.0, abs(relaxation.bound))
        if gap <= _TOLERANCE * max(1.0, abs(relaxation.bound)):
            return _solution(options, best, float(options.value[best].sum()))
        complete = threshold >= limit
        keep = relaxation.reduced <= min(threshold, limit)
        keep[best] = True
        positions = np.flatnonzero(keep)
        chosen, core_bound = solve_core(options.subset(keep), budget, np.searchsorted(positions, best), deadline)
        best = positions[chosen]
        bound = min(relaxation.bound, max(core_bound, options.value[best].sum()) if complete else relaxation.bound)
        if complete or (deadline is not None and time.monotonic() > deadline):
            return _solution(options, best, float(bound))
        threshold = np.inf


def _smallest_reduced(options: Options, reduced: NDArray[np.float64]) -> float:
    """Threshold on the reduced value that leaves about `_FIRST_CORE` options a kernel."""
    wanted = _FIRST_CORE * options.n_kernels
    return float(np.partition(reduced, wanted)[wanted]) if reduced.size > wanted else np.inf


def _fits(options: Options, budget: NDArray[np.float64], selection: NDArray[np.int64]) -> bool:
    return bool((options.cost[selection].sum(axis=0) <= budget + _TOLERANCE).all())


def _first_selection(options: Options, budget: NDArray[np.float64], deadline: float | None) -> NDArray[np.int64] | None:
    """Any selection within the budget: each kernel's cheapest option if one is cheapest in all, else by integer program."""
    cheapest = options.best(-options.cost.sum(axis=1))
    if _fits(options, budget, cheapest):
        return cheapest
    least = np.minimum.reduceat(options.cost, options.starts[:-1], axis=0).sum(axis=0)
    if (least > budget + _TOLERANCE).any():
        return None
    chosen, _ = solve_core(options, budget, None, deadline)
    return chosen if chosen.size else None


def _solution(options: Options, selection: NDArray[np.int64], bound: float) -> Solution:
    objective = float(options.value[selection].sum())
    gap = (bound - objective) / max(abs(bound), 1e-300)
    status = 'optimal' if gap <= 10 * _TOLERANCE else f'feasible, gap {100 * gap:.3g} %'
    choices = list(zip(options.alternative[selection].tolist(), options.k[selection].tolist(), strict=True))
    return Solution(choices, objective, max(bound, objective), status)
