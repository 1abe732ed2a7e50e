"""Layers that move elements and change none: their gradients are moved back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import (
    Call,
    ChannelRule,
    Family,
    Output,
    Parts,
    Remaining,
    Rule,
    channels_last,
)
from hls4ml_hwprune.host.families.unknown import read as read_unknown
from hls4ml_hwprune.host.node.kernels import elements, is_stream, output_bits
from hls4ml_hwprune.host.node.tensors import Tensor, channels_of
from hls4ml_hwprune.host.node.windows import as_image
from hls4ml_hwprune.records import Operation

_SIDES = (('top', 'bottom'), ('left', 'right'))


def _read_wires(node: Node) -> Parts:
    return Parts()


def read_moving(node: Node, operation: str = 'stream') -> Parts:
    """Wires, or a loop over the packs of a stream."""
    return Parts(operations=(Operation(operation, elements(node), output_bits(node)),)) if is_stream(node) else Parts()


def _read_padding(node: Node) -> Parts:
    return read_moving(node, 'padding' if '2D' in node.class_name else 'padding_1d')


def _same(call: Call) -> NDArray:
    return call.x.reshape(call.output_shape)


def _same_back(call: Call, gradient: NDArray) -> list[NDArray]:
    return [gradient.reshape(call.x.shape)]


def _axes(call: Call) -> tuple[int, ...]:
    return (0, *(int(axis) + 1 for axis in call.node.get_attr('perm')))


def _transpose(call: Call) -> NDArray:
    return call.x.transpose(_axes(call))


def _transpose_back(call: Call, gradient: NDArray) -> list[NDArray]:
    return [gradient.transpose(tuple(np.argsort(_axes(call))))]


def _broadcast(call: Call) -> NDArray:
    return np.broadcast_to(call.x, call.output_shape)


def _broadcast_back(call: Call, gradient: NDArray) -> list[NDArray]:
    axes = tuple(axis for axis, length in enumerate(call.x.shape) if length == 1 and axis)
    return [gradient.sum(axis=axes, keepdims=True)]


def _margins(node: Node, name: str) -> tuple[tuple[int, int], ...]:
    """Rows above and below, columns left and right, for `name` 'pad' or 'crop'."""
    return tuple((int(node.get_attr(f'{name}_{a}') or 0), int(node.get_attr(f'{name}_{b}') or 0)) for a, b in _SIDES)


def _padded(array: NDArray, margins: tuple[tuple[int, int], ...]) -> NDArray:
    return np.pad(as_image(array), ((0, 0), *margins, (0, 0)))


def _cropped(array: NDArray, margins: tuple[tuple[int, int], ...]) -> NDArray:
    image = as_image(array)
    rows, columns = (slice(a, length - b) for (a, b), length in zip(margins, image.shape[1:3], strict=True))
    return image[:, rows, columns]


def _pad(call: Call) -> NDArray:
    return _padded(call.x, _margins(call.node, 'pad')).reshape(call.output_shape)


def _pad_back(call: Call, gradient: NDArray) -> list[NDArray]:
    return [_cropped(gradient, _margins(call.node, 'pad')).reshape(call.x.shape)]


def _crop(call: Call) -> NDArray:
    return _cropped(call.x, _margins(call.node, 'crop')).reshape(call.output_shape)


def _crop_back(call: Call, gradient: NDArray) -> list[NDArray]:
    return [_padded(gradient, _margins(call.node, 'crop')).reshape(call.x.shape)]


def _nearest(length: int, new_length: int) -> NDArray[np.int64]:
    """Source among `length` elements of each of `new_length` copies, by the firmware's fixed-point ratio."""
    return (np.arange(new_length) * ((length << 16) // new_length + 1)) >> 16


def _sources(call: Call) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns that those of the resized image are copies of."""
    old = as_image(call.x).shape[1:3]
    new = (1, *call.output_shape)[-3:-1]
    return _nearest(old[0], new[0]), _nearest(old[1], new[1])


def _resize(call: Call) -> NDArray:
    rows, columns = _sources(call)
    return as_image(call.x)[:, rows][:, :, columns].reshape(call.output_shape)


def _resize_back(call: Call, gradient: NDArray) -> list[NDArray]:
    image = as_image(gradient)
    for axis, (sources, length) in enumerate(zip(_sources(call), as_image(call.x).shape[1:3], strict=True), 1):
        copies = (np.arange(length)[:, None] == sources).astype(gradient.dtype)
        image = np.moveaxis(np.tensordot(copies, image, (1, axis)), 0, axis)
    return [image.reshape(call.x.shape)]


def _is_nearest(node: Node) -> bool:
    return channels_last(node) and bool(node.get_attr('algorithm') == 'nearest')


def _rule(
    forward: Callable[[Call], NDArray],
    backward: Callable[[Call, NDArray], list[NDArray]],
    applies: Callable[[Node], bool] = channels_last,
) -> Rule:
    # ONNX gives some of these layers shapes and scales as further inputs.
    return Rule(forward, backward, lambda node: len(node.inputs) == 1 and applies(node))


def _pass_on_padded(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    (tensor,) = sources
    values = tensor.channel_values()
    if not tensor.channels_last:
        return None
    return channels_of(tuple(node.get_output_variable().shape), np.where(values == 0, 0.0, np.nan))


def _pass_on_reshaped(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
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


def _pass_on_transposed(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    (tensor,) = sources
    order = [int(axis) for axis in node.get_attr('perm')]
    if tensor.axis is None or len(order) != len(tensor.shape):
        return None
    moved = np.arange(tensor.channel.size).reshape(tensor.shape).transpose(order)
    return Tensor(moved.shape, order.index(tensor.axis), tensor.channel[moved.ravel()], tensor.value[moved.ravel()])


def _pass_on_copy(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    return sources[0]


def _shrink_padded(node: Node, remaining: Remaining) -> None:
    node.set_attr('n_chan', int(remaining.channels.sum()))


def _shrink_reshaped(node: Node, remaining: Remaining) -> None:
    node.set_attr('target_shape', list(node.get_output_variable().shape))


def _shrink_copy(node: Node, remaining: Remaining) -> None:
    node.set_attr('size', prod(node.get_output_variable().shape))


def _shrink_transposed(node: Node, remaining: Remaining) -> None:
    shape = remaining.shape
    for name, length in zip(('depth', 'height', 'width')[-len(shape) :], shape, strict=False):
        node.set_attr(name, length)


_SAME, _RESHAPED = _rule(_same, _same_back), ChannelRule(_pass_on_reshaped, _shrink_reshaped)
FAMILIES = (
    Family(classes=('Input', 'InputLayer'), read=_read_wires, is_input=True),
    Family(classes=('Constant', 'TimeDistributed', 'LayerGroup', 'Quant', 'BipolarQuant'), read=_read_wires),
    Family(classes=('Reshape',), read=_read_wires, rule=_SAME, channels=_RESHAPED, output=Output.RENAMED),
    Family(classes=('Flatten',), read=_read_wires, output=Output.RENAMED),
    Family(classes=('Repack',), read=read_moving, rule=_SAME, channels=_RESHAPED, output=Output.COPIED),
    Family(
        classes=('Clone',),
        read=read_moving,
        rule=_SAME,
        channels=ChannelRule(_pass_on_copy, _shrink_copy),
        output=Output.COPIED,
    ),
    Family(
        classes=('Transpose',),
        read=read_moving,
        rule=_rule(_transpose, _transpose_back, lambda node: len(node.get_attr('perm')) > 1),
        channels=ChannelRule(_pass_on_transposed, _shrink_transposed),
        output=Output.MOVED,
    ),
    Family(
        classes=('ZeroPadding1D', 'ZeroPadding2D'),
        read=_read_padding,
        rule=_rule(_pad, _pad_back),
        channels=ChannelRule(_pass_on_padded, _shrink_padded),
        output=Output.SIGNED_AS_READ,
    ),
    Family(classes=('Cropping1D', 'Cropping2D'), read=read_moving, rule=_rule(_crop, _crop_back)),
    Family(classes=('Broadcast',), read=read_moving, rule=_rule(_broadcast, _broadcast_back)),
    Family(classes=('Resize',), read=read_moving, rule=_rule(_resize, _resize_back, _is_nearest)),
    Family(classes=('FixedPointQuantizer',), read=read_unknown, rule=_SAME),
)
