"""Channels taken out of the nodes of a model: shapes, sizes, and data by channel."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import FixedPrecisionType, NamedType, PrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.dead_structure.dataflow import Dataflow, Reading
from hls4ml_hwprune.host.families.base import Remaining
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.constants import assigned
from hls4ml_hwprune.host.node.precision import fractional_bits
from hls4ml_hwprune.host.node.weights import set_data

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

Stays = Mapping[str, NDArray[np.bool_]]


def shrink_tensors(model: 'ModelGraph', flow: Dataflow, stays: Stays) -> None:
    """Leave the channels that `stays` marks, by tensor, in all tensors and in the nodes between kernels."""
    shapes = {name: flow.tensors[name].shape_of(mask) for name, mask in stays.items() if not mask.all()}
    for node in model.get_layers():
        touched = [name for name in (*node.inputs, *node.outputs) if name in shapes]
        if not touched:
            continue
        for name in node.outputs:
            if name in shapes:
                node.get_output_variable(name).shape = list(shapes[name])
        rule = family_of(node).channels
        if rule is not None and rule.shrink is not None:
            rule.shrink(node, Remaining(flow.tensors[node.inputs[0]], stays[node.inputs[0]]))


def shrink_kernel(node: Node, reading: Reading, stays: Stays) -> None:
    """Take rows and columns out of a kernel's weights, and let its bias take over folded inputs."""
    rows, channels = stays[reading.output], stays[reading.source]
    matrix = family_of(node).matrix
    assert matrix is not None and matrix.resize is not None  # kernels of other families keep all of their channels
    set_data(node.weights['weight'], matrix.resize(node, rows, channels, channels[reading.channel]))
    if reading.folding.changed:
        _set_bias(node, reading.folding.bias[rows])
    else:
        set_data(node.weights['bias'], np.asarray(node.weights['bias'].data)[rows])


def _set_bias(node: Node, values: NDArray[np.float64]) -> None:
    """Give the bias the accumulator's type if its own does not hold the values."""
    bias, accumulator = node.weights['bias'], node.get_attr('accum_t').precision
    if not np.array_equal(assigned(values, bias.type.precision), values):
        # A type of its own: others may share the one it had.
        bias.type = NamedType(f'bias{node.index}_t', bias.type.precision)
        bias.update_precision(_narrowest(values, accumulator))
        node.set_attr('bias', bias)
    set_data(bias, values)


def _narrowest(values: NDArray[np.float64], precision: PrecisionType) -> FixedPrecisionType:
    """Find the narrowest type that holds `values`, with the last place and the sign of `precision`, which holds them."""
    fraction = fractional_bits(precision)
    types = (FixedPrecisionType(width, width - fraction, precision.signed) for width in range(1, precision.width + 1))
    return next(found for found in types if np.array_equal(assigned(values, found), values))
