"""Least squares from sums over the data: the same as with the data themselves."""

import numpy as np
import pytest

from hls4ml_hwprune.reconstruction import Affine, Moments, best_fit, fit, squared_error
from hls4ml_hwprune.reconstruction import damping as damping_module


def problem(seed=0, n=60, n_in=5, n_out=3, noise=0.0):
    """Inputs that are correlated and not centred, a teacher, what it says, and half of the weights kept."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(n, n_in)) + 0.7 * rng.normal(size=(n, 1)) + 0.5
    teacher = Affine(rng.normal(size=(n_out, n_in)), rng.normal(size=n_out))
    targets = inputs @ teacher.weights.T + teacher.bias + noise * rng.normal(size=(n, n_out))
    return inputs, teacher, targets, rng.random((n_out, n_in)) < 0.6


def error(inputs, targets, affine):
    return np.square(inputs @ affine.weights.T + affine.bias - targets).mean(axis=0)


def zeros(like):
    return Affine(np.zeros_like(like.weights), np.zeros_like(like.bias))


def test_moments_add_up():
    inputs, _, targets, _ = problem()
    whole = Moments.of(inputs, targets)
    both = Moments.of(inputs[:17], targets[:17]) + Moments.of(inputs[17:], targets[17:])
    assert both.count == whole.count == 60
    for name in ('inputs', 'cross', 'power'):
        assert getattr(both, name) == pytest.approx(getattr(whole, name))
    assert whole.inputs[2, 3] == pytest.approx((inputs[:, 2] * inputs[:, 3]).sum())
    assert whole.inputs[-1] == pytest.approx(np.append(inputs.sum(axis=0), 60))
    assert whole.cross[1, 4] == pytest.approx((targets[:, 1] * inputs[:, 4]).sum())
    assert whole.cross[:, -1] == pytest.approx(targets.sum(axis=0))
    assert whole.power == pytest.approx(np.square(targets).sum(axis=0))


def test_joining_and_splitting():
    affine = Affine(np.arange(6.0).reshape(2, 3), np.array([7.0, 8.0]))
    assert affine.joined.tolist() == [[0, 1, 2, 7], [3, 4, 5, 8]]
    again = Affine.split(affine.joined)
    assert (again.weights.tolist(), again.bias.tolist()) == (affine.weights.tolist(), affine.bias.tolist())


@pytest.mark.parametrize('seed', range(3))
def test_the_squared_error_is_that_of_the_data(seed):
    inputs, teacher, targets, kept = problem(seed, noise=0.3)
    pruned = Affine(np.where(kept, teacher.weights, 0), teacher.bias)
    moments = Moments.of(inputs, targets)
    for affine in (teacher, pruned, zeros(teacher)):
        assert squared_error(moments, affine) == pytest.approx(error(inputs, targets, affine))
    assert (squared_error(Moments.of(*problem(seed)[::2]), teacher) >= 0).all()


def test_a_teacher_is_found():
    inputs, teacher, targets, kept = problem()
    found = fit(Moments.of(inputs, targets), zeros(teacher), np.ones_like(kept), 0.0)
    assert found.weights == pytest.approx(teacher.weights)
    assert found.bias == pytest.approx(teacher.bias)


@pytest.mark.parametrize('free_bias', [True, False])
def test_kept_weights_are_the_best_there_are(free_bias):
    inputs, teacher, targets, kept = problem(noise=0.3)
    found = fit(Moments.of(inputs, targets), teacher, kept, 0.0, free_bias)
    assert (found.weights[~kept] == 0).all()
    for row, live in enumerate(kept):
        columns = inputs[:, live] if not free_bias else np.append(inputs[:, live], np.ones((60, 1)), axis=1)
        wanted = targets[:, row] - (0 if free_bias else teacher.bias[row])
        best = np.linalg.lstsq(columns, wanted, rcond=None)[0]
        assert found.joined[row, np.append(live, free_bias)] == pytest.approx(best)
    if not free_bias:
        assert (found.bias == teacher.bias).all()


def test_an_output_without_weights_has_its_bias_left():
    inputs, teacher, targets, kept = problem()
    kept[1] = False
    moments = Moments.of(inputs, targets)
    assert fit(moments, teacher, kept, 0.1).bias[1] == pytest.approx(targets[:, 1].mean())
    assert fit(moments, teacher, kept, 0.1, free_bias=False).bias[1] == teacher.bias[1]


def test_damping_draws_weights_to_the_start_and_biases_stay_free():
    inputs, teacher, targets, kept = problem()
    start = Affine(teacher.weights + 1.0, teacher.bias)
    moments = Moments.of(inputs, targets)
    held = fit(moments, start, kept, 1e12)
    assert held.weights == pytest.approx(np.where(kept, start.weights, 0))
    assert held.bias == pytest.approx((targets - inputs @ held.weights.T).mean(axis=0))
    distances = [np.square(fit(moments, start, kept, damping).weights - held.weights).sum() for damping in (0, 0.1, 10)]
    assert distances[0] > distances[1] > distances[2] > 0


def test_damping_does_not_depend_on_the_scale_of_the_data():
    inputs, teacher, targets, kept = problem()
    plain = fit(Moments.of(inputs, targets), zeros(teacher), kept, 0.1)
    scaled = fit(Moments.of(inputs * 8, targets * 8), zeros(teacher), kept, 0.1)
    assert scaled.weights == pytest.approx(plain.weights)
    assert scaled.bias == pytest.approx(8 * plain.bias)
    often = fit(Moments.of(np.tile(inputs, (5, 1)), np.tile(targets, (5, 1))), zeros(teacher), kept, 0.1)
    assert often.joined == pytest.approx(plain.joined)


@pytest.mark.parametrize('damping', [0.0, 1e-3, 1.0])
@pytest.mark.parametrize('seed', range(3))
def test_a_fit_is_never_worse_than_its_start_on_its_own_data(seed, damping):
    inputs, teacher, targets, kept = problem(seed, n=8, noise=0.5)
    # Fewer input vectors than parameters, two inputs that are the same, one that is always zero.
    inputs[:, 1] = inputs[:, 0]
    inputs[:, 2] = 0
    moments = Moments.of(inputs, targets)
    before = squared_error(moments, Affine(np.where(kept, teacher.weights, 0), teacher.bias))
    found = fit(moments, teacher, kept, damping)
    assert np.isfinite(found.joined).all()
    assert (squared_error(moments, found) <= before + 1e-9).all()


def halves(inputs, targets, at):
    return Moments.of(inputs[:at], targets[:at]), Moments.of(inputs[at:], targets[at:])


@pytest.mark.parametrize(('n_fitted', 'noise', 'off', 'damped'), [(200, 0.01, 1.0, False), (7, 1.0, 0.0, True)])
def test_the_best_damping_is_that_for_data_that_were_not_fitted(n_fitted, noise, off, damped):
    inputs, teacher, targets, kept = problem(5, n=300, noise=noise)
    start = Affine(teacher.weights + off, teacher.bias)
    if damped:
        # Two of five weights of each output are gone; else all are there, and wrong.
        kept = np.roll(np.array([[True, True, True, False, False]] * 3), 1, axis=1)
    else:
        kept[:] = True
    fitted, held_out = halves(inputs, targets, n_fitted)
    errors = [squared_error(held_out, fit(fitted, start, kept, damping)).sum() for damping in damping_module._DAMPINGS]
    best = damping_module._DAMPINGS[int(np.argmin(errors))]
    assert (best > 1e-2) == damped
    found = best_fit(fitted, held_out, start, kept)
    assert found.joined == pytest.approx(fit(fitted + held_out, start, kept, best).joined)
    before = Affine(np.where(kept, start.weights, 0), start.bias)
    assert (squared_error(held_out, found) < squared_error(held_out, before)).all()


def test_outputs_that_no_fit_helps_stay_as_they_are():
    inputs, teacher, targets, kept = problem(n=200)
    kept = np.array([[True] * 5, [True, False, True, False, True], [False] * 5])
    # The first output is right on the held-out data, and told otherwise on the others.
    targets[:100, 0] += np.random.default_rng(0).normal(size=100)
    found = best_fit(*halves(inputs, targets, 100), teacher, kept)
    before = Affine(np.where(kept, teacher.weights, 0), teacher.bias)
    assert found.joined[0].tolist() == teacher.joined[0].tolist()
    assert (found.joined[1:] != before.joined[1:]).any(axis=1).all()
    assert (found.weights[~kept] == 0).all()
    fixed = best_fit(*halves(inputs, targets, 100), teacher, kept, free_bias=False)
    assert fixed.bias.tolist() == teacher.bias.tolist()
    assert (fixed.weights[1] != before.weights[1]).any()
