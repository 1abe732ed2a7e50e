"""The integer program over the options that can still be part of an optimal selection."""

import time

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.options import Options

# Branch-and-bound nodes after which the best selection so far is taken, with its gap: the same on every machine.
_MAX_NODES = 20_000
_PARAMETERS = f'numerics/feastol = 1e-9\nlimits/totalnodes = {_MAX_NODES}\nrandomization/randomseedshift = 0\n'


def solve_core(
    options: Options, budget: NDArray[np.float64], hint: NDArray[np.int64] | None, deadline: float | None
) -> tuple[NDArray[np.int64], float]:
    """Choose one option a kernel for the highest value within the budget, by OR-tools' SCIP.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    hint : ndarray of int, shape (n_kernels,), optional
        A selection within the budget to start from.
    deadline : float, optional
        `time.monotonic()` at which to stop; None to stop after a fixed number of nodes.

    Returns
    -------
    ndarray of int, shape (n_kernels,)
        Positions of the chosen options; empty if none were found within the budget and the effort.
    float
        Proven upper bound on the value of any selection from these options: -inf if there is none.
    """
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver('SCIP')
    solver.SetSolverSpecificParametersAsString(_PARAMETERS)
    if deadline is not None:
        solver.SetTimeLimit(max(1, int(1000 * (deadline - time.monotonic()))))
    chosen = [solver.BoolVar('') for _ in range(options.value.size)]
    objective = solver.Objective()
    objective.SetMaximization()
    for variable, value in zip(chosen, options.value.tolist(), strict=True):
        objective.SetCoefficient(variable, value)
    for a, b in zip(options.starts[:-1], options.starts[1:], strict=True):
        one = solver.Constraint(1, 1)
        for variable in chosen[a:b]:
            one.SetCoefficient(variable, 1)
    for costs, limit in zip(options.cost.T.tolist(), budget.tolist(), strict=True):
        row = solver.Constraint(-solver.infinity(), limit)
        for variable, cost in zip(chosen, costs, strict=True):
            row.SetCoefficient(variable, cost)
    if hint is not None:
        picked = set(hint.tolist())
        solver.SetHint(chosen, [float(position in picked) for position in range(len(chosen))])
    parameters = pywraplp.MPSolverParameters()
    parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, 0.0)
    status = solver.Solve(parameters)
    if status == solver.INFEASIBLE:
        return np.zeros(0, np.int64), -np.inf
    found = np.flatnonzero([variable.solution_value() > 0.5 for variable in chosen])
    complete = status in (solver.OPTIMAL, solver.FEASIBLE) and found.size == options.n_kernels
    bound = objective.BestBound() if complete else np.inf
    return (found if complete else np.zeros(0, np.int64)), bound
