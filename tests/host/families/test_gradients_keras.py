"""Values and gradients through hls4ml's IR are those of Keras, whatever the layers."""

from functools import cache

import numpy as np
import pytest

from hls4ml_hwprune.host.graph.autodiff import backpropagate, forward_model
from tests.host.graph import graphs

tensorflow = pytest.importorskip('tensorflow')
keras = tensorflow.keras
layers = keras.layers


def image():
    """Convolutions with padding and strides, a skip connection, pooling with padding, branches."""
    inputs = layers.Input((8, 7, 2), name='x')
    a = layers.Conv2D(4, 3, strides=2, padding='same', name='a')(inputs)
    skip = layers.LeakyReLU(alpha=0.2, name='leaky')(a)
    b = layers.Conv2D(4, (2, 3), padding='same', name='b')(layers.BatchNormalization(name='norm')(skip))
    added = layers.Add(name='added')([b, skip])
    largest = layers.MaxPooling2D(2, name='largest')(added)
    mean = layers.AveragePooling2D(3, strides=2, padding='same', name='mean')(added)
    joined = layers.Concatenate(name='joined')([largest, layers.Conv2D(3, 1, name='pointwise')(mean)])
    c = layers.Dense(5, name='c')(layers.Flatten(name='flat')(joined))
    return keras.Model(inputs, layers.Activation('softmax', name='shares')(c))


def sequence():
    inputs = layers.Input((11, 3), name='x')
    a = layers.Activation('elu', name='elu')(layers.Conv1D(4, 3, strides=2, padding='same', name='a')(inputs))
    mean = layers.AveragePooling1D(3, strides=2, padding='same', name='mean')(a)
    largest = layers.MaxPooling1D(2, strides=2, padding='same', name='largest')(a)
    b = layers.Conv1D(4, 2, name='b')(layers.Concatenate(name='joined')([mean, largest]))
    both = layers.Concatenate(name='both')(
        [layers.GlobalMaxPooling1D(name='highest')(b), layers.GlobalAveragePooling1D(name='middle')(b)]
    )
    return keras.Model(inputs, layers.Activation('tanh', name='tanh')(layers.Dense(3, name='c')(both)))


def moved():
    """Depthwise and separable convolutions, and layers that only move elements."""
    inputs = layers.Input((5, 4, 3), name='x')
    a = layers.DepthwiseConv2D(3, padding='same', depth_multiplier=1, name='a')(inputs)
    b = layers.SeparableConv2D(4, 2, name='b')(layers.ZeroPadding2D(((1, 0), (2, 1)), name='padded')(a))
    up = layers.UpSampling2D((2, 3), name='up')(layers.Cropping2D(((1, 0), (0, 2)), name='cropped')(b))
    flat = layers.Reshape((96, 4), name='rows')(up)
    turned = layers.Permute((2, 1), name='turned')(layers.Dense(5, name='c')(flat))
    return keras.Model(inputs, layers.Dense(2, name='d')(layers.GlobalMaxPooling1D(name='highest')(turned)))


def elementwise():
    inputs = layers.Input((6,), name='x')
    other = layers.Input((4,), name='z')
    a, b = layers.Dense(4, name='a')(inputs), layers.Dense(4, name='b')(other)
    pairs = [layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum]
    names = ['relu', 'sigmoid', 'softplus', 'softsign', 'selu']
    # hls4ml clones a stream no more than seven times.
    c, d = layers.Activation('tanh', name='tanh')(a), layers.Activation('relu', name='positive')(b)
    parts = [layers.Activation(name, name=name)(pair()([c, d])) for name, pair in zip(names, pairs, strict=True)]
    parts += [layers.ThresholdedReLU(0.3, name='above')(a), layers.PReLU('glorot_uniform', name='prelu')(b)]
    parts += [layers.ELU(0.7, name='elu')(a), layers.Dot(1, name='dot')([a, b])]
    joined = parts[0]
    for part in parts[1:]:
        joined = layers.Concatenate()([joined, part])
    return keras.Model([inputs, other], layers.Activation('hard_sigmoid', name='hard')(layers.Dense(3, name='last')(joined)))


def recurrent():
    """Cells in one direction and in both, over all steps and to the last."""
    inputs = layers.Input((6, 3), name='x')
    a = layers.GRU(4, return_sequences=True, name='a')(inputs)
    b = layers.Bidirectional(layers.LSTM(3, return_sequences=True), name='b')(a)
    c = layers.LSTM(4, activation='relu', name='c')(b)
    d = layers.Bidirectional(layers.GRU(2, activation='softsign'), name='d')(b)
    joined = layers.Concatenate(name='joined')([c, d])
    return keras.Model(inputs, layers.Dense(2, name='e')(joined))


NETWORKS = {function.__name__: function for function in (image, sequence, moved, elementwise, recurrent)}


@cache
def made(network):
    """A network with random weights, inputs, a gradient for its output, and what Keras makes of them."""
    keras.utils.set_random_seed(0)
    model = network()
    rng = np.random.default_rng(0)
    for layer in model.layers:
        # Variances are positive.
        low, high = (0.5, 1.2) if isinstance(layer, layers.BatchNormalization) else (-0.6, 0.6)
        layer.set_weights([rng.uniform(low, high, weights.shape) for weights in layer.get_weights()])
    x = {tensor.name: rng.normal(size=(5, *tensor.shape[1:])).astype(np.float32) for tensor in model.inputs}
    seed = rng.normal(size=(5, *model.output_shape[1:])).astype(np.float32)
    return model, x, seed, *reference(model, x, seed)


def reference(model, x, seed):
    """Outputs of all layers of a Keras model, and gradients for them of the last output times `seed`."""
    named = {layer.name: layer.output for layer in model.layers}
    x = {name: tensorflow.constant(array) for name, array in x.items()}
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        found = keras.Model(model.inputs, {name: output for name, output in named.items() if name not in x})(x) | x
        target = tensorflow.reduce_sum(found[model.layers[-1].name] * seed)
    gradients = tape.gradient(target, found)
    return {name: value.numpy() for name, value in found.items()}, {
        name: gradient.numpy() for name, gradient in gradients.items() if gradient is not None
    }


def same(found, expected, names):
    for name in names:
        scale = np.abs(expected[name]).max()
        assert scale > 0, name
        np.testing.assert_allclose(found[name] / scale, expected[name] / scale, atol=2e-5, err_msg=name)
        assert found[name].dtype == np.float32, name


@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
@pytest.mark.parametrize('network', NETWORKS)
def test_values_and_gradients_of_keras(network, io_type, tmp_path):
    model, x, seed, expected, slopes = made(NETWORKS[network])
    graph = graphs.from_keras(model, tmp_path, io_type)
    values = forward_model(graph, [x[name] for name in graph.inputs])
    assert values.keys() == graph.graph.keys()
    last = next(reversed(graph.graph))
    common = values.keys() & expected.keys()
    # Softmax by another name, convolutions that are split, and layers that do nothing are all that may be missing.
    assert len(common) >= 0.7 * len(expected)
    same(values, expected, common)
    gradients = backpropagate(graph, values, {last: seed})
    assert gradients.keys() == graph.graph.keys()
    same(gradients, slopes, common)


def around_a_recurrent_layer():
    inputs, other = layers.Input((6, 3), name='x'), layers.Input((4,), name='z')
    a = layers.Conv1D(3, 2, name='a')(inputs)
    state = layers.LSTM(4, recurrent_activation='hard_sigmoid', name='lstm')(a)
    left = layers.Concatenate(name='left')([state, layers.GlobalAveragePooling1D(name='middle')(a)])
    right = layers.Activation('relu', name='relu')(layers.Dense(3, name='b')(other))
    return keras.Model([inputs, other], layers.Dense(2, name='c')(layers.Concatenate(name='both')([left, right])))


@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
def test_gradients_end_at_a_layer_without_a_rule(io_type, tmp_path):
    model, x, seed, expected, slopes = made(around_a_recurrent_layer)
    graph = graphs.from_keras(model, tmp_path, io_type)
    assert forward_model(graph, [x[name] for name in graph.inputs]) is None
    traced = expected | {name: expected['a'] for name in graph.graph.keys() - expected.keys()}
    gradients = backpropagate(graph, traced, {'c': seed})
    # The pooling beside the LSTM has a rule, so `middle` has a gradient; what both read has only a part of it.
    assert gradients.keys() == {'c', 'both', 'left', 'lstm', 'middle', 'relu', 'b', 'z'}
    same(gradients, slopes, gradients)
    assert backpropagate(graph, traced, {'middle': expected['middle']}).keys() >= {'middle', 'a', 'x'}
