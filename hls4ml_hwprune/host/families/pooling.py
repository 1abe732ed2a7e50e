"""Maximum and average pooling, of windows and of whole images."""

from collections.abc import Sequence
from functools import reduce
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
from hls4ml_hwprune.host.node.constants import Values, assigned, input_type, unknown
from hls4ml_hwprune.host.node.kernels import elements, input_bits, is_stream
from hls4ml_hwprune.host.node.tensors import Tensor, channels_of
from hls4ml_hwprune.host.node.windows import Geometry, as_image, elements_of, geometry, positions, scatter
from hls4ml_hwprune.records import Operation

_GLOBAL = ('GlobalPooling1D', 'GlobalPooling2D')


def _is_global(node: Node) -> bool:
    return node.class_name in _GLOBAL


def _read(node: Node) -> Parts:
    """Pooling; in io_stream with its line buffer, `n` then counts channels with windows of 2 (1D) or 2 x 2."""
    n, bits, flat = elements(node), input_bits(node), node.class_name.endswith('1D')
    if _is_global(node):
        steps = 1 if is_stream(node) else int(node.get_input_variable().size()) // n
        return Parts(operations=(Operation('pooling_parallel', n * steps, bits),))
    window = int(node.get_attr('pool_width', 1)) * (1 if flat else int(node.get_attr('pool_height', 1)))
    if not is_stream(node):
        return Parts(operations=(Operation('pooling_parallel', n * max(window - 1, 1), bits),))
    return Parts(operations=(Operation('pooling_1d' if flat else 'pooling', -(-n * window // (2 if flat else 4)), bits),))


def _place(call: Call) -> Geometry:
    if not _is_global(call.node):
        return geometry(call.node, 'pool')
    height, width = as_image(call.x).shape[1:3]
    return Geometry(((0, 0), (0, 0)), (height, width), (1, 1))


def _maximum(call: Call, place: Geometry) -> NDArray:
    return reduce(np.maximum, elements_of(as_image(call.x), place, fill=-np.inf))


def _average(call: Call, place: Geometry) -> NDArray:
    return reduce(np.add, elements_of(as_image(call.x), place)) / _counts(call, place)


def _counts(call: Call, place: Geometry) -> NDArray:
    """Elements that each average is taken of, shape (1, rows, columns, 1); those of the padding if they count."""
    image = as_image(call.x).shape
    if call.node.get_attr('count_pad'):
        return np.full((1, *positions(image, place), 1), prod(place.size), call.x.dtype)
    return reduce(np.add, elements_of(np.ones((1, *image[1:3], 1), call.x.dtype), place))


def _to_the_largest(call: Call, place: Geometry, gradient: NDArray) -> list[NDArray]:
    """Gradients for the elements of the windows; equal elements get equal shares."""
    elements = elements_of(as_image(call.x), place, fill=-np.inf)
    most = reduce(np.maximum, elements)
    largest = [element == most for element in elements]
    share = gradient / reduce(np.add, largest, np.zeros(most.shape, gradient.dtype))
    return [share * one for one in largest]


def _to_all(call: Call, place: Geometry, gradient: NDArray) -> list[NDArray]:
    return [gradient / _counts(call, place)] * prod(place.size)


_OPERATIONS = {'Max': (_maximum, _to_the_largest), 'Average': (_average, _to_all)}


def _forward(call: Call) -> NDArray:
    pool, _ = _OPERATIONS[call.node.get_attr('pool_op')]
    return pool(call, _place(call)).reshape(call.output_shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    place, image = _place(call), as_image(call.x).shape
    _, spread = _OPERATIONS[call.node.get_attr('pool_op')]
    taps = spread(call, place, gradient.reshape(len(gradient), *positions(image, place), image[-1]))
    return [scatter(taps, place, image).reshape(call.x.shape)]


def _pass_on(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    (tensor,) = sources
    shape = tuple(node.get_output_variable().shape)
    if not tensor.channels_last or shape[-1] != tensor.n_channels:
        return None
    return channels_of(shape, _pooled(node, tensor.channel_values()))


def _pooled(node: Node, values: Values) -> Values:
    """Pooling of windows whose elements are all of this value: the maximum is the value, and the mean of zeros is zero."""
    padded = any(node.get_attr(f'pad_{side}', 0) for side in ('top', 'bottom', 'left', 'right'))
    if padded:
        return unknown(values)
    values = assigned(values, node.get_attr('accum_t').precision, input_type(node))
    return values if node.get_attr('pool_op') == 'Max' else np.where(values == 0, 0.0, np.nan)


def _shrink(node: Node, remaining: Remaining) -> None:
    node.set_attr('n_filt', int(remaining.channels.sum()))


FAMILIES = (
    Family(
        classes=('Pooling1D', 'Pooling2D', *_GLOBAL),
        read=_read,
        rule=Rule(_forward, _backward, channels_last),
        channels=ChannelRule(_pass_on, _shrink),
        output=Output.SIGNED_AS_READ,
    ),
)
