"""Maximum and average pooling, of windows and of whole images."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Rule, channels_last
from hls4ml_hwprune.host.node.windows import Geometry, as_image, geometry, positions, scatter, views


def _place(call: Call) -> Geometry:
    if not call.node.class_name.startswith('Global'):
        return geometry(call.node, 'pool')
    height, width = as_image(call.x).shape[1:3]
    return Geometry(((0, 0), (0, 0)), (height, width), (1, 1))


def _maximum(call: Call, place: Geometry) -> NDArray:
    return views(as_image(call.x), place, fill=-np.inf).max(axis=(-2, -1))


def _average(call: Call, place: Geometry) -> NDArray:
    return views(as_image(call.x), place).sum(axis=(-2, -1)) / _counts(call, place)


def _counts(call: Call, place: Geometry) -> NDArray:
    """Elements that each average is taken of, shape (1, rows, columns, 1); those of the padding if they count."""
    image = as_image(call.x).shape
    if call.node.get_attr('count_pad'):
        return np.full((1, *positions(image, place), 1), prod(place.size), call.x.dtype)
    return views(np.ones((1, *image[1:3], 1), call.x.dtype), place).sum(axis=(-2, -1))


def _to_the_largest(call: Call, place: Geometry, gradient: NDArray) -> NDArray:
    """Shape (n, rows, columns, window height, window width, channels); equal elements get equal shares."""
    windows = views(as_image(call.x), place, fill=-np.inf).transpose(0, 1, 2, 4, 5, 3)
    largest = windows == windows.max(axis=(3, 4), keepdims=True)
    return largest * (gradient / largest.sum(axis=(3, 4), dtype=gradient.dtype))[:, :, :, None, None]


def _to_all(call: Call, place: Geometry, gradient: NDArray) -> NDArray:
    shares = (gradient / _counts(call, place))[:, :, :, None, None]
    return np.broadcast_to(shares, (*shares.shape[:3], *place.size, shares.shape[-1]))


_OPERATIONS = {'Max': (_maximum, _to_the_largest), 'Average': (_average, _to_all)}


def _forward(call: Call) -> NDArray:
    pool, _ = _OPERATIONS[call.node.get_attr('pool_op')]
    return pool(call, _place(call)).reshape(call.output_shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    place, image = _place(call), as_image(call.x).shape
    _, spread = _OPERATIONS[call.node.get_attr('pool_op')]
    taps = spread(call, place, gradient.reshape(len(gradient), *positions(image, place), image[-1]))
    return [scatter(taps, place, image).reshape(call.x.shape)]


POOLING = Rule(_forward, _backward, channels_last)
