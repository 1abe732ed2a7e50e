"""Properties of `solve`: small multiple-choice problems against the enumeration of all selections."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls4ml_hwprune.selection import Curve, Problem, solve

# Steps of values and costs: sums of quarters are exact.
STEP = 0.25
costs = st.integers(0, 24).map(lambda number: number * STEP)
signed_costs = st.integers(-6, 24).map(lambda number: number * STEP)
small_values = st.integers(0, 40).map(lambda number: number * STEP)
large_values = st.one_of(small_values, st.integers(0, 10**9).map(float))


@st.composite
def problems(draw, cost=costs, value=small_values):
    """Problems of at most three kernels, three alternatives and four groups, whose values rise with the groups kept."""
    n_resources = draw(st.integers(1, 3))

    def curve():
        n = draw(st.integers(1, 5))
        values = np.sort(draw(st.lists(value, min_size=n, max_size=n)))
        flat = draw(st.lists(cost, min_size=n * n_resources, max_size=n * n_resources))
        table = np.reshape(flat, (n, n_resources))
        return Curve(values, np.sort(table, axis=0) if draw(st.booleans()) else table)

    kernels = [[curve() for _ in range(draw(st.integers(1, 3)))] for _ in range(draw(st.integers(0, 3)))]
    budget = draw(st.lists(st.one_of(cost, cost.map(lambda number: 2 * number), st.just(np.inf)), min_size=n_resources))
    return Problem(kernels, np.array(budget[:n_resources]))


def enumerated(problem):
    """Values of all selections within the budget."""
    options = [[(c.value[k], c.cost[k]) for c in row for k in range(len(c.value))] for row in problem.kernels]
    for picked in itertools.product(*options):
        cost = np.sum([c for _, c in picked], axis=0) if picked else np.zeros(len(problem.budget))
        if (cost <= problem.budget).all():
            yield float(sum(value for value, _ in picked))


def check(problem, method='exact'):
    worth = list(enumerated(problem))
    solution = solve(problem, method=method)
    if not worth:
        assert (solution.status, solution.choices) == ('infeasible', [])
        return
    best = max(worth)
    assert solution.status != 'infeasible'
    assert len(solution.choices) == len(problem.kernels)
    chosen = [row[a] for row, (a, _) in zip(problem.kernels, solution.choices, strict=True)]
    ks = [k for _, k in solution.choices]
    used = np.sum([curve.cost[k] for curve, k in zip(chosen, ks, strict=True)], axis=0) if ks else 0.0
    assert np.all(used <= problem.budget)
    assert solution.objective == pytest.approx(sum(curve.value[k] for curve, k in zip(chosen, ks, strict=True)))
    assert solution.objective <= best + 1e-9 * max(1.0, abs(best))
    slack = 1e-9 * max(1.0, abs(best))
    assert solution.bound >= solution.objective - slack
    assert solution.bound >= best - slack
    if method == 'exact':
        # Proven to within a millionth of all that can be gained.
        span = sum(max(c.value.max() for c in row) - min(c.value.min() for c in row) for row in problem.kernels)
        assert solution.status == 'optimal'
        assert solution.objective >= best - 1e-6 * span - slack


@settings(max_examples=200)
@given(problems())
def test_the_optimum_is_that_of_all_selections(problem):
    check(problem)


@settings(max_examples=60)
@given(problems(signed_costs))
def test_costs_below_zero(problem):
    check(problem)


@settings(max_examples=60)
@given(problems(value=large_values))
def test_values_of_all_sizes(problem):
    check(problem)


@settings(max_examples=60)
@given(problems())
def test_fast_solutions_are_within_the_budget_and_below_their_bound(problem):
    check(problem, 'fast')


@settings(max_examples=60)
@given(problems(), st.permutations(range(3)))
def test_the_order_of_kernels_does_not_matter(problem, order):
    kernels = [problem.kernels[n] for n in order if n < len(problem.kernels)]
    found, other = solve(problem), solve(Problem(kernels, problem.budget))
    assert (found.status == 'infeasible') == (other.status == 'infeasible')
    assert found.objective == pytest.approx(other.objective, rel=1e-6, abs=1e-6)
