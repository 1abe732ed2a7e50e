"""The linear relaxation: prices of the resources and an upper bound on any selection's value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.options import Options

_MAX_ROUNDS = 500
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Relaxation:
    """Result of the relaxation.

    Attributes
    ----------
    bound : float
        Upper bound on the value of any selection.
    reduced : ndarray, shape (n_options,)
        How much the bound falls if an option is chosen, never below zero.
    rounded : ndarray of int, shape (n_kernels,)
        The relaxation's solution with every split option replaced by its cheaper half: close to the best selection.
    """

    bound: float
    reduced: NDArray[np.float64]
    rounded: NDArray[np.int64]


def relax(options: Options, budget: NDArray[np.float64], start: NDArray[np.int64]) -> Relaxation:
    """Solve the relaxation by column generation: only options that some prices make best enter the linear program.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    start : ndarray of int, shape (n_kernels,)
        Options of a selection within the budget, so that the first program has a solution.

    Returns
    -------
    Relaxation
        Of the best prices met, by Lagrangian duality: any prices give a valid bound, these the lowest.
    """
    columns: set[int] = set(start.tolist()) | set(options.best(options.value).tolist())
    best_bound, best_prices, rounded = np.inf, np.zeros(len(budget)), start
    for _ in range(_MAX_ROUNDS):
        program_value, prices, used = _solve_master(options, budget, np.array(sorted(columns)))
        rounded = _round_down(options, used)
        score = options.value - options.cost @ prices
        entering = options.best(score)
        bound = float(score[entering].sum() + prices @ budget)
        if bound < best_bound:
            best_bound, best_prices = bound, prices
        fresh = set(entering.tolist()) - columns
        if not fresh or best_bound - program_value <= _TOLERANCE:
            break
        columns |= fresh
    score = options.value - options.cost @ best_prices
    top = score[options.best(score)]
    return Relaxation(best_bound, np.repeat(top, np.diff(options.starts)) - score, rounded)


def _round_down(options: Options, used: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pick the cheapest of the used options of each kernel."""
    kernel, cost = options.kernel_of()[used], options.cost[used].sum(axis=1)
    order = np.lexsort((cost, kernel))
    _, first = np.unique(kernel[order], return_index=True)
    return used[order][first]


def _solve_master(
    options: Options, budget: NDArray[np.float64], picked: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64], NDArray[np.int64]]:
    """Linear program over some options: its value, the resources' shadow prices, and the options that it uses."""
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver('GLOP')
    kernel = options.kernel_of()[picked]
    share = [solver.NumVar(0.0, solver.infinity(), '') for _ in picked]
    one = [solver.Constraint(1.0, 1.0) for _ in range(options.n_kernels)]
    limits = [solver.Constraint(-solver.infinity(), float(b)) for b in budget]
    objective = solver.Objective()
    objective.SetMaximization()
    for variable, owner, value, costs in zip(share, kernel, options.value[picked], options.cost[picked], strict=True):
        one[owner].SetCoefficient(variable, 1.0)
        objective.SetCoefficient(variable, float(value))
        for limit, cost in zip(limits, costs, strict=True):
            limit.SetCoefficient(variable, float(cost))
    solver.Solve()
    prices = np.array([max(0.0, limit.dual_value()) for limit in limits])
    used = picked[[variable.solution_value() > _TOLERANCE for variable in share]]
    return objective.Value(), prices, used
