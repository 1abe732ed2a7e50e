"""Layers that move elements and change none: their gradients are moved back."""

from collections.abc import Callable

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Rule, channels_last
from hls4ml_hwprune.host.node.windows import as_image

_SIDES = (('top', 'bottom'), ('left', 'right'))


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
    """Which of `length` elements each of `new_length` is a copy of, by the firmware's fixed-point ratio."""
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


SAME = _rule(_same, _same_back)
TRANSPOSE = _rule(_transpose, _transpose_back, lambda node: len(node.get_attr('perm')) > 1)
BROADCAST = _rule(_broadcast, _broadcast_back)
PADDING = _rule(_pad, _pad_back)
CROPPING = _rule(_crop, _crop_back)
RESIZE = _rule(_resize, _resize_back, _is_nearest)
