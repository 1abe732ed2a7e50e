"""Windows are what the kernel multiplies, and gradients of windows find their way back."""

import numpy as np
import pytest

from hls4ml_hwprune.host.families.matrix import kernel_parameters
from hls4ml_hwprune.host.families.registry import family_of
from tests import models
from tests.host.graph import graphs

# Shape of the input and the window, strides, padding.
CONVOLUTIONS = {
    'plain': ((6, 5, 2), (3, 2), (1, 1), ((0, 0), (0, 0))),
    'padded': ((6, 5, 2), (3, 2), (1, 1), ((1, 1), (0, 1))),
    'strided': ((7, 6, 3), (2, 3), (3, 2), ((0, 1), (2, 0))),
    'leftovers': ((8, 8, 1), (3, 3), (3, 3), ((0, 0), (0, 0))),
    'pointwise': ((4, 3, 5), (1, 1), (1, 1), ((0, 0), (0, 0))),
    'strided pointwise': ((5, 4, 2), (1, 1), (2, 3), ((0, 0), (0, 0))),
    'sequence': ((9, 2), (4,), (1,), ((1, 2),)),
    'strided sequence': ((9, 2), (4,), (3,), ((2, 0),)),
    'pointwise sequence': ((6, 3), (1,), (1,), ((0, 0),)),
}


def input_windows(node, x):
    return family_of(node).matrix.windows(node, 'weight', x)


def from_windows(node, gradient):
    shape = (len(gradient), *node.get_input_variable().shape)
    return family_of(node).matrix.from_windows(node, gradient).reshape(shape)


def parameters(node):
    return kernel_parameters(node, family_of(node).matrix)


def direct(x, weights, strides, padding):
    """A convolution as the textbook has it."""
    x = np.pad(x, (*padding, (0, 0)))
    size = weights.shape[:-2]
    counts = [(length - part) // stride + 1 for length, part, stride in zip(x.shape, size, strides, strict=False)]
    y = np.zeros((*counts, weights.shape[-1]))
    for place in np.ndindex(*counts):
        window = tuple(slice(i * s, i * s + part) for i, s, part in zip(place, strides, size, strict=True))
        for filters in range(weights.shape[-1]):
            y[place][filters] = (x[window] * weights[..., filters]).sum()
    return y


@pytest.fixture(params=CONVOLUTIONS)
def convolution(request, tmp_path):
    """A node, its weights as they were given, and its geometry."""
    shape, size, strides, padding = CONVOLUTIONS[request.param]
    weights = np.random.default_rng(0).normal(size=(*size, shape[-1], 4)).astype(np.float32)
    layers = [models.input_layer(shape), graphs.convolution('conv', shape, weights, strides, padding)]
    node = graphs.from_layers(layers, tmp_path).graph['conv']
    assert node.class_name.startswith('Pointwise') == request.param.startswith(('pointwise', 'strided pointwise'))
    return node, shape, weights, strides, padding


def test_matrix_times_windows_is_the_convolution(convolution):
    node, shape, weights, strides, padding = convolution
    x = np.random.default_rng(1).normal(size=(3, *shape))
    matrix, bias = parameters(node)
    assert matrix.shape == family_of(node).matrix.shape(node, 'weight')
    windows = input_windows(node, x)
    y = (windows @ matrix.T + bias).reshape(3, *node.get_output_variable().shape)
    np.testing.assert_allclose(y, [direct(sample, weights, strides, padding) for sample in x], rtol=1e-12, atol=1e-12)
    assert input_windows(node, x.astype(np.float32)).dtype == np.float32


def test_the_way_back_is_the_adjoint(convolution):
    node, shape = convolution[:2]
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3, *shape))
    windows = input_windows(node, x)
    gradient = rng.normal(size=windows.shape)
    back = from_windows(node, gradient)
    assert back.shape == x.shape
    np.testing.assert_allclose((windows * gradient).sum(), (x * back).sum(), rtol=1e-12)
    assert from_windows(node, gradient.astype(np.float32)).dtype == np.float32


def test_a_dense_layer_has_one_position(tmp_path):
    node = graphs.from_layers(models.mlp((6, 4)), tmp_path).graph['fc1']
    x = np.random.default_rng(1).normal(size=(3, 6))
    np.testing.assert_array_equal(input_windows(node, x), x[:, None])
    np.testing.assert_array_equal(from_windows(node, x[:, None]), x)


def test_a_dense_layer_along_an_axis_is_a_convolution(tmp_path):
    weights = np.random.default_rng(0).normal(size=(4, 3))
    layers = [models.input_layer((5, 4)), models.dense('fc', weights)]
    node = graphs.from_layers(layers, tmp_path).graph['fc']
    assert node.class_name == 'PointwiseConv1D'
    x = np.random.default_rng(1).normal(size=(3, 5, 4))
    np.testing.assert_array_equal(input_windows(node, x), x)
    np.testing.assert_allclose(x @ parameters(node)[0].T, x @ weights, rtol=1e-6)
