"""Activations: one function of every element, with the parameters that each class of nodes keeps in its own place."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, ChannelRule, Family, Parts, Remaining, Rule
from hls4ml_hwprune.host.families.functions import FUNCTIONS
from hls4ml_hwprune.host.node.casting import cast_double
from hls4ml_hwprune.host.node.constants import Values, input_type, unknown, weight_values
from hls4ml_hwprune.host.node.kernels import attribute_bits, elements, input_bits, is_stream, output_bits
from hls4ml_hwprune.host.node.precision import is_exact
from hls4ml_hwprune.host.node.tensors import Tensor
from hls4ml_hwprune.host.node.weights import set_data
from hls4ml_hwprune.records import Memory, Operation

# Activations that hls4ml reads from a table; the others are comparisons, shifts and adders.
_TABLED = ('sigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'selu', 'unary_lut')
_PARAMETRISED = ('leaky_relu', 'leakyrelu', 'prelu', 'thresholded_relu', 'thresholdedrelu')
_THRESHOLDS = ('binary_tanh', 'ternary_tanh')
# Activations that treat every element alike. Binary and ternary ones change the meaning of the next layer's products.
_ELEMENTWISE = ('linear', 'relu', 'relu1', 'relu6', 'sigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'selu')
_HARD = ('hard_sigmoid', 'hard_tanh')
_CONSTANTS = {
    'leaky_relu': lambda x, alpha: np.where(x > 0, x, alpha * x),
    'thresholded_relu': lambda x, theta: np.where(x > theta, x, 0.0),
}


def read(node: Node) -> Parts:
    """Table or comparison of every element, by the name of the function."""
    return read_named(node, str(node.get_attr('activation')).lower())


def read_named(node: Node, activation: str) -> Parts:
    """Table or comparison of every element."""
    n, bits = elements(node), input_bits(node)
    if activation in _TABLED:
        size = int(node.get_attr('table_size', 1024) or 1024)
        table = Memory('table', size, attribute_bits(node, 'table_t'), lookups=n)
        return Parts(memories=(table,), operations=(Operation('activation_table', n, bits),))
    kind = 'linear' if activation == 'linear' and output_bits(node) == bits else 'relu'
    if activation in _PARAMETRISED:
        kind = 'leaky_relu'
    elif activation.startswith('hard_'):
        kind = 'hard_activation' + (f'_saturated{"_stream" if is_stream(node) else ""}' if _is_saturated(node) else '')
    elif activation in _THRESHOLDS:
        kind = 'threshold'
    elif kind == 'relu':
        kind = f'relu{"_saturated" if _is_saturated(node) else ""}{"_stream" if is_stream(node) else ""}'
    return Parts(operations=(Operation(kind, n, bits),))


def _is_saturated(node: Node) -> bool:
    """Whether results are rounded or saturated, by the type of the output."""
    precision = node.get_output_variable().type.precision
    modes = f'{getattr(precision, "rounding_mode", "")} {getattr(precision, "saturation_mode", "")}'.upper()
    return 'RND' in modes or 'SAT' in modes.replace('SATURATION', '')


def _name(node: Node) -> str:
    return str(node.get_attr('activation')).lower().replace('_', '')


def _rule(parameter: Callable[[Call], Any]) -> Rule:
    def forward(call: Call) -> NDArray:
        return FUNCTIONS[_name(call.node)].value(call.x, parameter(call)).astype(call.x.dtype, copy=False)

    def backward(call: Call, gradient: NDArray) -> list[NDArray]:
        slope = FUNCTIONS[_name(call.node)].slope(call.x, parameter(call))
        return [gradient * slope.astype(gradient.dtype, copy=False)]

    return Rule(forward, backward, lambda node: _name(node) in FUNCTIONS, saturates=True)


def _number(call: Call) -> float:
    return float(call.node.get_attr('activ_param', 1.0))


def _line(call: Call) -> tuple[float, float]:
    return float(call.node.get_attr('slope')), float(call.node.get_attr('shift'))


def _elements(call: Call) -> NDArray:
    return np.asarray(call.node.weights['param'].data, call.x.dtype).reshape(call.x.shape[1:])


def _pass_on(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    """Linear and rectified activations of constants; values of functions from tables are unknown."""
    name, values = str(node.get_attr('activation')).lower(), sources[0].value
    if name not in _ELEMENTWISE + _HARD:
        return None
    made = {'relu': np.maximum(values, 0.0), 'linear': values}.get(name)
    return replace(sources[0], value=unknown(values) if made is None else made)


def _pass_on_parametrised(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    return replace(sources[0], value=_parametrised(node, sources[0].value))


def _parametrised(node: Node, values: Values) -> Values:
    """Leaky and thresholded ReLU of constants, whose parameter C++ converts to its type."""
    function = _CONSTANTS.get(node._get_act_function_name())
    parameter_type = node.get_attr('param_t').precision
    if function is None or not is_exact(parameter_type, input_type(node)):
        return unknown(values)
    parameter = cast_double(np.array(float(node.get_attr('activ_param', 1.0))), parameter_type)
    return np.where(np.isnan(values), np.nan, function(values, parameter))


def _pass_on_prelu(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    """PReLU of constants, with a slope for each element."""
    tensor = sources[0]
    if np.size(node.weights['param'].data) != tensor.channel.size:
        return None
    if not is_exact(node.weights['param'].type.precision, input_type(node)):
        return replace(tensor, value=unknown(tensor.value))
    return replace(tensor, value=np.where(tensor.value > 0, tensor.value, weight_values(node, 'param') * tensor.value))


def _shrink(node: Node, remaining: Remaining) -> None:
    node.set_attr('n_in', int(remaining.elements.sum()))


def _shrink_prelu(node: Node, remaining: Remaining) -> None:
    set_data(node.weights['param'], np.asarray(node.weights['param'].data).ravel()[remaining.elements])
    _shrink(node, remaining)


def _answer(node: Node) -> str:
    return {'sigmoid': 'flags', 'linear': 'same'}.get(str(node.get_attr('activation')).lower(), '')


_RULE = _rule(_number)
FAMILIES = (
    Family(classes=('Activation',), read=read, rule=_RULE, channels=ChannelRule(_pass_on, _shrink), answer=_answer),
    Family(classes=('ParametrizedActivation',), read=read, rule=_RULE, channels=ChannelRule(_pass_on_parametrised, _shrink)),
    Family(classes=('TernaryTanh',), read=read, rule=_RULE),
    Family(classes=('HardActivation',), read=read, rule=_rule(_line), channels=ChannelRule(_pass_on, _shrink)),
    Family(classes=('PReLU',), read=read, rule=_rule(_elements), channels=ChannelRule(_pass_on_prelu, _shrink_prelu)),
)
