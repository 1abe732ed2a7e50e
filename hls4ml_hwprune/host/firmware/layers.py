"""The nodes that stand for pruned layers.

Their class names keep hls4ml's dense templates from matching them, and its substring checks ('Dense', 'Conv1D', ...)
working. They are made of the node they replace, with all its attributes.
"""

from typing import TYPE_CHECKING

from hls4ml.model.layers import Conv1D, Conv2D, Dense, register_layer
from hls4ml.model.layers import Layer as Node

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class SparseDense(Dense):
    """A Dense node of which some multiplier slots are gone."""


class SparseConv1D(Conv1D):
    """A Conv1D or PointwiseConv1D node of which some multiplier slots are gone."""


class SparseConv2D(Conv2D):
    """A Conv2D or PointwiseConv2D node of which some multiplier slots are gone."""


#: Sparse class by the class name of the node that it replaces.
SPARSE_CLASSES: dict[str, type[Node]] = {
    'Dense': SparseDense,
    'Conv1D': SparseConv1D,
    'PointwiseConv1D': SparseConv1D,
    'Conv2D': SparseConv2D,
    'PointwiseConv2D': SparseConv2D,
}

#: Attribute of a sparse convolution: whether it was pointwise, for which hls4ml has another io_stream loop.
POINTWISE = 'hwprune_pointwise'


def register() -> None:
    """Make the classes known to hls4ml, for `make_node` and for loading saved models."""
    for cls in (SparseDense, SparseConv1D, SparseConv2D):
        register_layer(cls.__name__, cls)


def replace_by_sparse(model: 'ModelGraph', node: Node) -> Node:
    """Put the sparse counterpart of `node` in its place and return it."""
    # The strategy may have been given for the old class (LayerType); later passes ask again, by name first.
    model.config.layer_name_strategy[node.name.lower()] = model.config.get_strategy(node)
    attributes = dict(node.attributes.attributes)
    attributes[POINTWISE] = node.class_name.startswith('Pointwise')
    cls = SPARSE_CLASSES[node.class_name]
    sparse = model.make_node(cls, node.name, attributes, node.inputs.copy(), node.outputs.copy(), initialize=False)
    model.replace_node(node, sparse)
    return sparse
