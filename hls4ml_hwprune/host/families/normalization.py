"""Batch normalisation, scales of quantised layers, layer normalisation: a factor and an offset for channels or elements.

Factors are not pruned. Their products may be bound to LUTs: hls4ml's own function calls the product of its configuration.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hls4ml.backends.vivado.passes.core_templates import (
    BatchNormalizationConfigTemplate,
    BatchNormalizationFunctionTemplate,
)
from hls4ml.model.layers import ApplyAlpha, BatchNormalization
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, ChannelRule, Family, Parts, Remaining, Rule
from hls4ml_hwprune.host.firmware.fabric import fabric_products, takes_multipliers
from hls4ml_hwprune.host.node.constants import input_type, unknown, weight_values
from hls4ml_hwprune.host.node.kernels import attribute_bits, elements, input_bits, weight_codes
from hls4ml_hwprune.host.node.precision import is_exact_sum
from hls4ml_hwprune.host.node.tensors import Tensor
from hls4ml_hwprune.host.node.weights import set_data
from hls4ml_hwprune.records import Memory, Operation


class FabricBatchNormalization(BatchNormalization):
    """A BatchNormalization node whose products are built from LUTs."""


class FabricApplyAlpha(ApplyAlpha):
    """An ApplyAlpha node whose products are built from LUTs."""


def _read(node: Node) -> Parts:
    scale = np.asarray(node.weights['scale'].data, float).reshape(1, -1)
    reuse = int(node.get_attr('reuse_factor', 1))
    operation = Operation(
        'batchnorm_shared' if reuse > 1 else 'batchnorm',
        elements(node),
        input_bits(node),
        codes=weight_codes(node, scale, 'scale').ravel(),
        weight_bits=attribute_bits(node, 'scale_t'),
        reuse_factor=reuse,
        bindable=takes_multipliers(input_type(node), node.weights['scale'].type.precision),
        in_fabric=isinstance(node, FabricBatchNormalization | FabricApplyAlpha),
    )
    return Parts(operations=(operation,))


def _read_layernorm(node: Node) -> Parts:
    """Mean, variance and scaling: three passes of adders, and two products an element; one root from a table a position."""
    n, bits, reuse = int(node.get_output_variable().size()), input_bits(node), int(node.get_attr('reuse_factor', 1))
    positions = int(node.get_attr('seq_len', 1) or 1)
    table = Memory('table', int(node.get_attr('table_size', 1024) or 1024), attribute_bits(node, 'table_t'), positions)
    products = Operation('product', 3 * n, bits, weight_bits=attribute_bits(node, 'scale_t'), reuse_factor=reuse)
    return Parts(memories=(table,), operations=(Operation('merge', 3 * n, bits), products))


def _read_thresholds(node: Node) -> Parts:
    """Signs of normalised elements: a comparison each."""
    return Parts(operations=(Operation('threshold', elements(node), input_bits(node)),))


def _weights(call: Call, role: str) -> NDArray:
    return np.asarray(call.node.weights[role].data, call.x.dtype).ravel()


def _forward(call: Call) -> NDArray:
    scale = _weights(call, 'scale')
    return (call.x.reshape(len(call.x), -1, scale.size) * scale + _weights(call, 'bias')).reshape(call.output_shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    scale = _weights(call, 'scale')
    return [(gradient.reshape(len(gradient), -1, scale.size) * scale).reshape(call.x.shape)]


def _scale_index(node: Node, tensor: Tensor) -> NDArray[np.int64]:
    """Return the number of the scale of each element of `tensor`; shape (size,)."""
    n_filt = int(node.get_attr('n_filt', -1))
    return np.arange(tensor.channel.size) % (tensor.channel.size if n_filt == -1 else n_filt)


def _pass_on(node: Node, sources: Sequence[Tensor]) -> Tensor | None:
    (tensor,) = sources
    index = _scale_index(node, tensor)
    # Scales by channel must be those of these channels, or they could not go with them.
    by_element = np.array_equal(index, np.arange(index.size))
    if np.size(node.weights['scale'].data) != index.max() + 1 or not (by_element or np.array_equal(index, tensor.channel)):
        return None
    scale, bias = (node.weights[role].type.precision for role in ('scale', 'bias'))
    if not is_exact_sum((scale, input_type(node)), (bias,)):
        return replace(tensor, value=unknown(tensor.value))
    return replace(tensor, value=tensor.value * weight_values(node, 'scale')[index] + weight_values(node, 'bias')[index])


def _shrink(node: Node, remaining: Remaining) -> None:
    scales = np.unique(_scale_index(node, remaining.tensor)[remaining.elements])
    for role in ('scale', 'bias'):
        set_data(node.weights[role], np.asarray(node.weights[role].data).ravel()[scales])
    if int(node.get_attr('n_filt', -1)) != -1:
        node.set_attr('n_filt', len(scales))
    node.set_attr('n_in', int(remaining.elements.sum()))


_FABRIC = fabric_products(
    {'BatchNormalization': FabricBatchNormalization, 'ApplyAlpha': FabricApplyAlpha},
    BatchNormalization,
    BatchNormalizationConfigTemplate(),
    BatchNormalizationFunctionTemplate(),
)
_RULE, _CHANNELS = Rule(_forward, _backward, saturates=True), ChannelRule(_pass_on, _shrink)
FAMILIES = (
    Family(
        classes=('BatchNormalization',),
        read=_read,
        rule=_RULE,
        channels=_CHANNELS,
        fabric=_FABRIC,
        why_dense='it multiplies each channel by a constant, in DSPs as long as the budget has some, else in LUTs; none are '
        'needed where it is folded into the layer before',
    ),
    Family(
        classes=('ApplyAlpha',),
        read=_read,
        rule=_RULE,
        channels=_CHANNELS,
        fabric=_FABRIC,
        why_dense='it multiplies each output by the scale of a quantizer, in DSPs as long as the budget has some, else in '
        'LUTs; a quantizer with alpha=1, or with scales that are powers of two, needs none',
    ),
    Family(classes=('LayerNormalization',), read=_read_layernorm),
    Family(classes=('BatchNormalizationQuantizedTanh',), read=_read_thresholds),
)
