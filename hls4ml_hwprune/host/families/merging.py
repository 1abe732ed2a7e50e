"""Layers of two inputs: arithmetic of pairs of elements, scalar products, concatenation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from hls4ml.backends.vivado.passes.einsum import EinsumConfigTemplate, EinsumFunctionTemplate
from hls4ml.backends.vivado.passes.merge_templates import DotConfigTemplate, MergeFunctionTemplate
from hls4ml.model.layers import Dot, Einsum
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, ChannelRule, Family, Parts, Rule
from hls4ml_hwprune.host.families.reshaping import read_moving
from hls4ml_hwprune.host.firmware.fabric import fabric_products, takes_multipliers
from hls4ml_hwprune.host.node.constants import unknown
from hls4ml_hwprune.host.node.kernels import elements, input_bits, output_bits, width
from hls4ml_hwprune.host.node.precision import is_exact, is_exact_sum
from hls4ml_hwprune.host.node.tensors import Tensor
from hls4ml_hwprune.records import Operation


class FabricDot(Dot):
    """A Dot node whose products are built from LUTs."""


class FabricEinsum(Einsum):
    """An Einsum node whose products are built from LUTs."""


@dataclass(frozen=True)
class _Pair:
    """A function of two elements and its slopes for both."""

    value: Callable[[NDArray, NDArray], NDArray]
    slopes: Callable[[NDArray, NDArray], tuple[NDArray | float, NDArray | float]]


def _wins(a: NDArray, b: NDArray) -> NDArray:
    """1 where the first is larger, 0 where the second is, and a half where they are equal."""
    return (0.5 * (1 + np.sign(a - b))).astype(a.dtype, copy=False)


_PAIRS = {
    'add': _Pair(lambda a, b: a + b, lambda a, b: (1, 1)),
    'subtract': _Pair(lambda a, b: a - b, lambda a, b: (1, -1)),
    'multiply': _Pair(lambda a, b: a * b, lambda a, b: (b, a)),
    'average': _Pair(lambda a, b: 0.5 * (a + b), lambda a, b: (0.5, 0.5)),
    'maximum': _Pair(np.maximum, lambda a, b: (_wins(a, b), _wins(b, a))),
    'minimum': _Pair(np.minimum, lambda a, b: (_wins(b, a), _wins(a, b))),
}


def _operation(node: Node) -> str:
    return str(node.get_attr('op')).lower()


def _read(node: Node) -> Parts:
    """Element-wise arithmetic of two inputs; a product for each pair where they are multiplied."""
    n, bits = elements(node), input_bits(node)
    if _operation(node) == 'multiply':
        other = width(node.get_input_variable(node.inputs[-1]).type.precision)
        return Parts(operations=(Operation('product', n, bits, weight_bits=other),))
    return Parts(operations=(Operation('merge', n, output_bits(node)),))


def _read_products(node: Node) -> Parts:
    """Count a product and an addition for each pair of elements of two inputs."""
    n, bits = elements(node), input_bits(node)
    other = width(node.get_input_variable(node.inputs[-1]).type.precision)
    contracted = int(node.get_attr('n_contract', 0) or node.get_input_variable().shape[-1])
    pairs = prod((n, contracted))
    types = [node.get_input_variable(name).type.precision for name in node.inputs]
    product = Operation(
        'product',
        pairs,
        bits,
        weight_bits=other,
        bindable=len(types) > 1 and takes_multipliers(*types),
        in_fabric=isinstance(node, FabricDot | FabricEinsum),
    )
    return Parts(operations=(product, Operation('merge', pairs, bits)))


def _repeated(call: Call) -> list[NDArray]:
    """Both inputs as (n, elements): the firmware starts the shorter one again at its end."""
    flat = [x.reshape(len(x), -1) for x in call.inputs]
    size = max(x.shape[1] for x in flat)
    return [np.tile(x, (1, size // x.shape[1])) for x in flat]


def _merge(call: Call) -> NDArray:
    return _PAIRS[_operation(call.node)].value(*_repeated(call)).reshape(call.output_shape)


def _merge_back(call: Call, gradient: NDArray) -> list[NDArray]:
    slopes = _PAIRS[_operation(call.node)].slopes(*_repeated(call))
    flat = gradient.reshape(len(gradient), -1)
    parts = []
    for x, slope in zip(call.inputs, slopes, strict=True):
        size = x[0].size
        parts.append((flat * slope).reshape(len(x), -1, size).sum(axis=1).reshape(x.shape))
    return parts


def _merge_applies(node: Node) -> bool:
    small, large = sorted(int(node.get_input_variable(name).size()) for name in node.inputs)
    return _operation(node) in _PAIRS and large % small == 0


def _dot(call: Call) -> NDArray:
    a, b = call.inputs
    return (a * b).sum(axis=1, keepdims=True)


def _dot_back(call: Call, gradient: NDArray) -> list[NDArray]:
    a, b = call.inputs
    return [gradient * b, gradient * a]


def _axis(node: Node) -> int:
    """Axis of arrays that count the samples first; hls4ml takes axis 0 for the first one of a sample."""
    return int(node.get_attr('axis')) or 1


def _concatenate(call: Call) -> NDArray:
    return np.concatenate(call.inputs, axis=_axis(call.node))


def _concatenate_back(call: Call, gradient: NDArray) -> list[NDArray]:
    axis = _axis(call.node)
    return np.split(gradient, [call.x.shape[axis]], axis=axis)


def _pass_on(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    """Element-wise arithmetic of two constants."""
    a, b = sources
    if (a.shape, a.axis) != (b.shape, b.axis) or not np.array_equal(a.channel, b.channel) or _operation(node) not in _PAIRS:
        return None
    types = [node.get_input_variable(name).type.precision for name in node.inputs]
    if not is_exact(*types) or not is_exact_sum(*((precision,) for precision in types)):
        return replace(a, value=unknown(a.value))
    return replace(a, value=_PAIRS[_operation(node)].value(a.value, b.value))


def _pass_on_concatenated(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
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


_DOT = fabric_products({'Dot': FabricDot}, Dot, DotConfigTemplate(), MergeFunctionTemplate())
_EINSUM = fabric_products({'Einsum': FabricEinsum}, Einsum, EinsumConfigTemplate(), EinsumFunctionTemplate())
FAMILIES = (
    Family(
        classes=('Merge',),
        read=_read,
        rule=Rule(_merge, _merge_back, _merge_applies),
        channels=ChannelRule(_pass_on),
    ),
    Family(classes=('BiasAdd',), read=_read),
    Family(classes=('Dot',), read=_read_products, rule=Rule(_dot, _dot_back), fabric=_DOT),
    Family(classes=('Einsum',), read=_read_products, fabric=_EINSUM),
    Family(classes=('MatMul',), read=_read_products),
    Family(
        classes=('Concatenate',),
        read=read_moving,
        rule=Rule(_concatenate, _concatenate_back),
        channels=ChannelRule(_pass_on_concatenated, side_by_side=True),
    ),
)
