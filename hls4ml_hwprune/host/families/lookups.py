"""Tables: functions with an entry for each code of the input's type, and embeddings."""

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.activations import read_named
from hls4ml_hwprune.host.families.base import Call, Family, Parts, Rule
from hls4ml_hwprune.host.node.kernels import attribute_bits, elements, width
from hls4ml_hwprune.host.node.precision import fractional_bits, is_fixed_point
from hls4ml_hwprune.records import Memory


def _read(node: Node) -> Parts:
    return read_named(node, 'unary_lut')


def _read_embedding(node: Node) -> Parts:
    """Every element of every lookup reads the whole table on its own."""
    words = int(np.size(node.weights['embeddings'].data))
    return Parts(memories=(Memory('table', words, attribute_bits(node, 'embeddings_t'), lookups=elements(node)),))


def _points(node: Node) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the inputs in ascending order and their entries; the firmware's index is the code without its sign."""
    precision = node.get_input_variable().type.precision
    table = np.asarray(node.weights['table'].data, float).ravel()
    codes = np.arange(table.size)
    if precision.signed:
        codes -= table.size // 2
        table = np.roll(table, table.size // 2)
    return codes * 2.0 ** -fractional_bits(precision), table


def _forward(call: Call) -> NDArray:
    return np.interp(call.x, *_points(call.node)).astype(call.x.dtype)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    inputs, table = _points(call.node)
    # At an entry between its neighbours, and in between as it lies; beyond the ends it is flat.
    slopes = np.interp(call.x, inputs, np.gradient(table, inputs), left=0, right=0)
    return [gradient * slopes.astype(gradient.dtype)]


def _applies(node: Node) -> bool:
    precision = node.get_input_variable().type.precision
    return is_fixed_point(precision) and np.size(node.weights['table'].data) == 1 << width(precision) > 1


FAMILIES = (
    Family(classes=('UnaryLUT',), read=_read, rule=Rule(_forward, _backward, _applies)),
    Family(classes=('Embedding',), read=_read_embedding),
)
