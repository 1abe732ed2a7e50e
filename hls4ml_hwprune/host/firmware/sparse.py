"""Sparse firmware of a family of layers: nodes, and the C++ that hls4ml's templates ask for."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hls4ml.model.layers import Layer as Node
from hls4ml.model.layers import register_layer

from hls4ml_hwprune.host.backends.base import VIVADO
from hls4ml_hwprune.host.backends.registry import backend_of

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def can_be_pruned(node: Node) -> str:
    """Know no reason against pruning."""
    return ''


def viewed_as(node: Node, cls: type[Node]) -> Node:
    """View of a sparse node as one of the class of hls4ml that it stands for, with the same attributes."""
    plain = copy(node)
    plain.__class__ = cls
    return plain


@dataclass(frozen=True)
class SparseKernel:
    """Firmware of a family once slots are gone.

    Attributes
    ----------
    nodes : mapping of str to type
        Class of the nodes that stand for pruned layers, by the class name of hls4ml's. A prefix before hls4ml's name keeps
        hls4ml's templates from matching it, and hls4ml's substring checks working.
    configure : callable
        From a node and the values that hls4ml gives templates to the C++ of its configurations.
    call : callable
        From a node and the values that hls4ml gives templates to the C++ of its call.
    headers : callable
        From a node to the headers that the call needs.
    attributes : callable, optional
        From the node that is replaced to further attributes of the new one.
    prepare : callable, optional
        Changes the node that stands for a pruned layer before anything else is done with it.
    why_not : callable
        From a node to the reason for which it cannot be pruned though others of its family can; '' where there is none.
    takes_all : bool
        Whether the call takes the weights of all kernels, so that a kernel that keeps nothing has a weight variable of one
        zero instead of none.
    dialects : mapping of str to SparseKernel
        The same layers in dialects other than Vivado's; one without an entry has no kernel of them.
    """

    nodes: Mapping[str, type[Node]]
    configure: Callable[[Node, dict[str, Any]], str]
    call: Callable[[Node, dict[str, Any]], str]
    headers: Callable[[Node], tuple[str, ...]]
    attributes: Callable[[Node], dict[str, Any]] | None = None
    prepare: Callable[[Node], None] | None = None
    why_not: Callable[[Node], str] = can_be_pruned
    takes_all: bool = False
    dialects: Mapping[str, 'SparseKernel'] = field(default_factory=dict)

    def in_dialect(self, dialect: str) -> 'SparseKernel | None':
        """Firmware of the family in a dialect, None where there is none."""
        return self if dialect == VIVADO else self.dialects.get(dialect)

    def register(self) -> None:
        """Make the classes known to hls4ml, for `make_node` and for loading saved models."""
        for cls in dict.fromkeys(self.nodes.values()):
            register_layer(cls.__name__, cls)

    def replace(self, model: 'ModelGraph', node: Node) -> Node:
        """Put the sparse counterpart of `node`, with all its attributes, in its place and return it."""
        # The strategy may have been given for the old class (LayerType); later passes ask again, by name first.
        model.config.layer_name_strategy[node.name.lower()] = model.config.get_strategy(node)
        attributes = dict(node.attributes.attributes)
        spoken = self.in_dialect(backend_of(model).dialect) or self
        attributes |= {} if spoken.attributes is None else spoken.attributes(node)
        cls = self.nodes[node.class_name]
        sparse = model.make_node(cls, node.name, attributes, node.inputs.copy(), node.outputs.copy(), initialize=False)
        model.replace_node(node, sparse)
        if self.prepare is not None:
            self.prepare(sparse)
        return sparse
