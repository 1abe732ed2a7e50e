"""Softmax over the elements that the firmware takes together."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Rule


def _slices(call: Call, array: NDArray) -> NDArray:
    """Shape (n, slices before, elements taken together, slices within)."""
    node = call.node
    if node.model.config.get_config_value('IOType') == 'io_stream':
        return array.reshape(len(array), -1, array.shape[-1], 1)
    # hls4ml 1.3.0 sets neither for most front ends, and then takes all axes together.
    outer, inner = int(node.get_attr('n_outer', 1)), int(node.get_attr('n_inner', 1))
    return array.reshape(len(array), outer, -1, inner)


def _forward(call: Call) -> NDArray:
    x = _slices(call, call.x)
    powers = np.exp(x - x.max(axis=2, keepdims=True))
    return (powers / powers.sum(axis=2, keepdims=True)).reshape(call.x.shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    # From the outputs, whose tables are coarse: gradients of a loss are made of them. Those of `argmax` have no slope.
    output = None if 'argmax' in str(call.node.get_attr('implementation', 'stable')) else call.output
    shares, slices = _slices(call, _forward(call) if output is None else output), _slices(call, gradient)
    common = (shares * slices).sum(axis=2, keepdims=True)
    return [(shares * (slices - common)).reshape(call.x.shape)]


SOFTMAX = Rule(_forward, _backward)
