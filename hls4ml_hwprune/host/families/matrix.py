"""Arithmetic of layers that multiply every window of their input by a matrix."""

from collections.abc import Callable

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import CompressedWeightVariable, ExponentPrecisionType, XnorPrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, MatrixRule, Parameters, Rule, Taps, channels_last
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

    def forward(call: Call) -> NDArray:
        total = np.asarray(sum(_products(matrix, call, role) for role in matrix.roles))
        return (total if matrix.output_of is None else matrix.output_of(call.node, total)).reshape(call.output_shape)

    def backward(call: Call, gradient: NDArray) -> list[NDArray]:
        windows: NDArray | float = 0.0
        for role in matrix.roles:
            weights, _ = _parameters(matrix, call, role)
            windows = _rows(call.node, gradient, matrix.gradients_of).reshape(-1, len(weights)) @ weights + windows
        shaped = np.asarray(windows).reshape(len(call.x), -1, np.shape(windows)[-1])
        return [matrix.from_windows(call.node, shaped).reshape(call.x.shape)]

    def applies(node: Node) -> bool:
        return channels_last(node) and plain_weights(node)

    return Rule(forward, backward, applies, saturates=True, taps=_taps(matrix))


def _taps(matrix: MatrixRule) -> Taps:
    """Tap the inputs and products of the kernels of such layers."""

    def inputs(call: Call, role: str) -> NDArray:
        return matrix.windows(call.node, role, call.x)

    def shaped(call: Call, role: str, values: NDArray) -> NDArray:
        return values.reshape(len(call.x), -1, matrix.shape(call.node, role)[0])

    def of_output(call: Call) -> NDArray:
        assert call.output is not None  # given with taps
        return _rows(call.node, call.output, matrix.products_of)

    def products(call: Call, role: str) -> NDArray:
        return shaped(call, role, of_output(call) if len(matrix.roles) == 1 else _products(matrix, call, role))

    def wanted(call: Call, role: str, other: Call) -> NDArray:
        output = of_output(other)
        if len(matrix.roles) > 1:
            # The other kernels of the layer stay: their share of its output is subtracted.
            output = output - of_output(call) + _products(matrix, call, role).reshape(output.shape)
        return shaped(call, role, output)

    def gradients(call: Call, role: str, gradient: NDArray) -> NDArray:
        return shaped(call, role, _rows(call.node, gradient, matrix.gradients_of))

    return Taps(matrix.shape, inputs, products, wanted, gradients)


def _rows(node: Node, values: NDArray, turned: Callable[[Node, NDArray], NDArray] | None) -> NDArray:
    return values if turned is None else turned(node, values)


def _parameters(matrix: MatrixRule, call: Call, role: str) -> Parameters:
    weights, bias = (call.parameters or {}).get(role) or kernel_parameters(call.node, matrix, role)
    return weights.astype(call.x.dtype, copy=False), bias.astype(call.x.dtype, copy=False)


def _products(matrix: MatrixRule, call: Call, role: str) -> NDArray:
    weights, bias = _parameters(matrix, call, role)
    # One product for all samples: numpy would loop over a stack of them.
    windows = matrix.windows(call.node, role, call.x).reshape(-1, weights.shape[1])
    return windows @ weights.T + bias
