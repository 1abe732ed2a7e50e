"""Integer program over some options (CP-SAT), where no simpler way finds a selection within the budget."""

import time
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.knapsack.options import Options

# Values and costs become whole numbers for the solver: 40 bits of the total gain, and of the remainder of each budget.
_UNITS = 2.0**40
_LEAST = int(np.iinfo(np.int64).min)


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

    model, solver = cp_model.CpModel(), cp_model.CpSolver()
    _write(model, options, budget)
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
        # Lists of records cannot be sliced in all versions.
        chosen = np.fromiter(solver.ResponseProto().solution, np.int64, options.value.size)
        return np.flatnonzero(chosen), solver.BestObjectiveBound() / _UNITS
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError(f'the knapsack is not a valid model: {model.Validate()}')
    return np.zeros(0, np.int64), -np.inf if status == cp_model.INFEASIBLE else np.inf


def _write(model: Any, options: Options, budget: NDArray[np.float64]) -> None:
    """Write a program into the solver's own record, last terms first, as its expressions do, which take ten times longer."""
    program = model.Proto()
    for _ in range(options.value.size):
        program.variables.add().domain.extend((0, 1))
    for a, b in pairwise(options.starts.tolist()):
        program.constraints.add().exactly_one.literals.extend(range(a, b))
    # Half a unit a kernel makes up for the rounding of the costs.
    limits = np.floor(budget * _UNITS + 0.5 * options.n_kernels).astype(np.int64)
    for costs, limit in zip(_whole(options.cost.T), limits.tolist(), strict=True):
        used = np.flatnonzero(costs)[::-1]
        if not used.size:
            model.Add(limit >= 0)
            continue
        bounded = program.constraints.add().linear
        bounded.vars.extend(used.tolist())
        bounded.coeffs.extend(costs[used].tolist())
        bounded.domain.extend((_LEAST, limit))
    worth = _whole(options.value)
    used, objective = np.flatnonzero(worth)[::-1], program.objective
    if not used.size:
        model.Maximize(0)
        return
    # The solver minimises.
    objective.scaling_factor = -1
    objective.vars.extend(used.tolist())
    objective.coeffs.extend((-worth[used]).tolist())


def _whole(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(numbers * _UNITS).astype(np.int64)
