"""Networks in floating point: answers, their divergence, its gradients, what passes through kernels; nothing is compiled."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.calibration.emulation import Emulation
from hls4ml_hwprune.calibration.halves import side_by_side
from hls4ml_hwprune.calibration.incremental import Incremental
from hls4ml_hwprune.calibration.layer_targets import LayerTargets
from hls4ml_hwprune.calibration.network import Network
from hls4ml_hwprune.calibration.statistics import kernel_statistics
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.graph.answers import find_answers
from hls4ml_hwprune.reconstruction import Affine
from tests import models
from tests.host.graph.graphs import from_layers

SAMPLES = np.arange(40)


def softmax(name):
    return {'class_name': 'Softmax', 'name': name, 'activation': 'softmax', 'axis': -1}


def open_network(model, x):
    """The network with itself in floating point as its own reference."""
    kernels = {kernel.key: kernel for layer in read_layers(model) for kernel in layer.kernels}
    start = {key: Affine(k.values, np.asarray(model.graph[key.layer].weights['bias'].data)) for key, k in kernels.items()}
    answers = find_answers(model)
    bare = Emulation(model, tuple(start), tuple(answers), (), ())
    values = bare.run([x], start)
    emulation = Emulation.of(model, tuple(start), answers, [values[answer.node] for answer in answers])
    return Network(model, kernels, start, None, emulation, True, (x,), None, SAMPLES, SAMPLES, SAMPLES[:0])


@pytest.fixture
def mlp(tmp_path):
    model = from_layers([*models.mlp((6, 8, 5), 3), softmax('softmax')], tmp_path)
    return open_network(model, np.random.default_rng(0).normal(size=(40, 6)))


def moved(affines, amount, seed=1):
    rng = np.random.default_rng(seed)
    return {
        name: Affine(a.weights + amount * rng.normal(size=a.weights.shape), a.bias + amount * rng.normal(size=a.bias.shape))
        for name, a in affines.items()
    }


@pytest.mark.parametrize(
    ('last', 'task', 'expected'),
    [
        ([softmax('end')], 'auto', ('fc1', 'classes')),
        ([softmax('end')], 'regression', ('end', 'values')),
        ([softmax('soft'), models.flatten('end', 3)], 'auto', ('fc1', 'classes')),
        ([{'class_name': 'Activation', 'name': 'end', 'activation': 'sigmoid'}], 'auto', ('fc1', 'flags')),
        ([], 'auto', ('fc1', 'scores')),
        ([], 'classification', ('fc1', 'classes')),
        ([], 'regression', ('fc1', 'values')),
        ([models.relu('end')], 'auto', ('end', 'scores')),
    ],
)
def test_what_the_answers_are(tmp_path, last, task, expected):
    (answer,) = find_answers(from_layers([*models.mlp((6, 3)), *last], tmp_path), task)
    assert (answer.node, answer.kind) == expected


def test_a_single_output_is_a_number_or_with_labels_a_flag(tmp_path):
    model = from_layers(models.mlp((6, 1)), tmp_path)
    assert [find_answers(model, task)[0].kind for task in ('auto', 'classification')] == ['values', 'flags']


def test_nothing_is_lost_where_nothing_moved(mlp):
    assert mlp.emulated_loss(mlp.start, SAMPLES) == pytest.approx(0, abs=1e-6)
    assert mlp.emulated_loss(moved(mlp.start, 0.3), SAMPLES) > 0.01


@pytest.mark.parametrize('weight', [0.0, 3.0])
def test_gradients_are_those_of_the_loss(mlp, weight):
    there = moved(mlp.start, 0.2)
    targets = mlp.emulation.run(mlp.x, mlp.start)

    def loss(parameters):
        values = mlp.emulation.run(mlp.x, parameters)
        pulls = [0.5 * np.mean(np.square(values[n] - targets[n]) / targets[n].var(axis=0)) for n, _ in parameters]
        return mlp.emulation.loss(values, SAMPLES) + weight * sum(pulls)

    values = mlp.emulation.run(mlp.x, there)
    others = LayerTargets.of(mlp, SAMPLES, weight).gradients(values, SAMPLES) if weight else None
    found = mlp.emulation.gradients(values, SAMPLES, there, others)
    for name in there:
        for column, row in ((0, 0), (2, 1), (-1, 2)):
            step = np.zeros_like(there[name].joined)
            step[row, column] = 1e-5
            ahead, behind = (loss({**there, name: Affine.split(there[name].joined + sign * step)}) for sign in (1, -1))
            assert found[name].joined[row, column] == pytest.approx((ahead - behind) / 2e-5, rel=1e-3, abs=1e-7)


def test_statistics_of_dense_layers(mlp):
    """Second moments are those of the inputs, sensitivities the curvature of the loss for the outputs."""
    found = kernel_statistics(mlp, mlp.start, lambda parameters, samples: mlp.emulation.run(mlp.x, parameters), SAMPLES)
    assert found[('fc1', 'weight')].second_moment == pytest.approx(mlp.x[0].T @ mlp.x[0] / 40)
    assert found[('fc1', 'weight')].count == 40
    # The last layer: the variance of the answer's share, for each class.
    logits = mlp.emulation.run(mlp.x, mlp.start)['fc2']
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    expected = (shares * (1 - shares)).mean(axis=0)
    assert found[('fc2', 'weight')].sensitivity == pytest.approx(expected, rel=0.6)
    assert found[('fc2', 'weight')].sensitivity.sum() == pytest.approx(expected.sum(), rel=0.25)


def test_statistics_of_convolutions_count_positions(tmp_path):
    network = open_network(from_layers(models.cnn(), tmp_path), np.random.default_rng(0).normal(size=(40, 6, 6, 2)))
    found = kernel_statistics(
        network, network.start, lambda parameters, samples: network.emulation.run(network.x, parameters), SAMPLES
    )
    assert found[('conv', 'weight')].count == 40 * 16
    assert found[('conv', 'weight')].second_moment.shape == (18, 18)
    # An error of all outputs of a filter at once, at random, costs what the sensitivity says.
    rng, values = np.random.default_rng(1), network.emulation.run(network.x, network.start)
    losses, last = [], network.start[('fc', 'weight')]
    for _ in range(200):
        changed = dict(values)
        error = 1e-3 * rng.normal(size=values['conv'].shape[:3])
        image = values['conv'].copy()
        image[..., 1] += error
        changed['fc'] = np.maximum(image, 0).reshape(40, -1) @ last.weights.T + last.bias
        losses.append(network.emulation.loss(changed, SAMPLES))
    assert np.mean(losses) == pytest.approx(0.5 * found[('conv', 'weight')].sensitivity[1] * 1e-6, rel=0.4)


def test_layers_before_one_without_a_rule_count_by_their_variance(tmp_path):
    layers = models.mlp((6, 8, 5), 3)
    network = open_network(from_layers(layers, tmp_path), np.random.default_rng(0).normal(size=(40, 6)))
    real = network.emulation
    known = real.run(network.x, network.start)

    class Stopped:
        call = staticmethod(real.call)

        def probed(self, *arguments):
            for gradients in real.probed(*arguments):
                yield {name: gradient for name, gradient in gradients.items() if name != 'fc1'}

    stopped = replace(network, emulation=Stopped())
    found = kernel_statistics(stopped, network.start, lambda parameters, samples: known, SAMPLES)
    for name in ('fc1', 'fc2'):
        variance = known[name].var(axis=0)
        assert found[(name, 'weight')].sensitivity == pytest.approx(1 / (variance * variance.size))


def test_runs_repeat_only_the_nodes_that_a_change_reaches(mlp):
    runs = Incremental(mlp)
    moved_all = moved(mlp.start, 0.3)
    first, *_, last = mlp.start
    before = None
    for changed in ((), (last,), (first, last), (first,)):
        parameters = {name: moved_all[name] if name in changed else affine for name, affine in mlp.start.items()}
        found, expected = runs(parameters, SAMPLES), mlp.emulated(parameters, SAMPLES)
        assert found.keys() == expected.keys()
        for node, values in expected.items():
            np.testing.assert_array_equal(found[node], values)
        if changed == (last,):
            assert found[first.layer] is before[first.layer]
        before = found
    assert runs(parameters, SAMPLES) is before
    np.testing.assert_allclose(runs(parameters, SAMPLES[:3])[last.layer], before[last.layer][:3], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('count', [1, 2, 7])
def test_gradients_by_halves_are_those_of_the_whole(mlp, count):
    there = moved(mlp.start, 0.2)

    def gradient_of(parameters, samples):
        return mlp.emulation.gradients(mlp.emulated(parameters, samples), samples, parameters)

    expected = gradient_of(there, SAMPLES[:count])
    with side_by_side(gradient_of, True) as of_halves:
        found = of_halves(there, SAMPLES[:count])
    for name, gradient in expected.items():
        assert found[name].joined == pytest.approx(gradient.joined, rel=1e-4, abs=1e-7)
