"""Exact solver of the knapsack: linear relaxation, rounding, exchanges, then branch and bound.

The relaxation's bound is close (at most one kernel a resource is split in it), so once a good selection is known only the
options whose reduced value is within the gap can still be part of a better one.
"""

import time
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.selection.knapsack.branching import prove
from hls4ml_hwprune.selection.knapsack.effort import OF_PROGRAM, Effort
from hls4ml_hwprune.selection.knapsack.exchange import improve
from hls4ml_hwprune.selection.knapsack.integer_program import solve_core
from hls4ml_hwprune.selection.knapsack.options import TOLERANCE, Flattened, Options, flatten, positions_of
from hls4ml_hwprune.selection.knapsack.problem import Problem, Solution, feasible_status
from hls4ml_hwprune.selection.knapsack.relaxation import Relaxation, relax
from hls4ml_hwprune.selection.knapsack.rounding import settled

#: Exact, or relaxation and exchanges alone.
Method = Literal['exact', 'fast']
# Curves of a kernel in the integer program, and steps away from the best option of each, in both directions.
_CURVES, _STEPS = 6, np.unique(np.rint(1.6 ** np.arange(18)).astype(np.int64))
# Options of a kernel in exchanges: those of the least reduced value, and the neighbours of the best known.
_NEAREST, _BESIDE = 48, np.arange(-64, 65)
# Effort of the search for any selection, where even that is hard (see `solve_core`).
_ANY = 20.0
# Options of the largest integer program.
_MOST_OPTIONS = 100_000
# A selection proven within this share of the total gain is called optimal.
_OPTIMAL = 1e-6


def solve(
    problem: Problem,
    time_limit: float | None = None,
    method: Method = 'exact',
    effort: Effort | None = None,
    start: Sequence[tuple[int, int]] | None = None,
) -> Solution:
    """Solve `problem`, exactly unless the effort runs out.

    Parameters
    ----------
    problem : Problem
    time_limit : float, optional
        Seconds after which the best selection so far is returned with its proven gap. None for a fixed effort: seconds
        at most, the same choices on every machine, and a proof of optimality but for large problems and for some whose
        curves are far from concave (constant weights under several bounds at once).
    method : {'exact', 'fast'}
        'fast' stops at the selection of the relaxation and of exchanges between kernels; its gap is proven all the same.
    effort : Effort, optional
        Effort of the plan that the problem belongs to: a proof ends once it is spent. It remembers solutions, as the rounds
        of a plan pose many problems again.
    start : sequence of (int, int), optional
        A selection to begin with, as in `Solution.choices`; one over the budget is of no use.

    Returns
    -------
    Solution
        'optimal' means proven to within a millionth of the total gain.

    Raises
    ------
    HWPruneError
        If the effort runs out before it is known whether any selection is within the budget.
    """
    if not problem.kernels:
        feasible = bool((problem.budget >= 0).all())
        return Solution([], 0.0, 0.0, 'optimal' if feasible else 'infeasible')
    if effort is None or time_limit is not None:
        return _solved(problem, time_limit, method, effort, start)
    return effort.remembered((problem.key, method), lambda: _solved(problem, None, method, effort, start))


def _solved(
    problem: Problem,
    time_limit: float | None,
    method: Method,
    effort: Effort | None,
    start: Sequence[tuple[int, int]] | None,
) -> Solution:
    deadline = None if time_limit is None else time.monotonic() + time_limit
    flat = flatten(problem)
    found = None
    if flat is not None:
        known = None if start is None else positions_of(problem, flat.options, start)
        found = _search(flat.options, flat.budget, deadline, method, effort, known)
    if flat is None or found is None:
        return Solution([], 0.0, 0.0, 'infeasible')
    return _solution(problem, flat, *found)


def promising(problem: Problem, known: float | None) -> tuple[list[tuple[int, int]], float]:
    """Find the alternatives that may be part of a selection worth more than `known`, and an upper bound on any.

    Parameters
    ----------
    problem : Problem
    known : float, optional
        Value of a selection, -inf if there is none. Default: find only the alternatives that the relaxation mixes.

    Returns
    -------
    list of (int, int)
        Kernel and number of each alternative, by rising reduced value.
    float
        The bound; -inf where no selection is within the budget.
    """
    flat = flatten(problem)
    if flat is None:
        return [], -np.inf
    root = relax(flat.options, flat.budget)
    gap = 0.0 if known is None else root.bound - (known - flat.value_offset) / flat.value_unit
    if root.bound < -TOLERANCE or (known is not None and gap <= _OPTIMAL):
        return [], root.bound * flat.value_unit + flat.value_offset
    curve = flat.options.curve_of()
    first = np.flatnonzero(np.diff(curve, prepend=-1))
    least = np.minimum.reduceat(root.reduced, first)
    rank = np.argsort(least, kind='stable')
    near = first[rank[least[rank] <= gap + TOLERANCE]]
    found = list(zip(flat.options.owner(near).tolist(), flat.options.alternative[near].tolist(), strict=True))
    return found, root.bound * flat.value_unit + flat.value_offset


def _search(
    options: Options,
    budget: NDArray[np.float64],
    deadline: float | None,
    method: Method,
    effort: Effort | None,
    known: NDArray[np.int64] | None,
) -> tuple[NDArray[np.int64], float] | None:
    """Best selection found, and the proven bound on the value of any; None if no selection is within the budget."""
    everything = options.best(options.value)
    if options.fits(budget, everything):
        return everything, float(options.value[everything].sum())
    root = relax(options, budget)
    if root.bound < -TOLERANCE:
        return None
    best = _first_selection(options, budget, root, deadline, effort, known)
    if best is None:
        return None
    best = _improved(options, budget, root, best)
    if method == 'fast' or root.bound - _worth(options, best) <= _OPTIMAL:
        return best, root.bound
    return prove(options, budget, root, best, _OPTIMAL, deadline, effort)


def _worth(options: Options, selection: NDArray[np.int64]) -> float:
    return float(options.value[selection].sum())


def _first_selection(
    options: Options,
    budget: NDArray[np.float64],
    root: Relaxation,
    deadline: float | None,
    effort: Effort | None,
    known: NDArray[np.int64] | None,
) -> NDArray[np.int64] | None:
    """Any selection within the budget: rounded, each kernel's cheapest, `known`, or found by integer program, if any."""
    candidates = (root.rounded, options.best(-options.cost.sum(axis=1)), *([] if known is None else [known]))
    simple = [selection for selection in candidates if options.fits(budget, selection)]
    simple += settled(options, budget, root)
    if simple:
        return max(simple, key=lambda selection: _worth(options, selection))
    for positions in (_ladders(options, root), np.arange(options.value.size)):
        part = options.at(positions)
        assert part is not None
        if positions.size > _MOST_OPTIONS:
            continue
        if effort is not None:
            effort.spend(OF_PROGRAM)
        chosen, bound = solve_core(part, budget, _ANY, deadline)
        if chosen.size:
            return positions[chosen]
        if bound == -np.inf and positions.size == options.value.size:
            return None
    raise HWPruneError('no selection within the budget was found in time; none is known to be impossible either')


def _improved(options: Options, budget: NDArray[np.float64], root: Relaxation, best: NDArray[np.int64]) -> NDArray[np.int64]:
    """Exchange between kernels, among the options of the least reduced value and the neighbours of `best` on its curves."""
    curve = options.curve_of()
    beside = (best[:, None] + _BESIDE).clip(0, curve.size - 1)
    near = [beside[curve[beside] == curve[best][:, None]]]
    for a, b in zip(options.starts[:-1], options.starts[1:], strict=True):
        near.append(a + np.argsort(root.reduced[a:b], kind='stable')[:_NEAREST])
    positions = np.unique(np.concatenate(near))
    part = options.at(positions)
    assert part is not None
    return positions[improve(part, budget, np.searchsorted(positions, best))]


def _ladders(options: Options, root: Relaxation) -> NDArray[np.int64]:
    """Options at growing distances from the best of each curve, on the `_CURVES` best curves of every kernel."""
    curve = options.curve_of()
    first = np.flatnonzero(np.diff(curve, prepend=-1))
    last = np.append(first[1:], curve.size) - 1
    best = np.array([a + int(root.reduced[a : b + 1].argmin()) for a, b in zip(first, last, strict=True)])
    owner, rank = options.owner(best), np.argsort(root.reduced[best], kind='stable')
    few = np.concatenate([rank[owner[rank] == kernel][:_CURVES] for kernel in range(options.n_kernels)])
    steps = np.concatenate([-_STEPS[::-1], [0], _STEPS])
    found = best[few, None] + steps
    inside = (found >= first[few, None]) & (found <= last[few, None])
    return np.unique(found[inside])


def _solution(problem: Problem, flat: Flattened, selection: NDArray[np.int64], bound: float) -> Solution:
    options = flat.options
    choices = list(zip(options.alternative[selection].tolist(), options.k[selection].tolist(), strict=True))
    objective = float(sum(kernel[a].value[k] for kernel, (a, k) in zip(problem.kernels, choices, strict=True)))
    gap = bound - float(options.value[selection].sum())
    if gap <= _OPTIMAL:
        return Solution(choices, objective, objective + max(0.0, gap) * flat.value_unit, 'optimal')
    proven = bound * flat.value_unit + flat.value_offset
    return Solution(choices, objective, proven, feasible_status(objective, proven))
