"""The knapsack against brute force and against an independent formulation with one binary a group."""

import itertools
import re
from types import SimpleNamespace

import numpy as np
import pytest

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.selection import Curve, Problem, Solution, solve
from hls4ml_hwprune.selection.curves import kernel_curve
from hls4ml_hwprune.selection.knapsack import branching, solver
from hls4ml_hwprune.selection.knapsack import integer_program as core
from hls4ml_hwprune.selection.source import BY_IMPORTANCE, SPARING, Source
from tests.work import count_priced

# What the solver may overstep a budget by, relative to the budget: it counts in 40-bit fractions of it.
SLACK = 1e-9


def brute_force(problem: Problem) -> float | None:
    """Highest value of any selection within the budget; None if there is none."""
    best = None
    options = [[(c.value[k], c.cost[k]) for c in kernel for k in range(len(c.value))] for kernel in problem.kernels]
    for picked in itertools.product(*options):
        cost = np.sum([c for _, c in picked], axis=0)
        if (cost <= problem.budget + 1e-9).all():
            value = sum(v for v, _ in picked)
            best = value if best is None else max(best, value)
    return best


def used(problem: Problem, solution: Solution) -> np.ndarray:
    pairs = zip(problem.kernels, solution.choices, strict=True)
    return np.sum([kernel[a].cost[k] for kernel, (a, k) in pairs], axis=0)


def check(problem: Problem, solution: Solution) -> None:
    """What holds for every solution that is one."""
    pairs = list(zip(problem.kernels, solution.choices, strict=True))
    assert solution.objective == pytest.approx(sum(kernel[a].value[k] for kernel, (a, k) in pairs), rel=1e-12)
    assert (used(problem, solution) <= problem.budget + SLACK * np.maximum(1.0, np.abs(problem.budget))).all()
    assert solution.bound >= solution.objective
    assert solution.status == 'optimal' or re.fullmatch(r'feasible, gap \S+ %', solution.status)


def random_curve(rng: np.random.Generator, n_resources: int, style: str) -> Curve:
    n = int(rng.integers(1, 6))
    if style == 'ties':
        groups = rng.integers(1, 3, n).astype(float)
    elif style == 'whole':
        groups = rng.integers(0, 9, n).astype(float)
    else:
        groups = rng.uniform(0, 5, n)
    groups = np.sort(groups)[::-1]
    if style == 'zero tail':
        groups[n // 2 :] = 0.0
    value = np.concatenate([[0.0], np.cumsum(groups)])
    columns = []
    for _ in range(n_resources):
        kind = rng.choice(['linear', 'staircase', 'float', 'free', 'wavy'])
        each = int(rng.integers(1, 5))
        k = np.arange(n + 1)
        columns.append(
            {
                'linear': each * k,
                'staircase': 3 * -(-each * k // 4),
                'float': k * rng.uniform(0.1, 3) + 0.7 * (k > 0),
                'free': 0 * k,
                # As LUTs do, where a memory leaves them for a block RAM.
                'wavy': np.where(k > n // 2, each * k // 2, each * k),
            }[kind].astype(float)
        )
    return Curve(value, np.stack(columns, axis=1))


def random_problem(seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    n_resources = 1 + seed % 4
    style = ('float', 'whole', 'ties', 'zero tail')[seed // 4 % 4]
    kernels = [[random_curve(rng, n_resources, style) for _ in range(rng.integers(1, 4))] for _ in range(rng.integers(1, 4))]
    if seed % 3 == 0:
        # A fixed cost for each alternative makes some problems infeasible, and no alternative the cheapest in everything.
        kernels = [
            [Curve(c.value, c.cost + rng.integers(0, 4, n_resources)) for c in alternatives] for alternatives in kernels
        ]
    whole = np.sum([np.max([c.cost.max(axis=0) for c in kernel], axis=0) for kernel in kernels], axis=0)
    budget = np.floor(whole * rng.uniform(0, 1, n_resources) * 4) / 4
    budget[rng.uniform(size=n_resources) < 0.1] = 0.0
    budget[rng.uniform(size=n_resources) < 0.1] = np.inf
    return Problem(kernels, budget)


@pytest.mark.parametrize('start', range(0, 400, 40))
def test_brute_force_finds_nothing_better(start):
    for seed in range(start, start + 40):
        problem = random_problem(seed)
        best, solution = brute_force(problem), solve(problem)
        if best is None:
            assert (solution.status, solution.choices) == ('infeasible', []), seed
        else:
            check(problem, solution)
            assert solution.status == 'optimal', seed
            assert solution.objective == pytest.approx(best, rel=1e-9, abs=1e-9), seed


def test_the_random_problems_hold_what_they_should():
    # Guards the test above: it says little if no problem is infeasible or all are trivial.
    problems = [random_problem(seed) for seed in range(400)]
    best = [brute_force(problem) for problem in problems]
    everything = [sum(max(c.value.max() for c in kernel) for kernel in problem.kernels) for problem in problems]
    infeasible = sum(value is None for value in best)
    contested = sum(value is not None and value < most - 1e-9 for value, most in zip(best, everything, strict=True))
    assert infeasible >= 10
    assert contested >= 200


def tight_problem(seed: int) -> tuple[Problem, list[tuple[int, int]]]:
    """Least use of one resource that keeps as much importance as a selection, within its use of another; the selection."""
    rng = np.random.default_rng(seed)
    kernels, start = [], []
    for _ in range(4):
        importance = np.cumsum(np.sort(rng.uniform(0, 5, 12))[::-1])
        curves = [
            Curve(-np.cumsum(rng.integers(1, 9, 12)), np.stack([np.cumsum(rng.integers(1, 9, 12)), -importance], axis=1))
            for _ in range(2)
        ]
        kernels.append(curves)
        start.append((int(rng.integers(2)), int(rng.integers(12))))
    budget = np.sum([kernel[a].cost[k] for kernel, (a, k) in zip(kernels, start, strict=True)], axis=0)
    return Problem(kernels, budget), start


def test_a_selection_to_begin_with_saves_the_search_for_a_first_one(monkeypatch):
    searches = []
    search = solver.solve_core

    def counted(*arguments):
        searches.append(arguments)
        return search(*arguments)

    monkeypatch.setattr(solver, 'solve_core', counted)
    plain = [solve(tight_problem(seed)[0]) for seed in range(20)]
    assert len(searches) >= 5
    searches.clear()
    for seed, solution in enumerate(plain):
        problem, start = tight_problem(seed)
        found = solve(problem, start=start)
        check(problem, found)
        assert found.objective == pytest.approx(solution.objective, rel=1e-9), seed
    assert searches == []


@pytest.mark.parametrize('start', [[(0, 3), (0, 3)], [(0, 0), (0, 1)]])
def test_a_selection_over_the_budget_is_of_no_use(start):
    problem = Problem([[Curve([0, 1, 3, 4], [[0], [1], [2], [3]])]] * 2, [3])
    assert solve(problem, start=start).choices == solve(problem).choices


def linear_instance(seed: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Groups' values and costs of each kernel, and a budget; all whole numbers."""
    rng = np.random.default_rng(1000 + seed)
    n_kernels, n_resources = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    high = (3, 50, 100_000)[seed % 3]
    values = [rng.integers(0, high, rng.integers(1, 25)) for _ in range(n_kernels)]
    costs = rng.integers(0, 6, (n_kernels, n_resources))
    whole = np.sum([len(v) * c for v, c in zip(values, costs, strict=True)], axis=0)
    return values, costs, np.floor(whole * rng.uniform(0.05, 0.9, n_resources))


def binary_optimum(values: list[np.ndarray], costs: np.ndarray, budget: np.ndarray) -> int:
    """Optimum of the plain formulation: x_g in {0, 1} a group, no order of groups taken for granted."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    kept = [[model.NewBoolVar('') for _ in v] for v in values]
    for resource, limit in enumerate(budget):
        model.Add(sum(int(c[resource]) * sum(x) for x, c in zip(kept, costs, strict=True)) <= int(limit))
    model.Maximize(sum(int(v) * x for xs, vs in zip(kept, values, strict=True) for x, v in zip(xs, vs, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.Solve(model) == cp_model.OPTIMAL
    return round(solver.ObjectiveValue())


@pytest.mark.parametrize('start', range(0, 120, 30))
def test_one_binary_a_group_finds_nothing_better(start):
    for seed in range(start, start + 30):
        values, costs, budget = linear_instance(seed)
        curves = []
        for v, c in zip(values, costs, strict=True):
            best_first = np.sort(v)[::-1]
            curves.append([Curve(np.concatenate([[0], np.cumsum(best_first)]), np.outer(np.arange(len(v) + 1), c))])
        solution = solve(problem := Problem(curves, budget))
        check(problem, solution)
        assert solution.status == 'optimal', seed
        assert solution.objective == pytest.approx(binary_optimum(values, costs, budget), abs=1e-6), seed


def ramp(values, *slopes) -> Curve:
    n = len(values)
    return Curve(np.concatenate([[0.0], np.cumsum(values)]), np.outer(np.arange(n + 1), slopes))


def test_no_kernel_at_all():
    assert solve(Problem([], [1.0])) == Solution([], 0.0, 0.0, 'optimal')
    assert solve(Problem([], [-1.0])).status == 'infeasible'


def test_everything_fits_and_groups_of_no_value_are_not_kept():
    solution = solve(Problem([[ramp([3, 2, 0, 0], 1)], [ramp([1, 0], 1)]], [100]))
    assert solution == Solution([(0, 2), (0, 1)], 6.0, 6.0, 'optimal')


def test_infinite_bounds_are_no_bounds():
    curve = ramp([3.0, 2.0, 1.0], 1, 1000)
    assert solve(Problem([[curve]], [np.inf, np.inf])).choices == [(0, 3)]
    assert solve(Problem([[curve]], [2, np.inf])).choices == [(0, 2)]


def test_a_bound_of_minus_infinity_cannot_be_met():
    problem = [[ramp([3.0], 1)]]
    try:
        status = solve(Problem(problem, [-np.inf])).status
    except ConfigError:
        return
    assert status == 'infeasible'


def test_zero_budget_keeps_what_is_free():
    # Two groups fit into LUTs, the third needs a block RAM.
    curve = Curve([0, 5, 9, 12, 14], [[0, 0], [1, 0], [2, 0], [3, 1], [4, 1]])
    assert solve(Problem([[curve], [curve]], [8, 0])).choices == [(0, 2), (0, 2)]
    assert solve(Problem([[curve], [curve]], [3, 0])).objective == 14
    assert solve(Problem([[curve], [curve]], [0, 0])).choices == [(0, 0), (0, 0)]


def test_a_negative_budget_is_met_where_costs_are_negative_enough():
    saving = Curve([0.0, -1.0], [[0.0], [-2.0]])
    assert solve(Problem([[saving]], [-1.0])).choices == [(0, 1)]
    assert solve(Problem([[ramp([1.0], 1)]], [-1.0])).status == 'infeasible'


@pytest.mark.parametrize('left', [1e-12, 1e-7, 1e-3, 0.04])
def test_a_bound_that_leaves_next_to_nothing(left):
    # Bounds are what the user gave less what other layers take: rounding can leave any tiny rest of a large resource.
    curve = Curve([0, 5, 9, 12, 14, 15], [[0, 0], [1, 0], [2, 0], [3, 50_000], [4, 50_000], [5, 90_000]])
    solution = solve(problem := Problem([[curve], [curve], [curve]], [7, left]))
    check(problem, solution)
    assert solution.objective == 27
    assert solution.status == 'optimal'


@pytest.mark.parametrize('scale', [1e-12, 1e-3, 1e9, 1e15])
def test_the_scale_of_values_does_not_matter(scale):
    rng = np.random.default_rng(5)
    kernels = [(np.sort(rng.uniform(1, 9, 12))[::-1], 1 + i, 3 - i) for i in range(3)]
    plain = Problem([[ramp(values, *costs)] for values, *costs in kernels], [25, 31])
    scaled = Problem([[ramp(values * scale, *costs)] for values, *costs in kernels], [25, 31])
    assert solve(scaled).objective == pytest.approx(solve(plain).objective * scale, rel=1e-9)


@pytest.mark.parametrize('scale', [1e-6, 1e-2, 1e9])
def test_the_scale_of_costs_does_not_matter(scale):
    rng = np.random.default_rng(6)
    kernels = [(np.sort(rng.uniform(1, 9, 12))[::-1], 1 + i, 3 - i) for i in range(3)]
    plain = solve(Problem([[ramp(values, a, b)] for values, a, b in kernels], np.array([25, 31])))
    scaled = solve(Problem([[ramp(values, a * scale, b)] for values, a, b in kernels], np.array([25 * scale, 31])))
    assert scaled.objective == pytest.approx(plain.objective, rel=1e-9)


def test_alternatives_of_which_none_is_cheapest_in_all():
    dear_dsp, dear_lut = Curve([1.0], [[1.0, 0.0]]), Curve([2.0], [[0.0, 1.0]])
    kernel = [dear_dsp, dear_lut]
    solution = solve(Problem([kernel, kernel], [1, 1]))
    assert sorted(solution.choices) == [(0, 0), (1, 0)]
    assert solution.objective == 3
    # Each resource alone could be had for nothing, both together not.
    assert solve(Problem([kernel, kernel, kernel], [1, 1])).status == 'infeasible'


def test_a_dominated_alternative_is_never_chosen():
    good, bad = ramp([5, 4, 3], 1), ramp([4, 3, 2], 2)
    solution = solve(Problem([[bad, good], [good, bad]], [4]))
    assert [alternative for alternative, _ in solution.choices] == [1, 0]


def large_problem() -> Problem:
    """6 kernels, 125,000 groups: DSP, BRAM18 (a staircase), LUT and FF, each at 30 to 50 % of what all groups take."""
    rng = np.random.default_rng(7)
    sizes = (40_000, 30_000, 25_000, 15_000, 10_000, 5_000)
    kernels = []
    for n in sizes:
        k = np.arange(n + 1)
        width = int(rng.integers(6, 17))
        lut = np.ceil(k * rng.uniform(3, 30)) + 400 * (k > 0)
        cost = np.stack([k, -(-k * width // 36), lut, np.ceil(k * rng.uniform(5, 20))], axis=1).astype(float)
        values = np.sort(np.abs(rng.normal(size=n)) * rng.uniform(0.5, 2))[::-1]
        kernels.append([Curve(np.concatenate([[0.0], np.cumsum(values)]), cost)])
    whole = np.sum([kernel[0].cost[-1] for kernel in kernels], axis=0)
    return Problem(kernels, np.floor(whole * [0.4, 0.35, 0.5, 0.45]))


def test_a_large_problem_takes_few_looks_at_its_options():
    problem = large_problem()
    with count_priced() as priced:
        solution = solve(problem)
    check(problem, solution)
    assert solution.status == 'optimal'
    # 125,000 options: the relaxation closes in a few dozen rounds, and nothing has to be searched.
    assert priced.relaxations <= 5
    assert priced.options < 10_000_000


def tied_problem(n_groups: int) -> Problem:
    """Ternary and other narrow weights: very many groups are worth and cost the same."""
    slopes = ((1, 3), (2, 3), (1, 5))
    return Problem([[ramp(np.ones(n_groups), *costs)] for costs in slopes], [n_groups + 0.5, 3.5 * n_groups])


@pytest.mark.parametrize('n_groups', [300, 5_000])
def test_groups_of_equal_value_do_not_slow_it_down(n_groups):
    problem = tied_problem(n_groups)
    with count_priced() as priced:
        solution = solve(problem)
    check(problem, solution)
    # The best is n_groups exactly, but its proof is hard: the relaxation ends half a group higher.
    assert n_groups - 1 <= solution.objective <= n_groups
    assert n_groups <= solution.bound <= n_groups + 1
    assert priced.relaxations < 1_000
    assert priced.options < 3_000_000


def latency_problem() -> Problem:
    """DSP blocks of a jet tagger at reuse factor 1: many weights share a multiplier, so the cost often stands still."""
    rng = np.random.default_rng(9)
    kernels = []
    for n_in, n_out in ((16, 64), (64, 32), (32, 32), (32, 5)):
        codes = rng.choice(np.r_[-127:0, 1:128], n_in * n_out)
        order = np.argsort(-np.abs(codes), kind='stable')
        seen: set[tuple[int, int]] = set()
        dsp, costs = 0, [0]
        for position in order.tolist():
            product = (position % n_in, int(codes[position]))
            dsp += product not in seen and bin(abs(product[1]) ^ 3 * abs(product[1])).count('1') >= 3
            seen.add(product)
            costs.append(dsp)
        value = np.concatenate([[0.0], np.cumsum(np.abs(codes[order]) / np.sqrt(np.mean(codes**2.0)))])
        kernels.append([Curve(value, np.array(costs, float)[:, None])])
    return Problem(kernels, [0.5 * sum(kernel[0].cost[-1, 0] for kernel in kernels)])


def same_share_of_all(problem: Problem) -> float:
    """Value of a simple selection within the budget: about the same share of every kernel."""
    best = 0.0
    for share in np.linspace(0, 1, 500):
        picked = [(kernel[0], int(share * (len(kernel[0].value) - 1))) for kernel in problem.kernels]
        if (sum(curve.cost[k] for curve, k in picked) <= problem.budget).all():
            best = max(best, sum(curve.value[k] for curve, k in picked))
    return best


@pytest.mark.parametrize('limit', [1e-9, 0.3, None])
def test_shared_multipliers_of_constant_weights(limit):
    problem = latency_problem()
    solution = solve(problem, time_limit=limit)
    check(problem, solution)
    simple = same_share_of_all(problem)
    # Whatever the time: no claim that a selection anyone can make by hand refutes.
    assert solution.bound >= simple
    assert solution.objective >= 0.99 * simple
    if limit is None:
        assert solution.status == 'optimal'
        assert solution.objective >= simple


def test_equal_problems_have_equal_solutions():
    for seed in range(0, 60, 7):
        assert solve(random_problem(seed)) == solve(random_problem(seed))
    assert solve(large_problem()) == solve(large_problem())


@pytest.mark.parametrize('limit', [1e-9, 0.05, 30])
def test_a_time_limit_gives_a_selection_all_the_same(limit):
    problem = large_problem()
    solution = solve(problem, time_limit=limit)
    check(problem, solution)
    # Keeping nothing is always possible here, and worth nothing.
    assert solution.objective > 0


@pytest.mark.parametrize('limit', [1e-9, 5, 40])
def test_a_search_ends_with_the_branch_in_which_its_time_ends(limit, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    for module in (solver, branching, core):
        monkeypatch.setattr(module, 'time', SimpleNamespace(monotonic=lambda: clock.now))

    def tick():
        clock.now += 1

    with count_priced(tick) as priced:
        solution = solve(problem := tied_problem(5_000), time_limit=limit)
    check(problem, solution)
    assert solution.status.startswith('feasible')
    # A relaxation takes a second here. The first selection takes three, a branch two halves and two selections on each.
    assert limit <= priced.relaxations <= limit + 3 + 6


def test_a_time_limit_does_not_turn_feasible_into_infeasible():
    # No option is the cheapest in all, so a first selection has to be searched for.
    rng = np.random.default_rng(8)
    kernels = []
    for _ in range(60):
        costs = rng.integers(1, 60, (12, 4)).astype(float)
        kernels.append([Curve([value], [cost]) for value, cost in zip(rng.uniform(1, 9, 12), costs, strict=True)])
    middle = np.sum([np.median([c.cost[0] for c in kernel], axis=0) for kernel in kernels], axis=0)
    solution = solve(problem := Problem(kernels, np.floor(0.8 * middle)), time_limit=1e-9)
    check(problem, solution)


@pytest.mark.parametrize(
    ('value', 'cost'),
    [
        ([0, 1], [[0], [1], [2]]),
        ([], np.zeros((0, 1))),
        ([0, 1], [0, 1]),
        ([[0, 1]], [[0], [1]]),
        (0.0, [[0]]),
        ([0, np.nan], [[0], [1]]),
        ([0, np.inf], [[0], [1]]),
        ([0, 1], [[0], [np.nan]]),
        ([0, 1], [[0], [np.inf]]),
    ],
)
def test_malformed_curves(value, cost):
    with pytest.raises(ConfigError, match='curve'):
        Curve(value, cost)


def test_malformed_problems():
    curve = ramp([1.0], 1)
    for budget in ([np.nan], [[1.0]], 1.0):
        with pytest.raises(ConfigError, match='budget'):
            Problem([[curve]], budget)
    with pytest.raises(ConfigError, match='kernel 1 has no alternative'):
        Problem([[curve], []], [1.0])
    with pytest.raises(ConfigError, match='kernel 0 costs 1 resources, the budget bounds 2'):
        Problem([[curve]], [1.0, 1.0])


def constants_problem() -> Problem:
    """Constant weights with two orders each and two bounds: curves far from concave."""
    rng = np.random.default_rng(0)
    kernels = []
    for n_in, n_out in ((64, 128), (128, 64), (64, 10)):
        codes = np.clip(np.floor(rng.normal(0, 32 / np.sqrt(n_in), (n_out, n_in))), -32, 31).astype(np.int64)
        kernel = Kernel('fc', 'weight', n_in, n_out, 1, 'latency', 1, codes / 32, codes, 16, 6, 16)
        orders = [kernel_curve(Source.of(kernel, 'l1'), 'aligned', order).points for order in (BY_IMPORTANCE, SPARING)]
        kernels.append([Curve(curve.value, curve.cost[:, [0, 3]]) for curve in orders])
    everything = np.sum([alternatives[0].cost[-1] for alternatives in kernels], axis=0)
    return Problem(kernels, everything * [0.3, 0.5])


def test_constant_weights_under_two_bounds_are_proven():
    solution = solve(problem := constants_problem())
    check(problem, solution)
    assert solution.status == 'optimal'


@pytest.mark.parametrize('arguments', [{'method': 'fast'}, {'time_limit': 1e-9}])
def test_what_is_not_proven_is_not_called_optimal(arguments):
    solution = solve(problem := constants_problem(), **arguments)
    check(problem, solution)
    assert solution.status.startswith('feasible, gap')
    assert solution.bound > solution.objective
    assert solution.bound >= solve(problem).objective
