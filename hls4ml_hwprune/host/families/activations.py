"""Activations: one function of every element, with the parameters that each class of nodes keeps in its own place."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Rule
from hls4ml_hwprune.host.families.functions import FUNCTIONS


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


ACTIVATION, HARD, PRELU = _rule(_number), _rule(_line), _rule(_elements)
