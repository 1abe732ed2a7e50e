"""Batch normalisation and the scales of quantised layers: a factor and an offset for each channel or element."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Rule


def _weights(call: Call, role: str) -> NDArray:
    return np.asarray(call.node.weights[role].data, call.x.dtype).ravel()


def _forward(call: Call) -> NDArray:
    scale = _weights(call, 'scale')
    return (call.x.reshape(len(call.x), -1, scale.size) * scale + _weights(call, 'bias')).reshape(call.output_shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    scale = _weights(call, 'scale')
    return [(gradient.reshape(len(gradient), -1, scale.size) * scale).reshape(call.x.shape)]


SCALING = Rule(_forward, _backward, saturates=True)
