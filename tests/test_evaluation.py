"""What the answers of a pruned network are compared with, from arrays and from firmware."""

import sys

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.evaluation import Evaluation, Measure, are_classes, compare_answers
from tests.models import convert, hls_config, mlp

BEFORE, AFTER = np.eye(3)[[2, 0, 1, 0]], np.eye(3)[[2, 1, 1, 1]] + 0.1
Y = np.array([2, 0, 2, 1])


def test_with_reference_and_labels():
    found = compare_answers(AFTER, BEFORE, Y)
    # Two samples are where they were; two of the labels were said before, and two are now.
    assert found == Evaluation(n_samples=4, loss=0.0, agreement=0.5, accuracy=0.5, reference_accuracy=0.5)
    better = compare_answers(np.eye(3)[Y], BEFORE, Y)
    assert (better.loss, better.accuracy, better.reference_accuracy) == (-0.5, 1.0, 0.5)


def test_with_a_reference_alone():
    assert compare_answers(AFTER, BEFORE) == Evaluation(n_samples=4, loss=0.5, agreement=0.5)
    assert compare_answers(BEFORE, BEFORE) == Evaluation(n_samples=4, loss=0.0, agreement=1.0)


def test_with_labels_alone_or_nothing():
    assert compare_answers(AFTER, y=Y) == Evaluation(n_samples=4, accuracy=0.5)
    assert compare_answers(AFTER) == Evaluation(n_samples=4)


def test_a_single_output_is_a_class_where_there_are_labels():
    before, after = np.array([[0.2], [0.9], [0.6], [0.4]]), np.array([[0.2], [0.4], [0.6], [0.4]])
    y = np.array([0, 1, 0, 0])
    found = compare_answers(after, before, y)
    assert found == Evaluation(n_samples=4, loss=0.25, agreement=0.75, accuracy=0.5, reference_accuracy=0.75)
    # Else it may be any number: the loss is relative to the variance.
    expected = Evaluation(n_samples=4, loss=pytest.approx(0.0625 / np.var(before)), on_values=True)
    assert compare_answers(after, before) == expected
    # The reference says that answers are scores, of which those above 0 mean class 1.
    scores = np.array([[-2.0], [3.0], [-0.5], [-0.1]])
    assert compare_answers(after - 0.3, scores, y).accuracy == 1 - 2 / 4
    assert compare_answers(after - 0.3, y=y).accuracy == 1 - 2 / 4
    assert compare_answers(np.abs(after), y=y).accuracy == 0.5


def test_of_several_outputs_the_mean_is_taken():
    one = np.array([[1.0], [2.0], [3.0], [4.0]])
    found = compare_answers([AFTER, BEFORE], (BEFORE, BEFORE), Y)
    assert found == Evaluation(n_samples=4, loss=0.0, agreement=0.75, accuracy=0.5, reference_accuracy=0.5)
    # One that is no class counts for the loss alone.
    found = compare_answers([AFTER, one + 1], [BEFORE, one])
    assert found == Evaluation(n_samples=4, loss=pytest.approx((0.5 + 1 / 1.25) / 2), agreement=0.5, on_values=True)
    assert compare_answers([one, one], [one, one]) == Evaluation(n_samples=4, loss=0.0, on_values=True)


def test_figures_are_plain_numbers_and_unknown_classes_are_refused():
    for value in vars(compare_answers(AFTER, BEFORE, Y)).values():
        assert type(value) in (int, float, bool)
    with pytest.raises(ConfigError, match='y has class 2, but the network only has the classes 0 to 1'):
        compare_answers(AFTER[:, :2], y=Y)
    with pytest.raises(ValueError, match='argument 2'):
        compare_answers([AFTER, AFTER], [BEFORE], Y)


def test_values_count_for_what_they_vary():
    rng = np.random.default_rng(0)
    before = rng.normal(size=(500, 3)) * [100, 1, 0] + [0, 5, 2]
    after = before + rng.normal(size=(500, 3)) * [10, 0.1, 0]
    measures = [Measure('values', 3)]
    # A hundredth of the variance of either; one that never changes counts for nothing as long as it stays.
    assert compare_answers(after, before, measures=measures).loss == pytest.approx(2 / 300, rel=0.1)
    assert compare_answers(after, before, measures=measures).agreement is None
    # An index of the largest of such values means nothing, but nobody said so.
    found = compare_answers(after, before, measures=[Measure('unknown', 3)])
    assert (found.loss, found.on_values) == (compare_answers(after, before, measures=measures).loss, True)
    assert found.agreement is not None


def test_targets_are_what_the_error_is_measured_from():
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(500, 5))
    before, after = targets + 0.1 * rng.normal(size=(500, 5)), targets + 0.3 * rng.normal(size=(500, 5))
    split = [before[:, :3], before[:, 3:]], [after[:, :3], after[:, 3:]], [Measure('unknown', 3), Measure('values', 2)]
    found = compare_answers(split[1], split[0], targets, split[2])
    assert found.loss == pytest.approx(0.08, rel=0.1)
    assert found.accuracy is None
    assert compare_answers(split[0], split[1], targets, split[2]).loss == pytest.approx(-found.loss)


def test_classes_are_counted_at_every_position():
    before = np.array([[0.9, 0.1, 0.2, 0.8], [0.9, 0.1, 0.2, 0.8]])
    after = np.array([[0.8, 0.2, 0.6, 0.4], [0.9, 0.1, 0.2, 0.8]])
    found = compare_answers(after, before, measures=[Measure('classes', 2)])
    assert found == Evaluation(2, 0.25, 0.75)


@pytest.mark.parametrize(
    ('y', 'expected'),
    [
        ([0, 2, 1], True),
        ([[0], [2]], True),
        ([[0, 1], [1, 0]], True),
        ([[0.3, 0.7], [0.5, 0.495]], True),
        ([0.5, 1.0], False),
        ([-1, 1], False),
        ([[1, 1, 0], [0, 0, 0]], False),
        ([[0.2, -1.3], [0.7, 0.3]], False),
    ],
)
def test_labels_are_told_from_targets(y, expected):
    assert are_classes(np.array(y)) is expected


@pytest.fixture(scope='module')
def firmware(tmp_path_factory):
    """A pruned model and a plain one, which is compiled, and samples."""
    with pytest.MonkeyPatch.context() as patch:
        # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
        patch.setitem(sys.modules, 'keras', None)
        folder = tmp_path_factory.mktemp('firmware')
        layers = mlp((6, 8, 3), seed=1)
        rng = np.random.default_rng(0)
        x, y = rng.uniform(-2, 2, (200, 6)), rng.integers(0, 3, 200)
        block = {'Budget': {'DSP': '0.4x'}, 'Validation': {'x': x, 'y': y}}
        config = hls_config(block, ['vitis:hwprune'])
        pruned = convert(layers, config, folder / 'pruned', io_type='io_parallel')
        plain = convert(layers, hls_config(), folder / 'plain', io_type='io_parallel')
        plain.compile()
        yield pruned, plain, x, y, folder


def test_firmware_against_the_network_before_pruning(firmware):
    pruned, plain, x, y, folder = firmware
    # Compiles it first.
    found = hls4ml_hwprune.evaluate(pruned, x, y)
    after, before = pruned.predict(x).argmax(axis=1), plain.predict(x).argmax(axis=1)
    agreement, accuracies = float(np.mean(after == before)), (float(np.mean(after == y)), float(np.mean(before == y)))
    assert 0.3 < agreement < 1
    assert accuracies[0] != accuracies[1]
    expected = Evaluation(200, accuracies[1] - accuracies[0], agreement, *accuracies)
    assert found == expected
    # The validation data are the same.
    assert hls4ml_hwprune.get_plan(pruned).evaluation == expected
    # The reference may be given; files, scores of classes and other shapes of the same samples do as well.
    np.savez(folder / 'data.npz', x=x, y=y)
    assert hls4ml_hwprune.evaluate(pruned, x, y, reference=plain) == expected
    assert hls4ml_hwprune.evaluate(pruned, str(folder / 'data.npz'), reference=plain) == expected
    assert hls4ml_hwprune.evaluate(pruned, [x.reshape(200, 2, 3)], np.eye(3)[y], reference=plain) == expected
    found = hls4ml_hwprune.evaluate(pruned, x, reference=plain, task='classification')
    assert found == Evaluation(200, pytest.approx(1 - agreement), agreement)
    # Three outputs without a softmax may be anything.
    errors = np.mean((pruned.predict(x) - plain.predict(x)) ** 2, axis=0) / np.var(plain.predict(x), axis=0)
    lost = pytest.approx(errors.mean())
    assert hls4ml_hwprune.evaluate(pruned, x, reference=plain) == Evaluation(200, lost, agreement, on_values=True)
    found = hls4ml_hwprune.evaluate(pruned, x, reference=plain, task='regression')
    assert found == Evaluation(200, lost, on_values=True)
    targets = hls4ml_hwprune.evaluate(pruned, x, plain.predict(x), reference=plain)
    assert (targets.loss, targets.accuracy, targets.agreement) == (lost, None, None)
    with pytest.raises(ConfigError, match="task: 'classify' is not one of auto, classification, regression"):
        hls4ml_hwprune.evaluate(pruned, x, task='classify')
    with pytest.raises(ConfigError, match='evaluate: y has 1 targets a sample, the network 3 outputs'):
        hls4ml_hwprune.evaluate(pruned, x, y, task='regression')
    one = hls4ml_hwprune.evaluate(pruned, x[:1], y[:1], reference=plain)
    assert (one.n_samples, one.accuracy) == (1, float(after[0] == y[0]))


def test_firmware_of_a_model_that_was_not_pruned(firmware):
    _, plain, x, y, _ = firmware
    before = plain.predict(x).argmax(axis=1)
    assert hls4ml_hwprune.evaluate(plain, x, y) == Evaluation(200, accuracy=float(np.mean(before == y)))
    assert hls4ml_hwprune.evaluate(plain, x) == Evaluation(200)
    assert hls4ml_hwprune.evaluate(plain, x, reference=plain) == Evaluation(200, 0.0, 1.0, on_values=True)


@pytest.mark.parametrize(
    ('x', 'y', 'words'),
    [
        (np.zeros((3, 7)), None, r'evaluate: x0 has samples of shape \(7,\), the network takes \(6,\)'),
        ([np.zeros((3, 6))] * 2, None, 'evaluate: 2 arrays of inputs, but the network has 1 inputs'),
        (np.zeros((3, 6)), np.zeros(2), r'evaluate: the arrays must have the same number of samples, got \[3, 2\]'),
        (np.zeros((3, 6)), np.full(3, 5), 'y has class 5, but the network only has the classes 0 to 2'),
        (np.zeros((3, 6)), np.full(3, 0.5), 'evaluate: y: class numbers must be whole'),
        ('nowhere.npz', None, "evaluate: there is no file 'nowhere.npz'"),
        (None, None, 'evaluate: expected a .npy or .npz file'),
    ],
    ids=range(7),
)
def test_samples_that_cannot_be_used(firmware, x, y, words):
    with pytest.raises(ConfigError, match=words):
        hls4ml_hwprune.evaluate(firmware[1], x, y)
