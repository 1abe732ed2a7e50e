"""Softmax over the elements that the firmware takes together.

Products of exponentials with the inverse of their sum may be bound to LUTs: the type of the inverse, in hls4ml's
configuration, is one whose products are built there.
"""

from typing import Any

import numpy as np
from hls4ml.backends.vivado.passes.core_templates import SoftmaxConfigTemplate, SoftmaxFunctionTemplate, activ_include_list
from hls4ml.model.layers import Layer as Node
from hls4ml.model.layers import Softmax
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.target import read_target
from hls4ml_hwprune.host.families.base import Call, Family, Parts, Rule
from hls4ml_hwprune.host.firmware.fabric import FABRIC_HEADER, with_fabric
from hls4ml_hwprune.host.firmware.sparse import SparseKernel, viewed_as
from hls4ml_hwprune.host.node.kernels import attribute_bits, elements, input_bits, is_stream, width
from hls4ml_hwprune.records import Memory, Operation

# Vitis HLS works out a softmax table at compile time up to this width of its index, else whenever the layer starts: one
# report (2024.2, 35 bits); 16 to 18 bits make tables in all others.
_FOLDED_BITS = 32
_HEADERS = (*activ_include_list, FABRIC_HEADER)
# Implementations whose product has a factor of a type of its own.
_BINDABLE = ('stable', 'latency')


class FabricSoftmax(Softmax):
    """A Softmax node whose products are built from LUTs."""


def _read(node: Node) -> Parts:
    """Tables of exponentials and of inverses, and a product an element; tables of wide types are filled at run time."""
    n, stream = elements(node), is_stream(node)
    implementation = str(node.get_attr('implementation', 'stable')).split('::')[-1]
    if implementation == 'argmax':
        return Parts(operations=(Operation('argmax', n, input_bits(node)),))
    size = int(node.get_attr('table_size', 1024))
    exponentials = int(node.get_attr('exp_table_size', size) or size)
    inverses = int(node.get_attr('inv_table_size', size) or size)
    exponential_bits, inverse_bits = attribute_bits(node, 'exp_table_t'), attribute_bits(node, 'inv_table_t')
    tables = (
        Memory('softmax_table', exponentials, exponential_bits, lookups=n),
        Memory('table', inverses, inverse_bits),
    )
    kind = 'softmax_stream' if stream else 'softmax_latency' if implementation == 'latency' else 'softmax'
    reuse = int(node.get_attr('reuse_factor', 1)) if stream else 1
    product = Operation(
        kind,
        n,
        exponential_bits,
        weight_bits=inverse_bits,
        reuse_factor=min(reuse, n),
        bindable=implementation in _BINDABLE,
        in_fabric=isinstance(node, FabricSoftmax),
    )
    indices = ((exponentials, _exponent_bits(node, implementation)), (inverses, attribute_bits(node, 'inv_inp_t')))
    filled = read_target(node.model).facts.fills_wide_tables
    fills = tuple(Operation('table_fill', words, bits) for words, bits in indices if filled and bits > _FOLDED_BITS)
    return Parts(memories=tables, operations=(product, *fills))


def _exponent_bits(node: Node, implementation: str) -> int:
    """Bits of the index into the table of exponentials: the distance from the largest input (stable), or the input."""
    if implementation == 'stable' and node.get_attr('inp_norm_t') is not None:
        return attribute_bits(node, 'inp_norm_t')
    precision = node.get_input_variable().type.precision
    return width(precision) - int(implementation == 'stable' and bool(getattr(precision, 'signed', True)))


def _slices(call: Call, array: NDArray) -> NDArray:
    """Shape (n, slices before, elements taken together, slices within)."""
    node = call.node
    if is_stream(node):
        return array.reshape(len(array), -1, array.shape[-1], 1)
    # hls4ml 1.3.0 sets neither for most front ends, and then takes all axes together.
    outer, inner = int(node.get_attr('n_outer', 1)), int(node.get_attr('n_inner', 1))
    return array.reshape(len(array), outer, -1, inner)


def _forward(call: Call) -> NDArray:
    x = _slices(call, call.x)
    powers = np.exp(x - x.max(axis=2, keepdims=True))
    return (powers / powers.sum(axis=2, keepdims=True)).reshape(call.x.shape)


def _backward(call: Call, gradient: NDArray) -> list[NDArray]:
    # From the outputs, whose tables are coarse: gradients of a loss are made of them. Those of `argmax` have no slope.
    output = None if 'argmax' in str(call.node.get_attr('implementation', 'stable')) else call.output
    shares, slices = _slices(call, _forward(call) if output is None else output), _slices(call, gradient)
    common = (shares * slices).sum(axis=2, keepdims=True)
    return [(shares * (slices - common)).reshape(call.x.shape)]


def _configure(node: Node, params: dict[str, Any]) -> str:
    config, inverse = str(SoftmaxConfigTemplate().format(viewed_as(node, Softmax))), node.get_attr('inv_table_t').name
    return with_fabric(config, f'typedef {inverse} inv_table_t;', f'typedef nnet::fabric_factor<{inverse}> inv_table_t;')


_FABRIC = SparseKernel(
    nodes={'Softmax': FabricSoftmax},
    configure=_configure,
    call=lambda node, params: str(SoftmaxFunctionTemplate().format(viewed_as(node, Softmax))),
    headers=lambda node: _HEADERS,
)
FAMILIES = (
    Family(
        classes=('Softmax',),
        read=_read,
        rule=Rule(_forward, _backward),
        fabric=_FABRIC,
        answer=lambda node: 'classes',
    ),
)
