"""Dense layers and convolutions: one matrix for every window of the input."""

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import CompressedWeightVariable, ExponentPrecisionType, XnorPrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Parameters, Rule, channels_last
from hls4ml_hwprune.host.node.weights import weight_matrix
from hls4ml_hwprune.host.node.windows import from_windows, input_windows, kernel_shape


def kernel_parameters(node: Node) -> Parameters:
    """Matrix (n_out, n_in) and bias (n_out,) of a node, zeros where it was left without any."""
    n_out, n_in = kernel_shape(node)
    bias = node.weights['bias'].data if 'bias' in node.weights else np.zeros(n_out)
    return weight_matrix(node, n_in, n_out), np.asarray(bias, float)


def plain_weights(node: Node) -> bool:
    """Whether the weights are kept as the numbers that they stand for, not as signs, powers or a list of nonzeros."""
    if 'weight' not in node.weights:
        return True
    weight = node.weights['weight']
    encoded = isinstance(weight.type.precision, XnorPrecisionType | ExponentPrecisionType)
    return not encoded and not isinstance(weight, CompressedWeightVariable)


def _parameters(call: Call) -> Parameters:
    matrix, bias = call.parameters or kernel_parameters(call.node)
    return matrix.astype(call.x.dtype, copy=False), bias.astype(call.x.dtype, copy=False)


def _forward(call: Call) -> NDArray:
    matrix, bias = _parameters(call)
    # One product for all samples: numpy would loop over a stack of them.
    windows = input_windows(call.node, call.x).reshape(-1, matrix.shape[1])
    return (windows @ matrix.T + bias).reshape(call.output_shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    matrix, _ = _parameters(call)
    windows = gradient.reshape(-1, len(matrix)) @ matrix
    return [from_windows(call.node, windows.reshape(len(call.x), -1, matrix.shape[1])).reshape(call.x.shape)]


def _applies(node: Node) -> bool:
    return channels_last(node) and plain_weights(node)


KERNEL = Rule(_forward, _backward, _applies, saturates=True)
