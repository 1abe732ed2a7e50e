"""Kernel records of nodes, and the widths and sizes that readers of layer families need."""

import numpy as np
from hls4ml.backends.backend import get_backend
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import PrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.base import VIVADO
from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.backends.target import read_target
from hls4ml_hwprune.host.node.attributes import DEFERRED, designed_shape, kept_mask, slot_bits, slot_table
from hls4ml_hwprune.host.node.precision import is_fixed_point, order_matters, quantise
from hls4ml_hwprune.host.node.reuse import reuse_attribute
from hls4ml_hwprune.host.node.weights import is_port, weight_matrix
from hls4ml_hwprune.records import DISTRIBUTED, Kernel

# Width assumed for a type that hls4ml has not inferred yet.
_DEFAULT_BITS = 16


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


def strategy_of(node: Node) -> str:
    """Strategy of a node in small letters; hls4ml's default where it has none, and that of back ends with a single one."""
    if only := backend_of(node.model).strategy:
        return only
    if node.get_attr(DEFERRED):
        return DISTRIBUTED
    return str(node.get_attr('strategy') or 'latency').lower()


def weight_codes(node: Node, matrix: NDArray[np.float64], role: str = 'weight') -> NDArray[np.int64]:
    """Integer codes of a weight matrix, zeros and ones where the type has no plain codes (binary, power of two, float)."""
    if role not in node.weights:
        return np.zeros(matrix.shape, np.int64)
    precision = node.weights[role].type.precision
    return quantise(matrix, precision) if is_fixed_point(precision) else (matrix != 0).astype(np.int64)


def _unit(node: Node, role: str) -> float:
    """Weight of one unit in the last place; 1 where the type has no plain codes."""
    precision = node.weights[role].type.precision if role in node.weights else None
    return 2.0 ** -int(getattr(precision, 'fractional', 0) or 0)


def _ordered_sums(node: Node) -> bool:
    named = node.get_attr('accum_t')
    return named is not None and order_matters(named.precision)


def _kind(strategy: str) -> str:
    if strategy.startswith(('resource', 'compressed')):
        return 'resource'
    return strategy if strategy == DISTRIBUTED else 'latency'


def _unrolled(matrix: NDArray[np.float64], reuse_factor: int) -> NDArray[np.bool_]:
    """Weights that hls4ml's generated code builds multipliers for: the groups of a slot that are not all zero."""
    flat = np.append(matrix.ravel(), np.zeros(-matrix.size % reuse_factor)) != 0
    live = flat.reshape(-1, reuse_factor).any(axis=1)
    return np.repeat(live, reuse_factor)[: matrix.size].reshape(matrix.shape)


def _operand_bits(node: Node, role: str) -> int:
    """Bits of an input as a signed factor; 0 where products of the input and the weights are not plain ones."""
    data, weights = node.get_input_variable().type.precision, node.get_attr(f'{role}_t')
    if weights is None or backend_of(node.model).dialect != VIVADO:
        return 0
    if not is_fixed_point(data) or not is_fixed_point(weights.precision):
        return 0
    plain = get_backend('vivado').product_type(data, weights.precision) == 'mult'
    return data.width + (not data.signed) if plain else 0


def make_kernel(
    node: Node, n_in: int, n_out: int, copies: int = 1, role: str = 'weight', source: str = '', *, pairs: bool = False
) -> Kernel:
    """Kernel record of one weight variable of a node; an empty `source` is filled in by the graph.

    `pairs` tells families whose firmware may have two slots in one multiplier.
    """
    matrix = weight_matrix(node, n_in, n_out, role)
    strategy = strategy_of(node)
    reuse_factor = int(node.get_attr(reuse_attribute(role), 1))
    kept = kept_mask(node, role)
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
        source=source,
        target=read_target(node.model),
        kept=kept,
        slots=slot_table(node, role),
        ordered_sums=_ordered_sums(node),
        unit=_unit(node, role),
        adder_bits=float(node.get_attr('da_kernel_cost') or 0.0),
        designed=designed_shape(node, role),
        external=is_port(node, role),
        operand_bits=_operand_bits(node, role) if pairs else 0,
        slot_bits=slot_bits(node, role),
    )


def kernel_of_matrix(
    node: Node, role: str, matrix: NDArray[np.float64], reuse_factor: int, copies: int = 1, source: str = 'layer'
) -> Kernel:
    """Kernel record of weights that are estimated only, shape (n_out, n_in), wherever a node keeps them."""
    return Kernel(
        layer=node.name,
        role=role,
        n_in=matrix.shape[1],
        n_out=matrix.shape[0],
        reuse_factor=reuse_factor,
        strategy='resource' if strategy_of(node) == 'resource' else 'latency',
        copies=copies,
        values=matrix,
        codes=weight_codes(node, matrix, role),
        input_bits=input_bits(node),
        weight_bits=width(node.weights[role].type.precision),
        accum_bits=attribute_bits(node, 'accum_t'),
        result_bits=output_bits(node),
        source=source,
        target=read_target(node.model),
    )
