"""Softmax over the elements that the firmware takes together."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.ir.gradients.rules import Call, Rule


def _slices(call: Call, array: NDArray) -> NDArray:
    """Shape (n, slices before, elements taken together, slices within)."""
    node = call.node
    if node.model.config.get_config_value('IOType') == 'io_stream':
        return array.reshape(len(array), -1, array.shape[-1], 1)
    # hls4ml 1.3.0 sets neither for most front ends, and then takes all axes together.
    outer, inner = int(node.get_attr('n_outer', 1)), int(node.get_attr('n_inner', 1))
    return array.reshape(len(array), outer, -1, inner)


def _shares(call: Call) -> NDArray:
    x = _slices(call, call.x)
    powers = np.exp(x - x.max(axis=2, keepdims=True))
    return powers / powers.sum(axis=2, keepdims=True)


def _forward(call: Call) -> NDArray:
    return _shares(call).reshape(call.x.shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    # From the inputs, so that outputs of few bits, or the ones and zeros of `argmax`, have the slope they stand for.
    shares, slices = _shares(call), _slices(call, gradient)
    common = (shares * slices).sum(axis=2, keepdims=True)
    return [(shares * (slices - common)).reshape(call.x.shape)]


SOFTMAX = Rule(_forward, _backward)
