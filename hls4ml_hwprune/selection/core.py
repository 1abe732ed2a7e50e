"""The integer program over the options that can still be part of an optimal selection."""

import time

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.options import Options

# Values and costs become whole numbers for the solver: 40 bits of the largest sum of values, and of each budget.
_UNITS = 2.0**40


def solve_core(
    options: Options, budget: NDArray[np.float64], hint: NDArray[np.int64] | None, deadline: float | None
) -> tuple[NDArray[np.int64], float]:
    """Choose one option a kernel for the highest value within the budget, with OR-tools' CP-SAT.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    hint : ndarray of int, shape (n_kernels,), optional
        A selection within the budget to start from, and to return if time runs out before a better one is found.
    deadline : float, optional
        `time.monotonic()` at which to stop.

    Returns
    -------
    ndarray of int, shape (n_kernels,)
        Positions of the chosen options; empty if there is no selection within the budget.
    float
        Proven upper bound on the value of any selection from these options.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    kernel = options.kernel_of()
    chosen = [model.NewBoolVar('') for _ in range(options.value.size)]
    for a, b in zip(options.starts[:-1], options.starts[1:], strict=True):
        model.AddExactlyOne(chosen[a:b])
    for costs, limit in zip(_whole(options.cost), _limits(budget, options.n_kernels), strict=True):
        model.Add(cp_model.LinearExpr.WeightedSum(chosen, costs.tolist()) <= int(limit))
    # Only what an option is worth above its kernel's worst matters: small numbers keep the most digits.
    worst = np.minimum.reduceat(options.value, options.starts[:-1])[kernel]
    gain = options.value - worst
    unit = max(float(np.maximum.reduceat(gain, options.starts[:-1]).sum()), 1e-300) / _UNITS
    model.Maximize(cp_model.LinearExpr.WeightedSum(chosen, np.rint(gain / unit).astype(np.int64).tolist()))
    if hint is not None:
        picked = set(hint.tolist())
        for position, variable in enumerate(chosen):
            model.AddHint(variable, position in picked)
    solver = _solver(deadline)
    status = solver.Solve(model)
    bound = solver.BestObjectiveBound() * unit + float(worst[options.starts[:-1]].sum())
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return np.flatnonzero([solver.BooleanValue(variable) for variable in chosen]), bound
    return (np.zeros(0, np.int64) if hint is None else hint), bound


def _whole(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Costs in whole units of the budget's share, shape (n_resources, n_options)."""
    return np.rint(cost.T * _UNITS).astype(np.int64)


def _limits(budget: NDArray[np.float64], n_kernels: int) -> NDArray[np.int64]:
    """Budget in the same units; half a unit a kernel makes up for the rounding of the costs."""
    return np.floor(budget * _UNITS + 0.5 * n_kernels).astype(np.int64)


def _solver(deadline: float | None):  # type: ignore[no-untyped-def]  # OR-tools is imported when first used
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    # One worker and a fixed seed: the same problem always gives the same selection.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    if deadline is not None:
        solver.parameters.max_time_in_seconds = max(0.01, deadline - time.monotonic())
    return solver
