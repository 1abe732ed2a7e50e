"""Registry of families: the family of each class of hls4ml's nodes."""

from typing import TYPE_CHECKING

from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import XnorPrecisionType

from hls4ml_hwprune.host.families import (
    activations,
    convolution,
    dense,
    depthwise,
    einsum_dense,
    lookups,
    merging,
    normalization,
    pooling,
    recurrent,
    reshaping,
    softmax,
)
from hls4ml_hwprune.host.families.base import Family, Rule, Taps
from hls4ml_hwprune.host.families.unknown import UNKNOWN

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Of nodes that stand for pruned layers, and for layers whose products are bound to LUTs.
_PREFIXES = ('Sparse', 'Fabric')
_ROOMS = (
    dense,
    convolution,
    depthwise,
    einsum_dense,
    recurrent,
    activations,
    softmax,
    normalization,
    pooling,
    merging,
    reshaping,
    lookups,
)
#: All families but that of unknown classes.
FAMILIES: tuple[Family, ...] = tuple(family for room in _ROOMS for family in room.FAMILIES)
_BY_CLASS = {name: family for family in FAMILIES for name in family.classes}
#: Classes of hls4ml's nodes that have a sparse kernel.
PRUNABLE = tuple(name for family in FAMILIES if family.sparse is not None for name in family.sparse.nodes)


def dense_class(node: Node) -> str:
    """Name of hls4ml's class that a node is, or stands for once it is pruned or bound to LUTs."""
    name = str(node.class_name)
    return next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)


def family_of(node: Node) -> Family:
    """Family of a node, of hls4ml's or of this package's own."""
    return _BY_CLASS.get(dense_class(node), UNKNOWN)


def replace_by_sparse(model: 'ModelGraph', node: Node) -> Node:
    """Put the sparse counterpart of `node` in its place and return it."""
    sparse = family_of(node).sparse
    assert sparse is not None  # plans are of layers that have one
    return sparse.replace(model, node)


def bind_to_luts(model: 'ModelGraph', node: Node) -> Node:
    """Put the counterpart of `node` whose products are built from LUTs in its place and return it."""
    fabric = family_of(node).fabric
    assert fabric is not None  # plans bind layers that have one
    return fabric.replace(model, node)


def rule_of(node: Node) -> Rule | None:
    """Arithmetic of a node in floating point, None if there is none."""
    rule = family_of(node).rule
    if rule is None or not rule.applies(node) or _reads_signs(node):
        return None
    return rule


def taps_of(node: Node) -> Taps:
    """Kernels within a node that can be pruned."""
    rule = family_of(node).rule
    assert rule is not None and rule.taps is not None  # every prunable family has them
    return rule.taps


def _reads_signs(node: Node) -> bool:
    """Whether an input is of signs, whose firmware values 0 and 1 stand for -1 and 1."""
    return any(isinstance(node.get_input_variable(name).type.precision, XnorPrecisionType) for name in node.inputs)
