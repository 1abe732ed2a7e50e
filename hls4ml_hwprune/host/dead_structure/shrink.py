"""Take channels out of the nodes of a model: shapes, sizes, and data by channel."""

from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import FixedPrecisionType, NamedType, PrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.dead_structure.dataflow import Dataflow, Reading
from hls4ml_hwprune.host.families.passing import scale_index
from hls4ml_hwprune.host.node.constants import assigned
from hls4ml_hwprune.host.node.precision import fractional_bits
from hls4ml_hwprune.host.node.weights import refresh_statistics

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
        shrink = _SHRINKERS.get(node.class_name)
        if shrink is not None:
            # Every other node keeps no sizes, or is a kernel.
            shrink(node, flow, stays)


def shrink_kernel(node: Node, reading: Reading, stays: Stays) -> None:
    """Take rows and columns out of a kernel's weights, and let its bias take over what is folded."""
    rows, channels = stays[reading.output], stays[reading.source]
    weight, bias = node.weights['weight'], node.weights['bias']
    data = np.asarray(weight.data)
    if 'Conv' in node.class_name:
        data = data[..., channels, :]
        node.set_attr('n_chan', int(channels.sum()))
        node.set_attr('n_filt', int(rows.sum()))
    else:
        data = data[channels[reading.channel]]
        node.set_attr('n_in', data.shape[0])
        node.set_attr('n_out', int(rows.sum()))
    _set_data(weight, data[..., rows])
    if reading.folding.changed:
        _set_bias(node, reading.folding.bias[rows])
    else:
        _set_data(bias, np.asarray(bias.data)[rows])


def _set_bias(node: Node, values: NDArray[np.float64]) -> None:
    """Give the bias the accumulator's type if its own does not hold the values."""
    bias, accumulator = node.weights['bias'], node.get_attr('accum_t').precision
    if not np.array_equal(assigned(values, bias.type.precision), values):
        # A type of its own: others may share the one it had.
        bias.type = NamedType(f'bias{node.index}_t', bias.type.precision)
        bias.update_precision(_narrowest(values, accumulator))
        node.set_attr('bias', bias)
    _set_data(bias, values)


def _narrowest(values: NDArray[np.float64], precision: PrecisionType) -> FixedPrecisionType:
    """Find the narrowest type that holds `values`, with the last place and the sign of `precision`, which holds them."""
    fraction = fractional_bits(precision)
    types = (FixedPrecisionType(width, width - fraction, precision.signed) for width in range(1, precision.width + 1))
    return next(found for found in types if np.array_equal(assigned(values, found), values))


def _set_data(variable: Any, data: NDArray) -> None:
    variable.data = data
    variable.shape, variable.data_length = list(data.shape), int(data.size)
    refresh_statistics(variable)


def _input(node: Node, flow: Dataflow, stays: Stays) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which channels, and which elements, of the first input stay."""
    mask = stays[node.inputs[0]]
    return mask, mask[flow.tensors[node.inputs[0]].channel]


def _size(node: Node, flow: Dataflow, stays: Stays) -> None:
    node.set_attr('n_in', int(_input(node, flow, stays)[1].sum()))


def _prelu(node: Node, flow: Dataflow, stays: Stays) -> None:
    elements = _input(node, flow, stays)[1]
    _set_data(node.weights['param'], np.asarray(node.weights['param'].data).ravel()[elements])
    _size(node, flow, stays)


def _batchnorm(node: Node, flow: Dataflow, stays: Stays) -> None:
    elements = _input(node, flow, stays)[1]
    scales = np.unique(scale_index(node, flow.tensors[node.inputs[0]])[elements])
    for role in ('scale', 'bias'):
        _set_data(node.weights[role], np.asarray(node.weights[role].data).ravel()[scales])
    if int(node.get_attr('n_filt', -1)) != -1:
        node.set_attr('n_filt', len(scales))
    _size(node, flow, stays)


def _filters(node: Node, flow: Dataflow, stays: Stays) -> None:
    node.set_attr('n_filt', int(_input(node, flow, stays)[0].sum()))


def _channels(node: Node, flow: Dataflow, stays: Stays) -> None:
    node.set_attr('n_chan', int(_input(node, flow, stays)[0].sum()))


def _target(node: Node, flow: Dataflow, stays: Stays) -> None:
    node.set_attr('target_shape', list(node.get_output_variable().shape))


def _clone(node: Node, flow: Dataflow, stays: Stays) -> None:
    node.set_attr('size', prod(node.get_output_variable().shape))


def _transpose(node: Node, flow: Dataflow, stays: Stays) -> None:
    shape = flow.tensors[node.inputs[0]].shape_of(stays[node.inputs[0]])
    names = ('depth', 'height', 'width')[-len(shape) :]
    for name, length in zip(names, shape, strict=False):
        node.set_attr(name, length)


_SHRINKERS: dict[str, Callable[[Node, Dataflow, Stays], None]] = {
    'Activation': _size,
    'HardActivation': _size,
    'ParametrizedActivation': _size,
    'PReLU': _prelu,
    'BatchNormalization': _batchnorm,
    'ApplyAlpha': _batchnorm,
    'Pooling1D': _filters,
    'Pooling2D': _filters,
    'GlobalPooling1D': _filters,
    'GlobalPooling2D': _filters,
    'ZeroPadding1D': _channels,
    'ZeroPadding2D': _channels,
    'Reshape': _target,
    'Repack': _target,
    'Clone': _clone,
    'Transpose': _transpose,
}
