"""Arithmetic of layers on constant elements, bit for bit as hls4ml's templates do it; NaN stands for what is not known."""

from collections.abc import Callable

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import PrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.node.casting import cast, cast_double, is_settled
from hls4ml_hwprune.host.node.precision import fractional_bits, is_exact, is_exact_sum, quantise

Values = NDArray[np.float64]

_PARAMETER = {
    'leaky_relu': lambda x, alpha: np.where(x > 0, x, alpha * x),
    'thresholded_relu': lambda x, theta: np.where(x > theta, x, 0.0),
}
_MERGES: dict[str, Callable[[Values, Values], Values]] = {
    'add': np.add,
    'subtract': np.subtract,
    'multiply': np.multiply,
    'maximum': np.maximum,
    'minimum': np.minimum,
    'average': lambda a, b: (a + b) / 2,
}


def unknown(like: Values) -> Values:
    """As many elements of which nothing is known."""
    return np.full(like.shape, np.nan)


def assigned(values: Values, precision: PrecisionType, source: PrecisionType | None = None) -> Values:
    """Values after they were assigned to a type; not known where doubles cannot follow.

    `source` is the type that they have, None where that is not known.
    """
    if not is_exact(precision):
        return unknown(values)
    known = ~np.isnan(values) & is_settled(values, precision, source)
    return np.where(known, cast(np.where(known, values, 0.0), precision), np.nan)


def weight_values(node: Node, role: str) -> Values:
    """Values that the firmware holds for a weight variable, flat; not known for types without plain codes."""
    variable = node.weights[role]
    data = np.asarray(variable.data, float).ravel()
    if not is_exact(variable.type.precision):
        return unknown(data)
    return quantise(data, variable.type.precision) * 2.0 ** -fractional_bits(variable.type.precision)


def activation(node: Node, values: Values) -> Values:
    """Linear and rectified activations; others read tables, or have types of their own, and are not followed."""
    name = str(node.get_attr('activation')).lower()
    if name == 'relu':
        return np.maximum(values, 0.0)
    return values if name == 'linear' else unknown(values)


def parametrised(node: Node, values: Values) -> Values:
    """Leaky and thresholded ReLU, whose parameter C++ converts to its type."""
    function = _PARAMETER.get(node._get_act_function_name())
    parameter_type = node.get_attr('param_t').precision
    if function is None or not is_exact(parameter_type, _input_type(node)):
        return unknown(values)
    parameter = cast_double(np.array(float(node.get_attr('activ_param', 1.0))), parameter_type)
    return np.where(np.isnan(values), np.nan, function(values, parameter))


def prelu(node: Node, values: Values) -> Values:
    """PReLU, with a slope for each element."""
    if not is_exact(node.weights['param'].type.precision, _input_type(node)):
        return unknown(values)
    return np.where(values > 0, values, weight_values(node, 'param') * values)


def batchnorm(node: Node, values: Values, scale_of: NDArray[np.int64]) -> Values:
    """Scale and bias; `scale_of` says which of them each element takes."""
    scale, bias = (node.weights[role].type.precision for role in ('scale', 'bias'))
    if not is_exact_sum((scale, _input_type(node)), (bias,)):
        return unknown(values)
    return values * weight_values(node, 'scale')[scale_of] + weight_values(node, 'bias')[scale_of]


def pooled(node: Node, values: Values) -> Values:
    """Pooling of windows whose elements are all of this value: the maximum is the value, and the mean of zeros is zero."""
    padded = any(node.get_attr(f'pad_{side}', 0) for side in ('top', 'bottom', 'left', 'right'))
    if padded:
        return unknown(values)
    values = assigned(values, node.get_attr('accum_t').precision, _input_type(node))
    return values if node.get_attr('pool_op') == 'Max' else np.where(values == 0, 0.0, np.nan)


def merged(node: Node, first: Values, second: Values) -> Values:
    """Element-wise arithmetic of two tensors."""
    types = [node.get_input_variable(name).type.precision for name in node.inputs]
    if not is_exact(*types) or not is_exact_sum(*((precision,) for precision in types)):
        return unknown(first)
    return _MERGES[str(node.get_attr('op')).lower()](first, second)


def is_followed(node: Node) -> bool:
    """Whether a merging node does what `merged` does."""
    return str(node.get_attr('op')).lower() in _MERGES


def _input_type(node: Node) -> PrecisionType:
    return node.get_input_variable().type.precision
