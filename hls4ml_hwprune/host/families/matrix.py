"""Arithmetic of layers that multiply every window of their input by a matrix."""

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import CompressedWeightVariable, ExponentPrecisionType, XnorPrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, MatrixRule, Parameters, Rule, channels_last
from hls4ml_hwprune.host.node.weights import bias_role, bias_vector, weight_matrix


def kernel_parameters(node: Node, matrix: MatrixRule, role: str = 'weight') -> Parameters:
    """Matrix (n_out, n_in) and bias (n_out,) of a node, zeros where it was left without any."""
    n_out, n_in = matrix.shape(node, role)
    bias = bias_vector(node, role) if bias_role(role) in node.weights else np.zeros(n_out)
    return weight_matrix(node, n_in, n_out, role), bias


def plain_weights(node: Node) -> bool:
    """Whether the weights are kept as the numbers that they stand for, not as signs, powers or a list of nonzeros."""
    weights = [variable for role, variable in node.weights.items() if role.endswith('weight')]
    encoded = any(isinstance(one.type.precision, XnorPrecisionType | ExponentPrecisionType) for one in weights)
    return not encoded and not any(isinstance(one, CompressedWeightVariable) for one in weights)


def matrix_products(matrix: MatrixRule) -> Rule:
    """Rule of layers that add up products of matrices with the same windows."""

    def parameters(call: Call, role: str) -> Parameters:
        weights, bias = (call.parameters or {}).get(role) or kernel_parameters(call.node, matrix, role)
        return weights.astype(call.x.dtype, copy=False), bias.astype(call.x.dtype, copy=False)

    def forward(call: Call) -> NDArray:
        total: NDArray | float = 0.0
        for role in matrix.roles:
            weights, bias = parameters(call, role)
            # One product for all samples: numpy would loop over a stack of them.
            windows = matrix.windows(call.node, role, call.x).reshape(-1, weights.shape[1])
            total = windows @ weights.T + bias + total
        return np.asarray(total).reshape(call.output_shape)

    def backward(call: Call, gradient: NDArray) -> list[NDArray]:
        windows: NDArray | float = 0.0
        for role in matrix.roles:
            weights, _ = parameters(call, role)
            windows = gradient.reshape(-1, len(weights)) @ weights + windows
        shaped = np.asarray(windows).reshape(len(call.x), -1, np.shape(windows)[-1])
        return [matrix.from_windows(call.node, shaped).reshape(call.x.shape)]

    return Rule(forward, backward, lambda node: channels_last(node) and plain_weights(node), saturates=True)
