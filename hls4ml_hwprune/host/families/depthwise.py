"""Depthwise convolutions: a kernel for each channel; hls4ml splits separable ones into a depthwise and a pointwise layer."""

from dataclasses import replace
from math import prod

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Family, Parts, Rule, channels_last
from hls4ml_hwprune.host.families.convolution import copies, dimensions, line_buffers
from hls4ml_hwprune.host.families.matrix import plain_weights
from hls4ml_hwprune.host.node.kernels import make_kernel
from hls4ml_hwprune.host.node.weights import is_transposed
from hls4ml_hwprune.host.node.windows import as_image, geometry, positions, scatter, views


def _read(node: Node) -> Parts:
    """Each channel sees its own window only, so the matrix is (1, window x channels)."""
    n_in = prod(geometry(node).size) * int(node.get_attr('n_chan'))
    kernel = make_kernel(node, n_in, 1, copies(node), source='window')
    return Parts(kernels=(replace(kernel, kept=None),), memories=line_buffers(node), dimensions=dimensions(node))


def _weights(call: Call) -> NDArray:
    """Shape (channels, window, outputs of a channel)."""
    node = call.node
    data = np.asarray(node.weights['weight'].data, call.x.dtype)
    window = prod(geometry(node).size)
    return data.reshape(window, int(node.get_attr('n_chan')), -1).transpose(1, 0, 2)


def _forward(call: Call) -> NDArray:
    weights = _weights(call)
    channels, window, n_out = weights.shape
    windows = views(as_image(call.x), geometry(call.node)).transpose(3, 0, 1, 2, 4, 5)
    sums = windows.reshape(channels, -1, window) @ weights
    bias = np.asarray(call.node.weights['bias'].data, call.x.dtype)
    return (sums.transpose(1, 0, 2).reshape(-1, channels * n_out) + bias).reshape(call.output_shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    weights, place, image = _weights(call), geometry(call.node), as_image(call.x).shape
    channels, _, n_out = weights.shape
    windows = gradient.reshape(-1, channels, n_out).transpose(1, 0, 2) @ weights.transpose(0, 2, 1)
    taps = windows.reshape(channels, len(call.x), *positions(image, place), *place.size).transpose(1, 2, 3, 4, 5, 0)
    return [scatter(taps, place, image).reshape(call.x.shape)]


def _applies(node: Node) -> bool:
    # The Resource strategy keeps the weights in another order once types are converted.
    return channels_last(node) and plain_weights(node) and not is_transposed(node)


FAMILIES = (
    Family(
        classes=('DepthwiseConv1D', 'DepthwiseConv2D'),
        read=_read,
        rule=Rule(_forward, _backward, _applies, saturates=True),
    ),
)
