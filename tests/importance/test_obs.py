"""Elimination of weights against least squares of what is left, and the scores that come of it."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from hls4ml_hwprune.importance import elimination, obs, weight_scores
from hls4ml_hwprune.importance.elimination import eliminate, eliminate_outputs
from hls4ml_hwprune.importance.obs import envelope
from hls4ml_hwprune.records import Kernel, KernelStatistics


def problem(seed, n=6):
    """Weights of one output, and correlated inputs."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.normal(size=(40, n)) @ rng.normal(size=(n, n))


def hessian_of(inputs):
    return inputs.T @ inputs / len(inputs)


def eliminated(weights, inverse):
    """Eliminate the weights of one output."""
    order, loss = eliminate(weights[None], inverse[None])
    return order[0], loss[0]


def refitted_loss(weights, inputs, kept):
    """Mean squared error of the best weights for the `kept` inputs alone."""
    wanted = inputs @ weights
    found = inputs[:, kept] @ np.linalg.lstsq(inputs[:, kept], wanted, rcond=None)[0] if len(kept) else 0.0
    return float(np.mean(np.square(wanted - found)))


def kernel(codes, second_moment, sensitivity=None, unit=0.5, count=10**12):
    codes = np.atleast_2d(codes)
    n_out, n_in = codes.shape
    statistics = KernelStatistics(second_moment, np.ones(n_out) if sensitivity is None else np.asarray(sensitivity), count)
    return Kernel('fc', 'weight', n_in, n_out, 1, 'resource', 1, codes * unit, codes, 16, 16, 32, statistics=statistics)


@pytest.mark.parametrize('seed', range(5))
def test_losses_are_those_of_what_is_left_refitted(seed):
    weights, inputs = problem(seed)
    order, loss = eliminated(weights, np.linalg.inv(hessian_of(inputs)))
    assert sorted(order) == list(range(6))
    assert loss == pytest.approx([refitted_loss(weights, inputs, order[:k]) for k in range(7)], abs=1e-9)


@pytest.mark.parametrize('seed', range(5))
def test_each_step_is_the_cheapest_and_no_set_beats_the_best(seed):
    weights, inputs = problem(seed)
    order, loss = eliminated(weights, np.linalg.inv(hessian_of(inputs)))
    for k in range(6):
        next_ones = [refitted_loss(weights, inputs, np.setdiff1d(order[: k + 1], one)) for one in order[: k + 1]]
        assert loss[k] == pytest.approx(min(next_ones))
        best = min(refitted_loss(weights, inputs, list(kept)) for kept in combinations(range(6), k))
        assert loss[k] >= best - 1e-9


def test_outputs_side_by_side_and_in_blocks_are_as_each_alone(monkeypatch):
    """Outputs of different numbers of weights, more than a block has, in several chunks."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(5, 9)) * (rng.random((5, 9)) < [[1], [0.6], [1], [0], [0.8]])
    hessian = hessian_of(rng.normal(size=(40, 9)) @ rng.normal(size=(9, 9)))
    monkeypatch.setattr(elimination, '_BLOCK', 4)
    monkeypatch.setattr(elimination, '_CHUNK', 2 * 9**2)
    found = {row: (order, loss) for row, order, loss in eliminate_outputs(weights, hessian)}
    monkeypatch.setattr(elimination, '_BLOCK', 64)
    assert sorted(found) == [0, 1, 2, 4]
    for row, (order, loss) in found.items():
        live = np.flatnonzero(weights[row])
        own_order, own_loss = eliminated(weights[row, live], np.linalg.inv(hessian[np.ix_(live, live)]))
        assert order.tolist() == live[own_order].tolist()
        assert loss == pytest.approx(own_loss, abs=1e-9)


def test_the_envelope_by_hand():
    # Losses 10, 9, 2, 1.5, 0: slopes 1 and 7 become 4 each, 0.5 and 1.5 one each.
    assert envelope(np.array([10, 9, 2, 1.5, 0])).tolist() == [4, 4, 1, 1]
    assert envelope(np.array([6.0, 3, 1, 0])).tolist() == [3, 2, 1]


@pytest.mark.parametrize('seed', range(5))
def test_the_envelope_falls_and_sums_to_the_whole(seed):
    loss = np.concatenate([np.sort(np.random.default_rng(seed).uniform(0, 9, 8))[::-1], [0.0]])
    slopes = envelope(loss)
    assert (np.diff(slopes) <= 0).all()
    assert slopes.sum() == pytest.approx(loss[0])
    # Below the loss wherever something is kept.
    assert (loss[0] - np.cumsum(slopes) <= loss[1:] + 1e-12).all()


def test_weights_of_independent_inputs_count_by_themselves():
    k = kernel([[1, -2, 3, 0], [4, 1, 1, -1]], np.diag([9.0, 1.0, 0.25, 4.0]), [1.0, 3.0])
    alone = np.square(k.values) * [9.0, 1.0, 0.25, 4.0] * np.array([[1.0], [3.0]])
    scores = weight_scores(k, 'obs')
    # Damped by a thousandth of the mean of the moments.
    assert scores == pytest.approx(alone + 3.5625e-3 * np.square(k.values) * np.array([[1.0], [3.0]]), rel=2e-6)
    assert np.argsort(scores, axis=None).tolist() == np.argsort(alone, axis=None).tolist()


@pytest.mark.parametrize('n', [6, 200])
def test_scores_of_an_output_sum_to_what_all_of_it_is_worth(n):
    rng = np.random.default_rng(n)
    inputs = rng.normal(size=(3 * n, n)) + rng.normal(size=(3 * n, 1))
    k = kernel(rng.integers(-9, 10, (2, n)), hessian_of(inputs), [1.0, 5.0])
    scores = weight_scores(k, 'obs')
    whole = np.einsum('oi,ij,oj->o', k.values, hessian_of(inputs), k.values) * [1, 5]
    damping = 1e-3 * np.mean(np.square(inputs)) * np.square(k.values).sum(axis=1) * [1, 5]
    assert scores.sum(axis=1) == pytest.approx(whole + damping, rel=2e-6)
    assert ((scores > 0) == (k.codes != 0)).all()


def test_the_next_weight_to_go_has_the_least_score():
    weights, inputs = problem(3)
    k = kernel(np.rint(16 * weights).astype(int), hessian_of(inputs), unit=1 / 16)
    order, _ = eliminated(k.values[0], np.linalg.inv(hessian_of(inputs)))
    assert np.argsort(-weight_scores(k, 'obs')[0]).tolist() == order.tolist()


def test_one_of_two_equal_inputs_costs_nothing():
    k = kernel([[2, 2, 1]], np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]]))
    scores = np.sort(weight_scores(k, 'obs')[0])
    assert scores[0] < 0.01 < 0.2 < scores[1]
    # The one that is left carries both.
    assert scores[2] == pytest.approx(4, rel=0.01)
    alone = weight_scores(kernel([[2, 2, 1]], np.eye(3)), 'obs')[0]
    assert alone == pytest.approx([1, 1, 0.25], rel=0.01)


def test_weights_that_quantise_to_zero_are_not_there():
    weights, inputs = problem(2)
    codes = np.rint(16 * weights).astype(int)
    codes[2] = 0
    k = kernel(codes, hessian_of(inputs), unit=1 / 16)
    remainder = k.values.copy()
    remainder[0, 2] = 0.03
    assert weight_scores(replace(k, values=remainder), 'obs').tolist() == weight_scores(k, 'obs').tolist()
    assert weight_scores(k, 'obs')[0, 2] == 0
    nothing = kernel(np.zeros((2, 6), int), hessian_of(inputs))
    assert not weight_scores(nothing, 'obs').any()


def test_inputs_that_are_always_zero():
    scores = weight_scores(kernel([[1, 2]], np.zeros((2, 2))), 'obs')
    assert np.isfinite(scores).all()
    assert scores == pytest.approx(0)


def test_large_kernels_are_scored_without_correlations(monkeypatch):
    weights, inputs = problem(4)
    k = kernel(np.rint(16 * weights).astype(int), hessian_of(inputs), [3.0], unit=1 / 16)
    monkeypatch.setattr(obs, '_MOST_OPERATIONS', 0)
    assert weight_scores(k, 'obs') == pytest.approx(3 * np.square(k.values) * np.diag(hessian_of(inputs)))


def test_few_input_vectors_say_less_of_how_inputs_go_together():
    """Two inputs that were the same in all samples: of many, one will do for both; of few, not quite."""
    twins = np.ones((2, 2))
    many, few = (weight_scores(kernel([[4, 4]], twins, count=count), 'obs') for count in (10**12, 4))
    assert many.min() < 0.01 * many.max()
    assert few.min() > 0.03 * few.max()


def test_outputs_that_are_dead_on_the_data_go_first_but_not_for_nothing():
    scores = weight_scores(kernel([[4, 4], [4, 4]], np.eye(2), sensitivity=[1.0, 0.0]), 'obs')
    assert (scores[1] > 0).all()
    assert scores[1].sum() < 1e-3 * scores[0].sum()
