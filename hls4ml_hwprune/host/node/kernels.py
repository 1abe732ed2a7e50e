"""What the readers of layer families have in common."""

from dataclasses import dataclass

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import PrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.target import read_target
from hls4ml_hwprune.host.node.attributes import designed_shape
from hls4ml_hwprune.host.node.precision import is_fixed_point, order_matters, quantise
from hls4ml_hwprune.host.node.weights import KEPT, is_port, slot_table, weight_matrix
from hls4ml_hwprune.records import Kernel, Memory, Operation

_RECURRENT = ('LSTM', 'GRU', 'SimpleRNN')
_WIRES = ('Reshape', 'Flatten')
_SIGN_KEEPERS = (*_WIRES, 'Repack', 'Transpose', 'ZeroPadding1D', 'ZeroPadding2D', 'Clone')
_POSITIVE = ('relu', 'sigmoid', 'softplus', 'hard_sigmoid', 'thresholdedrelu', 'softmax')
# Width assumed for a type that hls4ml has not inferred yet.
_DEFAULT_BITS = 16


@dataclass(frozen=True)
class Parts:
    """A family's share of a `Layer` record."""

    kernels: tuple[Kernel, ...] = ()
    memories: tuple[Memory, ...] = ()
    operations: tuple[Operation, ...] = ()
    repeats: int = 1


def width(precision: PrecisionType) -> int:
    """Bits of a precision type."""
    return int(getattr(precision, 'width', _DEFAULT_BITS))


def input_bits(node: Node) -> int:
    """Bits of one element of the node's first input."""
    return width(node.get_input_variable().type.precision)


def output_bits(node: Node) -> int:
    """Bits of one element of the node's first output."""
    return width(node.get_output_variable().type.precision)


def attribute_bits(node: Node, name: str) -> int:
    """Bits of a type attribute such as `accum_t`."""
    named = node.get_attr(name)
    return width(named.precision) if named is not None else _DEFAULT_BITS


def is_stream(node: Node) -> bool:
    """Whether the design is one of io_stream."""
    return node.model.config.get_config_value('IOType') == 'io_stream'


def elements(node: Node) -> int:
    """Elements handled side by side: all of them, or those of one pack of a stream."""
    variable = node.get_output_variable()
    return int(variable.shape[-1] if is_stream(node) else variable.size())


def weight_codes(node: Node, matrix: NDArray[np.float64], role: str = 'weight') -> NDArray[np.int64]:
    """Integer codes of a weight matrix, zeros and ones where the type has no plain codes (binary, power of two, float)."""
    if role not in node.weights:
        return np.zeros(matrix.shape, np.int64)
    precision = node.weights[role].type.precision
    return quantise(matrix, precision) if is_fixed_point(precision) else (matrix != 0).astype(np.int64)


def input_source(node: Node) -> str:
    """Where a layer's kernels read their inputs, as in `Kernel.source`."""
    kind = node.class_name.removeprefix('Sparse')
    if 'Conv' in kind:
        return 'window'
    if kind in _RECURRENT:
        return 'state'
    if node.model.config.get_config_value('IOType') == 'io_stream':
        return 'stream'
    before = node.get_input_node()
    while before is not None and before.class_name in _WIRES:
        before = before.get_input_node()
    return 'port' if before is None or before.class_name in ('Input', 'InputLayer') else 'layer'


def _unit(node: Node, role: str) -> float:
    """Weight of one unit in the last place; 1 where the type has no plain codes."""
    precision = node.weights[role].type.precision if role in node.weights else None
    return 2.0 ** -int(getattr(precision, 'fractional', 0) or 0)


def _positive(node: Node) -> bool:
    """Whether a layer's inputs are unsigned, or come from a ReLU through layers that keep signs."""
    if not getattr(node.get_input_variable().type.precision, 'signed', True):
        return True
    before = node.get_input_node()
    while before is not None and (before.class_name in _SIGN_KEEPERS or 'Pooling' in before.class_name):
        before = before.get_input_node()
    return before is not None and str(before.get_attr('activation', '')).lower() in _POSITIVE


def _ordered_sums(node: Node) -> bool:
    named = node.get_attr('accum_t')
    return named is not None and order_matters(named.precision)


def _kind(strategy: str) -> str:
    if strategy.startswith(('resource', 'compressed')):
        return 'resource'
    return strategy if strategy == 'distributed_arithmetic' else 'latency'


def _unrolled(matrix: NDArray[np.float64], reuse_factor: int) -> NDArray[np.bool_]:
    """Weights that hls4ml's generated code builds multipliers for: the groups of a slot that are not all zero."""
    flat = np.append(matrix.ravel(), np.zeros(-matrix.size % reuse_factor)) != 0
    live = flat.reshape(-1, reuse_factor).any(axis=1)
    return np.repeat(live, reuse_factor)[: matrix.size].reshape(matrix.shape)


def make_kernel(
    node: Node, n_in: int, n_out: int, copies: int = 1, role: str = 'weight', reuse: str = 'reuse_factor'
) -> Kernel:
    """Kernel record of one weight variable of a node."""
    matrix = weight_matrix(node, n_in, n_out, role)
    strategy = str(node.get_attr('strategy') or 'latency').lower()
    reuse_factor = int(node.get_attr(reuse, 1))
    kept = node.get_attr(KEPT)
    if strategy == 'resource_unrolled':
        kept = _unrolled(matrix, reuse_factor)
    return Kernel(
        layer=node.name,
        role=role,
        n_in=n_in,
        n_out=n_out,
        reuse_factor=reuse_factor,
        strategy=_kind(strategy),
        copies=copies,
        values=matrix,
        codes=weight_codes(node, matrix, role),
        input_bits=input_bits(node),
        weight_bits=attribute_bits(node, f'{role}_t'),
        accum_bits=attribute_bits(node, 'accum_t'),
        result_bits=output_bits(node),
        source=input_source(node),
        target=read_target(node.model),
        kept=kept,
        slots=slot_table(node),
        ordered_sums=_ordered_sums(node),
        positive_inputs=_positive(node),
        unit=_unit(node, role),
        adder_bits=float(node.get_attr('da_kernel_cost') or 0.0),
        designed=designed_shape(node),
        external=is_port(node, role),
    )
