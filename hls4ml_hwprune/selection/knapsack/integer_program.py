"""Integer program over some options (CP-SAT), where no simpler way finds a selection within the budget."""

import time
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.knapsack.options import Options

# Values and costs become whole numbers for the solver: 40 bits of the total gain, and of the remainder of each budget.
_UNITS = 2.0**40


def solve_core(
    options: Options, budget: NDArray[np.float64], effort: float, deadline: float | None
) -> tuple[NDArray[np.int64], float]:
    """Choose one option a kernel for the highest value within the budget, by OR-tools' CP-SAT.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    effort : float
        Effort at which to stop, in the solver's own deterministic measure of about a second a unit.
    deadline : float, optional
        `time.monotonic()` at which to stop instead.

    Returns
    -------
    ndarray of int, shape (n_kernels,)
        Positions of the chosen options; empty if none were found.
    float
        Proven upper bound on the value of any selection from these options: -inf if there is none, inf if unknown.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = [model.NewBoolVar('') for _ in range(options.value.size)]
    for a, b in pairwise(options.starts):
        model.AddExactlyOne(chosen[a:b])
    # Half a unit a kernel makes up for the rounding of the costs.
    limits = np.floor(budget * _UNITS + 0.5 * options.n_kernels).astype(np.int64)
    for costs, limit in zip(np.rint(options.cost.T * _UNITS).astype(np.int64), limits, strict=True):
        model.Add(cp_model.LinearExpr.WeightedSum(chosen, costs.tolist()) <= int(limit))
    model.Maximize(cp_model.LinearExpr.WeightedSum(chosen, np.rint(options.value * _UNITS).astype(np.int64).tolist()))
    solver = cp_model.CpSolver()
    # One worker and a fixed seed: the same problem gives the same selection. Knapsacks live by their linear relaxation.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.linearization_level = 2
    if deadline is None:
        solver.parameters.max_deterministic_time = effort
    else:
        solver.parameters.max_time_in_seconds = max(0.01, deadline - time.monotonic())
    status = solver.Solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        found = np.flatnonzero([solver.BooleanValue(variable) for variable in chosen])
        return found, solver.BestObjectiveBound() / _UNITS
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError(f'the knapsack is not a valid model: {model.Validate()}')
    return np.zeros(0, np.int64), -np.inf if status == cp_model.INFEASIBLE else np.inf
