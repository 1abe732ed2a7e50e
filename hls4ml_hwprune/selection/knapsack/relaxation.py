"""Linear relaxation by column generation: prices of the resources, and an upper bound on the value of any selection."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.knapsack.options import Options

_MAX_ROUNDS = 500
_TOLERANCE = 1e-10
# Costs below this share of a budget are rounding errors of differences. As coefficients they scale the program so badly that
# GLOP ends in ABNORMAL; without them its prices are as good, and the bound is that of the true costs.
_ROUNDING = 1e-9
# Penalty on an excess as large as the remaining budget, where the total gain is one.
_PENALTY = 1e4


@dataclass(frozen=True)
class Relaxation:
    """Result of the relaxation.

    Attributes
    ----------
    bound : float
        Upper bound on the value of any selection; below zero if there is none.
    prices : ndarray, shape (n_resources,)
        Shadow price of a unit of each resource.
    reduced : ndarray, shape (n_options,)
        Reduced value: fall of the bound if an option is chosen, never below zero.
    used : ndarray of int, shape (n_used,)
        Positions of the options that the relaxation's solution mixes.
    share : ndarray, shape (n_used,)
        Share of each in its kernel.
    rounded : ndarray of int, shape (n_kernels,)
        The solution with every split option replaced by its cheaper half: close to the best selection.
    work : int
        Options that were priced, over all rounds.
    """

    bound: float
    prices: NDArray[np.float64]
    reduced: NDArray[np.float64]
    used: NDArray[np.int64]
    share: NDArray[np.float64]
    rounded: NDArray[np.int64]
    work: int


def relax(options: Options, budget: NDArray[np.float64], prices: Iterable[NDArray[np.float64]] = ()) -> Relaxation:
    """Solve the relaxation by column generation: only options that are best at some prices enter the linear program.

    Parameters
    ----------
    options : Options
    budget : ndarray, shape (n_resources,)
    prices : iterable of ndarray, shape (n_resources,)
        Starting prices, likely to be close to the solution's.

    Returns
    -------
    Relaxation
        Relaxation at the prices of the lowest bound; by Lagrangian duality any prices give a valid bound.
    """
    program = _Program(options, budget)
    program.add(options.best(options.value))
    program.add(options.best(-options.cost.sum(axis=1)))
    for start in prices:
        program.add(options.best(options.value - options.cost @ start))
    best_bound, best_prices, rounds = np.inf, np.zeros(len(budget)), 0
    mixture = options.best(options.value), np.ones(options.n_kernels)
    while rounds < _MAX_ROUNDS:
        rounds += 1
        value, found = program.solve()
        if np.isfinite(value):
            mixture = program.mixture()
        score = options.value - options.cost @ found
        entering = options.best(score)
        bound = float(score[entering].sum() + found @ budget)
        if bound < best_bound:
            best_bound, best_prices = bound, found
        if best_bound - value <= _TOLERANCE or not program.add(entering):
            break
    score = options.value - options.cost @ best_prices
    top = score[options.best(score)]
    reduced = np.repeat(top, np.diff(options.starts)) - score
    used, share = mixture
    return Relaxation(best_bound, best_prices, reduced, used, share, _round_down(options, used), rounds * options.value.size)


def _round_down(options: Options, used: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pick the cheapest of the used options of each kernel."""
    kernel, cost = options.owner(used), options.cost[used].sum(axis=1)
    order = np.lexsort((cost, kernel))
    _, first = np.unique(kernel[order], return_index=True)
    return used[order][first]


class _Program:
    """Restricted linear program over a growing number of options; a penalty on excess makes it feasible."""

    def __init__(self, options: Options, budget: NDArray[np.float64]) -> None:
        from ortools.linear_solver import pywraplp

        self.options = options
        self.solver = pywraplp.Solver.CreateSolver('GLOP')
        self.anew = pywraplp.MPSolverParameters()
        self.anew.SetIntegerParam(self.anew.INCREMENTALITY, self.anew.INCREMENTALITY_OFF)
        self.shares: dict[int, Any] = {}
        self.one = [self.solver.Constraint(1.0, 1.0) for _ in range(options.n_kernels)]
        self.limits = [self.solver.Constraint(-self.solver.infinity(), float(b)) for b in budget]
        self.objective = self.solver.Objective()
        self.objective.SetMaximization()
        for limit in self.limits:
            excess = self.solver.NumVar(0.0, self.solver.infinity(), '')
            limit.SetCoefficient(excess, -1.0)
            self.objective.SetCoefficient(excess, -_PENALTY)

    def add(self, positions: NDArray[np.int64]) -> bool:
        """Add the options at `positions`, one a kernel, as columns; whether any of them is new."""
        before = len(self.shares)
        for kernel, position in enumerate(positions.tolist()):
            if position in self.shares:
                continue
            share = self.shares[position] = self.solver.NumVar(0.0, self.solver.infinity(), '')
            self.one[kernel].SetCoefficient(share, 1.0)
            self.objective.SetCoefficient(share, float(self.options.value[position]))
            for limit, cost in zip(self.limits, self.options.cost[position].tolist(), strict=True):
                if abs(cost) > _ROUNDING:
                    limit.SetCoefficient(share, cost)
        return len(self.shares) > before

    def solve(self) -> tuple[float, NDArray[np.float64]]:
        """Value of the program, -inf where rounding keeps it from being solved, and the shadow prices of the resources."""
        solved = self.solver.Solve() == self.solver.OPTIMAL
        if not solved:
            # GLOP starts from the basis of the program before, which new columns may leave badly scaled.
            solved = self.solver.Solve(self.anew) == self.solver.OPTIMAL
        if not solved:
            # A program without a solution has no prices to ask for, and says so on the standard error.
            return -np.inf, np.zeros(len(self.limits))
        prices = np.array([max(0.0, limit.dual_value()) for limit in self.limits])
        return self.objective.Value(), prices if np.isfinite(prices).all() else np.nan_to_num(prices)

    def mixture(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Options that the last solution uses, ascending, and the share of each."""
        shares = {position: variable.solution_value() for position, variable in self.shares.items()}
        used = np.array(sorted(position for position, share in shares.items() if share > _TOLERANCE), np.int64)
        return used, np.array([shares[position] for position in used.tolist()])
