"""The knapsack against an integer program of its own on curves such as kernels have, small enough to be solved exactly.

Values and costs are whole numbers, and no more than a million is at stake: what is proven to within a millionth of that is
exact. Some instances ask for the least use of a resource instead, as `assembly.py` puts it: values are negative then, and
the importance that is not kept is one more column.
"""

import itertools
from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from hls4ml_hwprune.resources import legal_reuse_factors
from hls4ml_hwprune.resources.memories import bram18, memory_lut
from hls4ml_hwprune.selection import Curve, Problem, Solution, solve
from tests.turns import in_turn

N_SEEDS, N_EVERYDAY, N_EACH = 20, 12, 30
# Combinations up to which all are tried.
_FEW = 6_000
_SHAPES = ((16, 16), (24, 16), (32, 8), (32, 32), (48, 12), (64, 16), (64, 32), (96, 10))
_DSP, _LUT, _LATENCY = 0, 2, 4


@dataclass(frozen=True)
class Exact:
    """The best value by the integer program, None if nothing is feasible, and by trying all where they are few."""

    best: int | None
    tried: int | None
    few: bool


class Kernel:
    """Weights of one kernel, the groups that they form, and what these are worth on a scale that all have in common."""

    def __init__(self, rng: np.random.Generator, top: int) -> None:
        self.rng = rng
        self.n_in, self.n_out = _SHAPES[rng.integers(len(_SHAPES))]
        self.bits, self.input_bits = int(rng.integers(2, 19)), int(rng.choice([6, 10, 16]))
        self.lut, self.ff = rng.uniform(5, 60), rng.uniform(5, 60)
        spread = np.exp(rng.normal(size=(self.n_out, 1)) * rng.uniform(0, 1))
        self.scores = np.abs(rng.normal(size=(self.n_out, self.n_in))) * spread
        self.top = int(rng.integers(max(2, top // 4), top + 1))

    def value(self, sums: np.ndarray) -> np.ndarray:
        """Whole numbers; of sums from the best down they rise less and less, but for the rounding."""
        kept = np.concatenate([[0.0], np.cumsum(sums)]) / self.scores.sum()
        return np.rint(self.top * np.log1p(20 * kept) / np.log1p(20))

    def shared(self, rf: int, packing: str) -> Curve:
        """Multipliers shared in time; `balanced` keeps the best weights of an output together, for a multiplexer a slot."""
        scores = -np.sort(-self.scores, axis=1) if packing == 'balanced' else self.scores
        if packing == 'permuted':
            scores = scores[:, np.argsort(-self.scores.sum(axis=0))]
        flat = scores.ravel()
        padded = np.concatenate([flat, np.zeros(-flat.size % rf)])
        value = self.value(-np.sort(-padded.reshape(-1, rf).sum(axis=1)))
        k = np.arange(value.size)
        ways = min(rf, self.n_in)
        lanes = k if packing == 'balanced' else np.minimum(k, max(1, self.n_in // rf))
        lut = np.ceil(self.lut * k + 0.4 * ways * self.input_bits * lanes) + 37 * (k > 0) + memory_lut(rf, k * self.bits)
        ff = np.ceil(self.ff * k) + (11 + ways) * (k > 0)
        return self.curve(value, k * (self.bits > 9), bram18(rf, k * self.bits), lut, ff, np.full(k.shape, rf + 2))

    def constant(self, order: str) -> Curve:
        """Constants: of equal products only the first takes a DSP and small ones none, and depth grows with what is kept."""
        # Some tens of the best stand for all, so that the integer programs stay small.
        scores = -np.sort(-self.scores.ravel())[:40]
        free = self.rng.random(scores.size) < 0.5
        rank = np.argsort(~free, kind='stable') if order == 'sparing' else np.arange(scores.size)
        value, k = self.value(scores[rank]), np.arange(scores.size + 1)
        dsp = np.concatenate([[0], np.cumsum(~free[rank])])
        lut = np.ceil(3 * self.lut * k - 0.5 * self.lut * dsp)
        return self.curve(value, dsp, 0 * k, lut, np.ceil(self.ff * k), np.ceil(np.log2(k + 1)) + 1)

    def curve(self, value, dsp, bram, lut, ff, latency) -> Curve:
        return Curve(value, np.stack([dsp, bram, lut, ff, latency], axis=1))

    def alternatives(self) -> list[Curve]:
        """Some reuse factors, some packings of each."""
        legal = [rf for rf in legal_reuse_factors(self.n_in, self.n_out) if self.n_in * self.n_out / 32 <= rf <= 512]
        found = []
        for rf in self.rng.choice(legal, size=min(len(legal), int(self.rng.integers(1, 4))), replace=False).tolist():
            packings = ['aligned', 'permuted', 'balanced'] if rf < self.n_in else ['aligned']
            some = self.rng.choice(packings, size=int(self.rng.integers(1, len(packings) + 1)), replace=False)
            found += [self.shared(rf, packing) for packing in some.tolist()]
        if self.rng.random() < 0.3:
            orders = ('importance', 'sparing')[: self.rng.integers(1, 3)]
            found += [self.constant(order) for order in orders]
        return found


def thinned(curve: Curve, keep: int) -> Curve:
    """Some of a curve's points, its ends among them: so that all combinations can be tried."""
    points = np.unique(np.rint(np.linspace(0, len(curve.value) - 1, keep)).astype(int))
    return Curve(curve.value[points], curve.cost[points])


@cache
def instance(seed: int, number: int) -> Problem:
    rng = np.random.default_rng([seed, number])
    tiny = number % 3 == 0
    n_kernels = int(rng.integers(1, 4)) if tiny else int(rng.integers(2, 8))
    # Few steps of value make ties.
    top = int(rng.choice([15, 900, 120_000]))
    kernels = [Kernel(rng, top).alternatives() for _ in range(n_kernels)]
    if tiny:
        kernels = [[thinned(curve, int(rng.integers(3, 8))) for curve in curves[:3]] for curves in kernels]
    used = np.sort(rng.choice(4, size=1 + number % 4, replace=False))
    columns = [*used.tolist(), *([_LATENCY] if rng.random() < 0.6 else [])]
    return bounded(rng, kernels, columns, least_use=number % 5 == 4)


def bounded(rng: np.random.Generator, kernels: list[list[Curve]], columns: list[int], least_use: bool) -> Problem:
    """Bounds around what some selection takes, so that they bind together; a few less than anything takes."""
    curves = [alternatives[rng.integers(len(alternatives))] for alternatives in kernels]
    kept = rng.uniform(0.1, 0.9)
    points = [(curve, int(min(1.0, kept * rng.uniform(0.6, 1.4)) * (len(curve.value) - 1))) for curve in curves]
    takes = sum(curve.cost[k][columns] for curve, k in points)
    slack = rng.choice([rng.uniform(0.97, 1.1, len(columns)), rng.uniform(0.75, 1.2, len(columns))])
    budget = np.floor(takes * slack)
    if not least_use:
        return Problem([[Curve(c.value, c.cost[:, columns]) for c in alternatives] for alternatives in kernels], budget)
    floor = np.floor(rng.uniform(0.6, 1.05) * sum(curve.value[k] for curve, k in points))
    price = np.zeros(5)
    price[[_DSP, _LUT]] = (7, 0) if rng.random() < 0.5 else (40, 1)
    return Problem(
        [[Curve(-c.cost @ price, np.c_[c.cost[:, columns], -c.value]) for c in alternatives] for alternatives in kernels],
        [*budget, -floor],
    )


def whole(numbers: np.ndarray) -> list[int]:
    found = np.rint(numbers).astype(np.int64)
    assert (found == numbers).all()
    return found.tolist()


def by_integer_program(problem: Problem) -> int | None:
    """One boolean for each option, on the numbers as they are."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    options = [
        (model.NewBoolVar(''), value, cost)
        for curves in problem.kernels
        for curve in curves
        for value, cost in zip(whole(curve.value), map(whole, curve.cost), strict=True)
    ]
    rest = iter(options)
    for curves in problem.kernels:
        model.AddExactlyOne([next(rest)[0] for curve in curves for _ in curve.value])
    chosen = [variable for variable, _, _ in options]
    for column, limit in enumerate(whole(problem.budget)):
        model.Add(cp_model.LinearExpr.WeightedSum(chosen, [cost[column] for _, _, cost in options]) <= limit)
    model.Maximize(cp_model.LinearExpr.WeightedSum(chosen, [value for _, value, _ in options]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.Solve(model)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return round(solver.ObjectiveValue()) if status == cp_model.OPTIMAL else None


def n_combinations(problem: Problem) -> int:
    return int(np.prod([float(sum(len(c.value) for c in curves)) for curves in problem.kernels]))


def by_trying_all(problem: Problem) -> int | None:
    """Whole numbers again: no tolerance anywhere."""
    options = [
        [(value, *cost) for c in curves for value, cost in zip(whole(c.value), map(whole, c.cost), strict=True)]
        for curves in problem.kernels
    ]
    budget = whole(problem.budget)
    feasible = []
    for picked in itertools.product(*options):
        value, *cost = map(sum, zip(*picked, strict=True))
        if all(c <= b for c, b in zip(cost, budget, strict=True)):
            feasible.append(value)
    return max(feasible, default=None)


def exact(seed: int, number: int) -> Exact:
    problem = instance(seed, number)
    few = n_combinations(problem) <= _FEW
    return Exact(by_integer_program(problem), by_trying_all(problem) if few else None, few)


def rounding(problem: Problem) -> float:
    """What bounds, which are sums of fractions, may be off by: a billionth of what is at stake."""
    return 1e-9 * sum(max(np.ptp(np.concatenate([c.value for c in curves])), 1.0) for curves in problem.kernels)


def check(problem: Problem, solution: Solution, best: int, where: tuple[int, int]) -> None:
    """What every solution has to be, exact or not."""
    picked = [(curves[a], k) for curves, (a, k) in zip(problem.kernels, solution.choices, strict=True)]
    assert (sum(curve.cost[k] for curve, k in picked) <= problem.budget).all(), where
    assert solution.objective == sum(curve.value[k] for curve, k in picked), where
    assert solution.objective <= best <= solution.bound + rounding(problem), where


SEEDS = [*range(N_EVERYDAY), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(N_EVERYDAY, N_SEEDS))]


@pytest.mark.parametrize('seed', SEEDS)
def test_the_integer_program_finds_the_same(seed):
    for number in range(N_EACH):
        problem, known, where = instance(seed, number), exact(seed, number), (seed, number)
        assert not known.few or known.tried == known.best, where
        solution, fast = solve(problem), solve(problem, method='fast')
        if known.best is None:
            assert solution == fast == Solution([], 0.0, 0.0, 'infeasible'), where
            continue
        check(problem, solution, known.best, where)
        assert (solution.status, solution.objective) == ('optimal', known.best), where
        assert solution.bound < known.best + 1, where
        check(problem, fast, known.best, where)
        assert fast.status != 'optimal' or fast.objective == known.best, where


@pytest.mark.parametrize('seed', SEEDS[::4])
@pytest.mark.parametrize('method', ['exact', 'fast'])
def test_the_same_instance_twice_gives_the_same_solution(seed, method):
    for number in range(N_EACH):
        again = instance.__wrapped__(seed, number)
        assert solve(again, method=method) == solve(instance(seed, number), method=method), (seed, number)


def partition(seed: int, n: int, worth: int) -> Problem:
    """Numbers in two heaps as high as the bounds, which is hard; keeping less is easy, and the relaxation keeps all."""
    numbers = np.random.default_rng(seed).integers(20, 100, n)
    first = int(numbers[::2].sum())
    kernels = [
        [Curve([worth - 1, worth], [[0, 0], [number, 0]]), Curve([worth], [[0, number]])] for number in numbers.tolist()
    ]
    return Problem(kernels, [first, int(numbers.sum()) - first])


# The least use of something that can be done without is worth nothing.
@pytest.mark.parametrize(('numbers', 'worth'), in_turn([(0, 16), (0, 20), (3, 18)], [1, 0]), ids=str)
def test_where_the_relaxation_keeps_everything(numbers, worth):
    seed, n = numbers
    problem = partition(seed, n, worth)
    best = by_integer_program(problem)
    assert best == n * worth
    solution = solve(problem)
    check(problem, solution, best, (seed, n))
    assert (solution.status, solution.objective) == ('optimal', best)


def test_the_instances_are_what_they_are_meant_to_be():
    # Guards the tests above: they say little if all instances are trivial.
    counts: Counter[str] = Counter()
    for seed, number in itertools.product(range(N_EVERYDAY), range(N_EACH)):
        # Whether something is feasible, and the best value: as above.
        problem = instance(seed, number)
        exactly = solve(problem)
        everything = sum(max(c.value.max() for c in curves) for curves in problem.kernels)
        curves = [curve for alternatives in problem.kernels for curve in alternatives]
        counts['all'] += 1
        counts['tried'] += n_combinations(problem) <= _FEW
        counts['least use'] += everything <= 0
        counts['one bound'] += len(problem.budget) == 1
        counts['many bounds'] += len(problem.budget) >= 4
        counts['convex somewhere'] += any((np.diff(c.cost, n=2, axis=0) > 0).any() for c in curves)
        counts['not concave'] += any((np.diff(c.value, n=2) > 1).any() for c in curves)
        counts['infeasible'] += exactly.status == 'infeasible'
        if exactly.status != 'infeasible':
            fast = solve(problem, method='fast')
            counts['contested'] += exactly.objective < everything
            counts['not proven at once'] += fast.status != 'optimal'
            counts['not found at once'] += fast.objective < exactly.objective
    least = {
        'all': 300,
        'tried': 120,
        'least use': 60,
        'one bound': 12,
        'many bounds': 120,
        'convex somewhere': 240,
        'not concave': 30,
        'infeasible': 12,
        'contested': 240,
        'not proven at once': 120,
        'not found at once': 9,
    }
    assert {key: counts[key] for key in least if counts[key] < least[key]} == {}
