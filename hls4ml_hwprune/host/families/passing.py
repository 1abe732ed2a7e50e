"""Layers without a kernel that hand channels on, each apart from the others."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.node import constants
from hls4ml_hwprune.host.node.tensors import Tensor, channels_of

# Activations that treat every element alike. Binary and ternary ones change what the next layer's products mean.
_ELEMENTWISE = ('linear', 'relu', 'relu1', 'relu6', 'sigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'selu')
_HARD = ('hard_sigmoid', 'hard_tanh')


def passed_on(node: Node, sources: Sequence[Tensor]) -> tuple[Tensor, tuple[int, ...]] | None:
    """Return what comes out of `node`, before it is assigned to the output's type.

    Returns
    -------
    (tensor, first) or None
        The output, and the channel of it that is the first one of each source. None for a layer that mixes channels, or
        that is not known.
    """
    found = _PASSING.get(node.class_name)
    if found is None or node.get_attr('data_format') == 'channels_first':
        return None
    tensor = found(node, sources)
    if tensor is None:
        return None
    return tensor, (0, sources[0].n_channels) if node.class_name == 'Concatenate' else (0,) * len(sources)


def scale_index(node: Node, tensor: Tensor) -> NDArray[np.int64]:
    """Which of its scales a batch normalisation takes for each element of `tensor`; shape (size,)."""
    n_filt = int(node.get_attr('n_filt', -1))
    return np.arange(tensor.channel.size) % (tensor.channel.size if n_filt == -1 else n_filt)


def _activation(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    if str(node.get_attr('activation')).lower() not in _ELEMENTWISE + _HARD:
        return None
    return replace(sources[0], value=constants.activation(node, sources[0].value))


def _parametrised(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    return replace(sources[0], value=constants.parametrised(node, sources[0].value))


def _prelu(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    if np.size(node.weights['param'].data) != sources[0].channel.size:
        return None
    return replace(sources[0], value=constants.prelu(node, sources[0].value))


def _batchnorm(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    (tensor,) = sources
    index = scale_index(node, tensor)
    # Scales by channel must be those of these channels, or they could not go with them.
    by_element = np.array_equal(index, np.arange(index.size))
    if np.size(node.weights['scale'].data) != index.max() + 1 or not (by_element or np.array_equal(index, tensor.channel)):
        return None
    return replace(tensor, value=constants.batchnorm(node, tensor.value, index))


def _pooling(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    (tensor,) = sources
    shape = tuple(node.get_output_variable().shape)
    if not tensor.channels_last or shape[-1] != tensor.n_channels:
        return None
    return channels_of(shape, constants.pooled(node, tensor.channel_values()))


def _padding(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    (tensor,) = sources
    values = tensor.channel_values()
    if not tensor.channels_last:
        return None
    return channels_of(tuple(node.get_output_variable().shape), np.where(values == 0, 0.0, np.nan))


def _reshape(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    """Flatten, or keep the channels as the last axis."""
    (tensor,) = sources
    shape = tuple(node.get_output_variable().shape)
    if shape == tensor.shape:
        return tensor
    if len(shape) == 1:
        return replace(tensor, shape=shape, axis=None)
    if not tensor.channels_last or shape[-1] != tensor.shape[-1]:
        return None
    return replace(tensor, shape=shape, axis=len(shape) - 1)


def _transpose(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    (tensor,) = sources
    order = [int(axis) for axis in node.get_attr('perm')]
    if tensor.axis is None or len(order) != len(tensor.shape):
        return None
    moved = np.arange(tensor.channel.size).reshape(tensor.shape).transpose(order)
    return Tensor(moved.shape, order.index(tensor.axis), tensor.channel[moved.ravel()], tensor.value[moved.ravel()])


def _copy(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    return sources[0]


def _merge(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    a, b = sources
    if (a.shape, a.axis) != (b.shape, b.axis) or not np.array_equal(a.channel, b.channel) or not constants.is_followed(node):
        return None
    return replace(a, value=constants.merged(node, a.value, b.value))


def _concatenate(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    """Channels side by side."""
    a, b = sources
    last = len(a.shape) - 1
    flat = last == 0
    if int(node.get_attr('axis')) not in (-1, last + 1) or not (flat or (a.channels_last and b.channels_last)):
        return None
    channel = np.concatenate([a.channel.reshape(a.shape), (b.channel + a.n_channels).reshape(b.shape)], axis=-1).ravel()
    value = np.concatenate([a.value.reshape(a.shape), b.value.reshape(b.shape)], axis=-1).ravel()
    axis = last if a.channels_last and b.channels_last else None
    return Tensor(tuple(node.get_output_variable().shape), axis, channel, value)


_PASSING: dict[str, Callable[[Node, Sequence[Tensor]], Tensor | None]] = {
    'Activation': _activation,
    'HardActivation': _activation,
    'ParametrizedActivation': _parametrised,
    'PReLU': _prelu,
    'BatchNormalization': _batchnorm,
    'ApplyAlpha': _batchnorm,
    'Pooling1D': _pooling,
    'Pooling2D': _pooling,
    'GlobalPooling1D': _pooling,
    'GlobalPooling2D': _pooling,
    'ZeroPadding1D': _padding,
    'ZeroPadding2D': _padding,
    'Reshape': _reshape,
    'Repack': _reshape,
    'Transpose': _transpose,
    'Clone': _copy,
    'Merge': _merge,
    'Concatenate': _concatenate,
}
