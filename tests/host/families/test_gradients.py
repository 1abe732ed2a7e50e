"""Rules for gradients that Keras has no counterpart of: saturation, ties, steps, tables, other parameters."""

import numpy as np
import pytest
from hls4ml.model.types import XnorPrecisionType

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.host.families.matrix import kernel_parameters
from hls4ml_hwprune.host.families.registry import family_of, rule_of
from hls4ml_hwprune.host.graph.autodiff import backpropagate, forward_model
from hls4ml_hwprune.records import KernelKey
from tests import models
from tests.host.graph import graphs
from tests.keys import keyed


def activation(name, **attributes):
    return {'class_name': 'Activation', 'name': 'f', 'activation': name} | attributes


def one_layer(layer, shape, output, **names):
    """Graph of a single layer `f` after the input `x`."""
    return graphs.from_layers([models.input_layer(shape), layer], output, **names)


def slopes(graph, x, layer='f'):
    """Output of a layer, and the gradient for the input of the sum of it."""
    values = forward_model(graph, [x])
    return values[layer], backpropagate(graph, values, {layer: np.ones_like(values[layer])})['x']


def samples(*shape):
    return np.random.default_rng(5).normal(size=shape)


@pytest.mark.parametrize(
    ('layer', 'x', 'value', 'slope'),
    [
        (activation('relu'), [-1, 0, 2], [0, 0, 2], [0, 0, 1]),
        (activation('relu6'), [-1, 5, 7], [0, 5, 6], [0, 1, 0]),
        (activation('binary_tanh'), [-1.5, -0.5, 0, 3], [-1, -1, 1, 1], [0, 1, 1, 0]),
        (activation('ternary_tanh', class_name='TernaryTanh'), [-2, -0.5, 0.25, 0.75], [-1, -1, 0, 1], [0, 1, 1, 1]),
        (activation('hard_tanh', class_name='HardActivation'), [-3, 1, 3], [-1, 0.4, 1], [0, 0.4, 0]),
    ],
)
def test_flat_parts_and_steps(layer, x, value, slope, tmp_path):
    graph = one_layer(layer, (len(x),), tmp_path)
    y, gradient = slopes(graph, np.array([x], float))
    np.testing.assert_allclose(y, [value], atol=1e-12)
    np.testing.assert_allclose(gradient, [slope], atol=1e-12)


def test_an_activation_of_another_name_has_no_rule(tmp_path):
    graph = one_layer(activation('swish'), (3,), tmp_path)
    assert rule_of(graph.graph['f']) is None
    assert forward_model(graph, [samples(2, 3)]) is None


@pytest.mark.parametrize(
    ('precision', 'low', 'high'),
    [
        ('fixed<4,2,RND,SAT>', -2, 1.75),
        ('fixed<4,2,RND,SAT_SYM>', -1.75, 1.75),
        ('ufixed<4,2,RND,SAT>', 0, 3.75),
        ('fixed<4,2>', -np.inf, np.inf),
    ],
)
def test_outputs_at_the_end_of_their_type_do_not_move(precision, low, high, tmp_path):
    graph = one_layer(models.dense('f', np.eye(4)), (4,), tmp_path, f={'Precision': {'result': precision}})
    x = np.array([[-3, -0.25, 0.5, 5]])
    values = forward_model(graph, [x])
    np.testing.assert_allclose(values['f'], np.clip(x, low, high))
    gradients = backpropagate(graph, values, {'f': np.full_like(x, 2)})
    np.testing.assert_array_equal(gradients['f'], 2.0 * ((x > low) & (x < high)))
    np.testing.assert_array_equal(gradients['x'], gradients['f'])


def pooling(kind, **attributes):
    sides = dict.fromkeys(('pad_top', 'pad_bottom', 'pad_left', 'pad_right'), 0)
    sizes = {'pool_height': 2, 'pool_width': 2, 'stride_height': 2, 'stride_width': 2}
    shape = {'in_height': 2, 'in_width': 2, 'out_height': 1, 'out_width': 1, 'n_filt': 1}
    name = {'class_name': f'{kind}Pooling2D', 'name': 'f', 'data_format': 'channels_last', 'count_pad': False}
    return name | sides | sizes | shape | attributes


def test_equal_elements_share_the_gradient_of_their_maximum(tmp_path):
    graph = one_layer(pooling('Max'), (2, 2, 1), tmp_path)
    y, gradient = slopes(graph, np.array([-1.0, -1, -3, -1]).reshape(1, 2, 2, 1))
    assert y.ravel() == [-1]
    np.testing.assert_allclose(gradient.ravel(), [1 / 3, 1 / 3, 0, 1 / 3])


@pytest.mark.parametrize(('count_pad', 'divisor'), [(False, 2), (True, 4)])
def test_padding_counts_for_averages_if_it_is_said_to(count_pad, divisor, tmp_path):
    padded = pooling('Average', pad_top=1, pad_bottom=1, out_height=2, count_pad=count_pad)
    graph = one_layer(padded, (2, 2, 1), tmp_path)
    y, gradient = slopes(graph, np.array([1.0, 2, 3, 5]).reshape(1, 2, 2, 1))
    np.testing.assert_allclose(y.ravel(), np.array([3, 8]) / divisor)
    np.testing.assert_allclose(gradient.ravel(), 1 / divisor)


@pytest.mark.parametrize('operation', ['add', 'subtract', 'multiply', 'average', 'maximum', 'minimum'])
def test_a_shorter_input_starts_again(operation, tmp_path):
    merge = {'class_name': 'Merge', 'name': 'f', 'op': operation, 'inputs': ['x', 'z']}
    graph = graphs.from_layers(
        [models.input_layer((3, 2)), models.input_layer((2,), 'z'), merge], tmp_path, inputs=['x', 'z']
    )
    x, z = samples(4, 3, 2), samples(4, 2)
    values = forward_model(graph, [x, z])
    functions = {'average': lambda a, b: (a + b) / 2}
    np.testing.assert_allclose(values['f'], functions.get(operation, getattr(np, operation, None))(x, z[:, None]))
    check_by_differences(graph, {'x': x, 'z': z}, 'f')


def own_parameters(node):
    return kernel_parameters(node, family_of(node).matrix)


def check_by_differences(graph, x, layer, parameters=None):
    """Gradients for all inputs along a random direction, by finite differences."""
    rng = np.random.default_rng(6)
    step = {name: 1e-6 * rng.normal(size=array.shape) for name, array in x.items()}
    before, after = (
        forward_model(graph, [x[name] + sign * step[name] for name in graph.inputs], parameters)[layer] for sign in (-1, 1)
    )
    seed = rng.normal(size=before.shape)
    values = forward_model(graph, [x[name] for name in graph.inputs], parameters)
    gradients = backpropagate(graph, values, {layer: seed}, parameters)
    predicted = sum(2 * (gradients[name] * step[name]).sum() for name in x)
    np.testing.assert_allclose(predicted, ((after - before) * seed).sum(), rtol=1e-5)


@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_other_parameters(dtype, tmp_path):
    graph = graphs.from_layers(models.cnn(), tmp_path)
    x = samples(3, 6, 6, 2).astype(dtype)
    rng = np.random.default_rng(7)
    others = {
        name: (rng.normal(size=matrix.shape), rng.normal(size=bias.shape))
        for name, (matrix, bias) in ((name, own_parameters(graph.graph[name])) for name in ('conv', 'fc'))
    }
    values = forward_model(graph, [x], keyed(others))
    assert {array.dtype for array in values.values()} == {np.dtype(dtype)}
    matrix, bias = others['fc']
    np.testing.assert_allclose(values['fc'], values['flat'] @ matrix.T + bias, rtol=1e-4)
    if dtype == np.float64:
        check_by_differences(graph, {'x': x}, 'fc', keyed(others))
    gradients = backpropagate(graph, values, {'fc': np.ones_like(values['fc'])}, keyed(others))
    assert {array.dtype for array in gradients.values()} == {np.dtype(dtype)}
    np.testing.assert_allclose(gradients['flat'], np.broadcast_to(matrix.sum(axis=0), (3, 64)), rtol=1e-4)


def test_seeds_of_several_layers_add_up(tmp_path):
    graph = graphs.from_layers(models.mlp((4, 6, 3)), tmp_path)
    values = forward_model(graph, [samples(5, 4)])
    seeds = {name: samples(*values[name].shape) for name in ('fc1', 'fc2')}
    kept = {name: seed.copy() for name, seed in seeds.items()}
    both = backpropagate(graph, values, seeds)
    alone = [backpropagate(graph, values, {name: seed}) for name, seed in seeds.items()]
    assert alone[0].keys() == {'fc1', 'x'}
    np.testing.assert_allclose(both['x'], alone[0]['x'] + alone[1]['x'])
    np.testing.assert_allclose(both['fc1'], seeds['fc1'] + alone[1]['fc1'])
    for name, seed in kept.items():
        np.testing.assert_array_equal(seeds[name], seed)


def test_a_table_has_the_slope_between_its_neighbours(tmp_path):
    codes = np.concatenate([np.arange(8), np.arange(-8, 0)])
    inputs = codes / 4
    lookup = {'class_name': 'UnaryLUT', 'name': 'f', 'activation': 'unary_lut', 'table_data': inputs**2, 'n_in': 4}
    graph = one_layer(lookup, (4,), tmp_path, x={'Precision': {'result': 'fixed<4,2>'}})
    y, gradient = slopes(graph, np.array([[-1.5, 0, 0.75, 9]]))
    np.testing.assert_allclose(y, [[2.25, 0, 0.5625, 1.75**2]])
    np.testing.assert_allclose(gradient, [[-3, 0, 1.5, 0]])
    assert rule_of(one_layer(lookup, (4,), tmp_path, x={'Precision': {'result': 'fixed<5,2>'}}).graph['f']) is None


@pytest.mark.parametrize('implementation', ['stable', 'argmax'])
def test_softmax_of_what_the_firmware_takes_together(implementation, tmp_path):
    layer = activation('softmax', class_name='Softmax', implementation=implementation, n_outer=2, n_inner=3)
    graph = one_layer(layer, (2, 4, 3), tmp_path)
    values = forward_model(graph, [samples(5, 2, 4, 3)])
    np.testing.assert_allclose(values['f'].sum(axis=2), 1)
    check_by_differences(graph, {'x': samples(5, 2, 4, 3)}, 'f')
    # Half the outputs of a coarse table: the loss is made of them.
    coarse = values | {'f': values['f'] / 2}
    seed = samples(*coarse['f'].shape)
    mean = (seed * coarse['f']).sum(axis=2, keepdims=True)
    expected = {'stable': coarse['f'] * (seed - mean), 'argmax': backpropagate(graph, values, {'f': seed})['x']}
    np.testing.assert_allclose(backpropagate(graph, coarse, {'f': seed})['x'], expected[implementation])


def test_what_stops_and_what_is_missing(tmp_path):
    graph = graphs.from_layers(models.mlp((4, 6, 3)), tmp_path)
    values = forward_model(graph, [samples(5, 4)])
    seed = np.ones((5, 3))
    for arguments, words in (
        ((values | {'fc9': seed}, {'fc9': seed}), "no layer 'fc9'"),
        (({}, {'fc2': seed}), "no values of the layer 'fc2'"),
        (({'fc2': seed}, {'fc2': seed}), "no values of the layer 'relu1'"),
        ((values, {'fc2': seed[:, :2]}), r"'fc2' have the shape \(5, 3\), got \(5, 2\)"),
        ((values, {'fc2': seed}, {KernelKey('fc9'): own_parameters(graph.graph['fc2'])}), "no layer 'fc9'"),
        ((values, {'fc2': seed}, {KernelKey('relu1'): own_parameters(graph.graph['fc2'])}), "'relu1' takes no weights"),
    ):
        with pytest.raises(HWPruneError, match=words):
            backpropagate(graph, *arguments)
    with pytest.raises(HWPruneError, match=r'1 input\(s\), got 2'):
        forward_model(graph, [seed, seed])
    with pytest.raises(HWPruneError, match="'relu1' takes no weights"):
        forward_model(graph, [seed], {KernelKey('relu1'): own_parameters(graph.graph['fc2'])})
    # Signs are 0 and 1 in the firmware: what reads them computes something else.
    graph.graph['relu1'].get_output_variable().type.precision = XnorPrecisionType()
    assert backpropagate(graph, values, {'fc2': seed}).keys() == {'fc2'}


@pytest.mark.parametrize('perm', [(1, 2, 0), (2, 0, 1), (0, 2, 1)])
def test_axes_are_turned_back(perm, tmp_path):
    layer = {'class_name': 'Transpose', 'name': 'f', 'perm': list(perm), 'data_format': 'channels_last'}
    graph = one_layer(layer, (2, 3, 4), tmp_path)
    x = samples(5, 2, 3, 4)
    values = forward_model(graph, [x])
    np.testing.assert_array_equal(values['f'], [sample.transpose(perm) for sample in x])
    np.testing.assert_array_equal(backpropagate(graph, values, {'f': values['f']})['x'], x)
