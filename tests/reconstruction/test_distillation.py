"""Divergence of answers: its gradient and its curvature by finite differences."""

import numpy as np
import pytest

from hls4ml_hwprune.reconstruction import Divergence, divergence

KINDS = ('classes', 'flags', 'values', 'scores')
STEP = 1e-5


def answers(seed=0, n=5, m=3):
    rng = np.random.default_rng(seed)
    return 1.5 * rng.normal(size=(n, m)), 1.5 * rng.normal(size=(n, m))


def differences(function, at):
    """Central differences of `function` of shape (n, ...) with respect to each answer of a sample, on the last axis."""
    found = []
    for column in range(at.shape[1]):
        step = STEP * np.eye(at.shape[1])[column]
        found.append((function(at + step) - function(at - step)) / (2 * STEP))
    return np.stack(found, axis=-1)


@pytest.mark.parametrize('kind', KINDS)
def test_the_reference_has_no_loss_and_all_else_has(kind):
    reference, found = answers()
    measure = divergence(kind, reference)
    assert measure.loss(reference, reference) == pytest.approx(0, abs=1e-12)
    assert measure.gradient(reference, reference) == pytest.approx(0, abs=1e-12)
    assert (measure.loss(reference, found) > 1e-3).all()


def test_losses_by_hand():
    reference, found = np.log([[0.5, 0.5]]), np.log([[0.25, 0.75]])
    classes = 0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75)
    assert Divergence('classes', np.ones(2)).loss(reference, found) == pytest.approx([classes])
    # Logits of one half and of 0.9.
    flag = 0.5 * np.log(0.5 / 0.9) + 0.5 * np.log(0.5 / 0.1)
    assert Divergence('flags', np.ones(1)).loss(np.zeros((1, 1)), np.full((1, 1), np.log(9))) == pytest.approx([flag])
    values = Divergence('values', np.array([4.0, 0.5])).loss(np.zeros((1, 2)), np.array([[2.0, 1.0]]))
    assert values == pytest.approx([0.5 * (1 + 2)])


def test_scores_are_classes_and_values():
    reference, found = answers()
    both = divergence('scores', reference).loss(reference, found)
    assert both == pytest.approx(sum(divergence(kind, reference).loss(reference, found) for kind in ('classes', 'values')))


def test_a_common_shift_does_not_change_classes_and_large_answers_do_not_overflow():
    reference, found = answers()
    measure = divergence('classes', reference)
    assert measure.loss(reference, found + 1e3) == pytest.approx(measure.loss(reference, found))
    for kind in ('classes', 'flags'):
        measure = divergence(kind, reference)
        assert np.isfinite(measure.loss(1e3 * reference, -1e3 * found)).all()
        assert np.isfinite(measure.gradient(1e3 * reference, -1e3 * found)).all()


@pytest.mark.parametrize('kind', KINDS)
def test_gradients(kind):
    reference, found = answers(1)
    measure = divergence(kind, reference)
    assert measure.gradient(reference, found) == pytest.approx(
        differences(lambda at: measure.loss(reference, at), found), abs=1e-8
    )


@pytest.mark.parametrize('kind', KINDS)
def test_probes_have_the_curvature_of_the_loss_at_the_reference(kind):
    reference, _ = answers(2)
    measure = divergence(kind, reference)
    curvature = differences(lambda at: measure.gradient(reference, at), reference)
    probes = np.array(list(measure.probes(reference, 20_000, np.random.default_rng(0))))
    assert probes.shape == (20_000, 5, 3)
    outer = np.einsum('pni,pnj->nij', probes, probes) / len(probes)
    assert outer == pytest.approx(curvature, abs=0.03 * np.abs(curvature).max())
    assert probes.mean(axis=0) == pytest.approx(0, abs=0.03 * np.sqrt(np.abs(curvature).max()))


def test_variances():
    reference = np.array([[0.0, 5, 1], [4, 5, 3]])
    # The second answer never changes.
    assert divergence('values', reference).variance.tolist() == [4, 5 / 3, 1]
    assert divergence('values', np.ones((3, 2))).variance.tolist() == [1, 1]
