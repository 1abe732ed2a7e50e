"""Exact solution of the knapsack.

The relaxation's bound is close (at most one option a resource is split in it), so once a good selection is known only the
options whose reduced value is within the gap can still be part of a better one. Where few combinations of them are left
they are gone through one by one, else they are a small integer program for OR-tools.
"""

import time
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.selection.core import solve_core
from hls4ml_hwprune.selection.enumeration import best_within_gap
from hls4ml_hwprune.selection.exchange import improve
from hls4ml_hwprune.selection.options import TOLERANCE, Flattened, Options, flatten
from hls4ml_hwprune.selection.problem import Problem, Solution
from hls4ml_hwprune.selection.relaxation import relax

# Options in the first, heuristic core: of each kernel those that cost the bound least, and others all along each curve.
_NEAREST, _SPREAD = 32, 48
# Effort for the first core, for the proof, and to find any selection where even that is hard (see `solve_core`).
_GLANCE, _PROOF, _ANY = 0.2, 0.8, 20.0
# A selection proven within this share of what can be gained is called optimal.
_OPTIMAL = 1e-6
# Options of the largest core that is tried within the fixed effort.
_LARGEST_CORE = 6_000


def solve(problem: Problem, time_limit: float | None = None) -> Solution:
    """Solve `problem`, exactly unless the effort runs out.

    Parameters
    ----------
    problem : Problem
    time_limit : float, optional
        Seconds after which the best selection so far is returned with its proven gap. None for a fixed effort: seconds
        at most, the same choices on every machine, and a proof of optimality but for large problems whose curves are
        far from concave (constant weights under several bounds at once).

    Returns
    -------
    Solution
        'optimal' means proven to within a millionth of what can be gained.

    Raises
    ------
    HWPruneError
        If the effort runs out before it is known whether any selection is within the budget.
    """
    if not problem.kernels:
        feasible = bool((problem.budget >= 0).all())
        return Solution([], 0.0, 0.0, 'optimal' if feasible else 'infeasible')
    deadline = None if time_limit is None else time.monotonic() + time_limit
    flat = flatten(problem)
    start = None if flat is None else _first_selection(flat.options, flat.budget, deadline)
    if flat is None or start is None:
        return Solution([], 0.0, 0.0, 'infeasible')
    everything = flat.options.best(flat.options.value)
    if flat.options.fits(flat.budget, everything):
        selection, bound = everything, float(flat.options.value[everything].sum())
    else:
        selection, bound = _search(flat.options, flat.budget, start, deadline)
    return _solution(problem, flat, selection, bound)


def _search(
    options: Options, budget: NDArray[np.float64], start: NDArray[np.int64], deadline: float | None
) -> tuple[NDArray[np.int64], float]:
    """Best selection found, and the proven bound on any."""
    relaxation = relax(options, budget, start)
    reduced = relaxation.reduced

    def worth(selection: NDArray[np.int64]) -> float:
        return float(options.value[selection].sum())

    best = improve(options, budget, max((s for s in (start, relaxation.rounded) if options.fits(budget, s)), key=worth))
    few, all_of_them = _nearest(options, reduced) | _spread(options), np.ones(reduced.shape, dtype=bool)
    # A few options a kernel give a selection so good that few others, those within its gap, can still beat it.
    for within, effort in ((few, _GLANCE), (all_of_them, _PROOF)):
        gap = relaxation.bound - worth(best)
        if gap <= TOLERANCE:
            break
        found = best_within_gap(options, reduced, budget, gap)
        if found is not None:
            best = max((best, found), key=worth) if found.size else best
            return best, worth(best)
        keep = (reduced <= gap + TOLERANCE) & within
        keep[best] = True
        if deadline is None and keep.sum() > max(_LARGEST_CORE, few.sum()):
            break
        positions = np.flatnonzero(keep)
        hint = np.searchsorted(positions, best)
        chosen, bound = solve_core(options.subset(keep), budget, hint, effort, deadline)
        better = positions[chosen]
        if chosen.size and worth(better) > worth(best) and options.fits(budget, better):
            best = improve(options, budget, better)
        if within is all_of_them:
            return best, min(relaxation.bound, max(bound, worth(best)))
    return best, relaxation.bound


def _nearest(options: Options, reduced: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the `_NEAREST` options of each kernel that cost the bound least."""
    near = np.zeros(reduced.shape, dtype=bool)
    for a, b in pairwise(options.starts):
        near[a + np.argsort(reduced[a:b], kind='stable')[:_NEAREST]] = True
    return near


def _spread(options: Options) -> NDArray[np.bool_]:
    """Mark about `_SPREAD` options of each alternative of each kernel, the same number apart."""
    change = (np.diff(options.alternative, prepend=-1) != 0) | (np.diff(options.kernel_of(), prepend=-1) != 0)
    first = np.flatnonzero(change)
    length = np.diff(np.append(first, options.value.size))
    place = np.arange(options.value.size) - np.repeat(first, length)
    return place % np.repeat(np.maximum(1, length // _SPREAD), length) == 0


def _first_selection(options: Options, budget: NDArray[np.float64], deadline: float | None) -> NDArray[np.int64] | None:
    """Any selection within the budget: each kernel's cheapest option if one is cheapest in all, else by integer program."""
    cheapest = options.best(-options.cost.sum(axis=1))
    if options.fits(budget, cheapest):
        return cheapest
    chosen, bound = solve_core(options, budget, None, _ANY, deadline)
    if not chosen.size and bound > -np.inf:
        raise HWPruneError('no selection within the budget was found in time; none is known to be impossible either')
    return chosen if chosen.size else None


def _solution(problem: Problem, flat: Flattened, selection: NDArray[np.int64], bound: float) -> Solution:
    options = flat.options
    choices = list(zip(options.alternative[selection].tolist(), options.k[selection].tolist(), strict=True))
    objective = float(sum(kernel[a].value[k] for kernel, (a, k) in zip(problem.kernels, choices, strict=True)))
    gap = bound - float(options.value[selection].sum())
    if gap <= _OPTIMAL:
        return Solution(choices, objective, objective + max(0.0, gap) * flat.value_unit, 'optimal')
    proven = bound * flat.value_unit + flat.value_offset
    share = 100 * (proven - objective) / max(abs(proven), 1e-300)
    return Solution(choices, objective, proven, f'feasible, gap {share:.2g} %')
