"""Values that the firmware can hold, and rounding whose errors make up for each other."""

import numpy as np
import pytest

from hls4ml_hwprune.reconstruction import Affine, Grid, round_with_feedback

COARSE = Grid(0.25, -7, 7)


def test_nearest_multiples_within_bounds():
    grid = Grid(0.5, -3, 4)
    values = np.array([[0.2, 0.3, -0.74], [-0.76, 9.0, -9.0]])
    assert grid.project(values).tolist() == [[0, 0.5, -0.5], [-1, 2, -1.5]]
    assert grid.nearest(values, 1).tolist() == grid.project(values).tolist()
    assert Grid(0.5, 0, 7).project(np.array([-3.0])).tolist() == [0]


def test_each_input_may_have_its_own_selection():
    grid = Grid(0.5, -8, 8, (np.array([-4, 0, 1, 8]), np.array([3]), np.array([0, 8])))
    values = np.array([[-9.0, -9.0, -9.0], [0.2, 0.2, 1.9], [0.3, 0.3, 2.1], [2.0, 2.0, 9.0], [-1.1, 0, 0]])
    expected = [[-2, 1.5, 0], [0, 1.5, 0], [0.5, 1.5, 4], [0.5, 1.5, 4], [-2, 1.5, 0]]
    assert grid.project(values).tolist() == expected
    for column in range(3):
        assert grid.nearest(values[:, column], column).tolist() == [row[column] for row in expected]


def test_a_selection_of_everything_is_none():
    values = np.random.default_rng(0).uniform(-3, 3, (9, 2))
    whole = Grid(0.25, -7, 7, (np.arange(-7, 8),) * 2)
    assert np.array_equal(whole.project(values), COARSE.project(values))


def problem(seed, n_in=10, n_out=4):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(80, n_in)) + rng.normal(size=(80, 2)) @ rng.normal(size=(2, n_in)) + 0.5
    affine = Affine(rng.uniform(-1.5, 1.5, (n_out, n_in)), rng.uniform(-1, 1, n_out))
    with_one = np.append(inputs, np.ones((80, 1)), axis=1)
    return affine, rng.random((n_out, n_in)) < 0.7, with_one.T @ with_one / 80


def errors(moments, found, wanted):
    """Mean squared error of all outputs."""
    off = found.joined - wanted.joined
    return float(np.einsum('oi,ij,oj->', off, moments, off))


def masked(affine, kept):
    return Affine(np.where(kept, affine.weights, 0), affine.bias)


@pytest.mark.parametrize('bias_grid', [Grid(0.125, -20, 20), None])
def test_weights_are_on_the_grid_and_the_others_stay_zero(bias_grid):
    affine, kept, moments = problem(0)
    found = round_with_feedback(affine, kept, moments, COARSE, bias_grid)
    assert (found.weights[~kept] == 0).all()
    assert np.array_equal(COARSE.project(found.weights), found.weights)
    assert np.abs(found.weights).max() <= 1.75
    if bias_grid is None:
        assert (found.bias == affine.bias).all()
    else:
        assert np.array_equal(bias_grid.project(found.bias), found.bias)


def test_every_input_keeps_to_its_selection():
    affine, kept, moments = problem(1)
    codes = tuple(np.array([0, 2, 5])[: 1 + column % 3] - 2 for column in range(10))
    found = round_with_feedback(affine, kept, moments, Grid(0.25, -7, 7, codes), None)
    for column, known in enumerate(codes):
        assert set(found.weights[kept[:, column], column] / 0.25) <= set(known)


def test_feedback_makes_the_errors_smaller():
    better = []
    for seed in range(30):
        affine, kept, moments = problem(seed)
        wanted, bias_grid = masked(affine, kept), Grid(0.25, -20, 20)
        plain = Affine(COARSE.project(wanted.weights), bias_grid.project(wanted.bias))
        found = round_with_feedback(affine, kept, moments, COARSE, bias_grid)
        better.append(errors(moments, found, wanted) / errors(moments, plain, wanted))
    assert np.exp(np.mean(np.log(better))) < 0.6
    assert np.mean(np.array(better) < 1) > 0.9


def test_independent_inputs_have_nothing_to_make_up_for():
    affine, kept, _ = problem(2)
    found = round_with_feedback(affine, kept, np.diag(np.arange(1.0, 12)), COARSE, COARSE)
    assert np.array_equal(found.weights, COARSE.project(masked(affine, kept).weights))
    assert np.array_equal(found.bias, COARSE.project(affine.bias))


def test_of_equal_inputs_one_takes_what_the_other_leaves():
    # Both alone would become zero, and together they are a half.
    affine = Affine(np.array([[0.24, 0.24]]), np.zeros(1))
    moments = np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]])
    found = round_with_feedback(affine, np.ones((1, 2), bool), moments, Grid(0.5, -3, 3), None)
    assert sorted(found.weights[0]) == [0, 0.5]


def test_the_bias_takes_what_weights_leave():
    # An input that is always one.
    moments = np.ones((2, 2))
    found = round_with_feedback(
        Affine(np.array([[0.2]]), np.zeros(1)), np.ones((1, 1), bool), moments, COARSE, Grid(0.01, -99, 99)
    )
    assert found.weights.tolist() == [[0.25]]
    assert found.bias == pytest.approx([-0.05])


def test_weights_on_the_grid_stay():
    affine, kept, moments = problem(3)
    on_grid = Affine(COARSE.project(affine.weights), COARSE.project(affine.bias))
    found = round_with_feedback(on_grid, kept, moments, COARSE, COARSE)
    assert np.array_equal(found.joined, masked(on_grid, kept).joined)


def test_nothing_kept_and_inputs_that_are_always_zero():
    affine, kept, moments = problem(4)
    none = round_with_feedback(affine, np.zeros_like(kept), moments, COARSE, None)
    assert not none.weights.any()
    assert np.isfinite(round_with_feedback(affine, kept, np.zeros_like(moments), COARSE, COARSE).joined).all()
