"""Layouts of weights that hls4ml gets wrong: transposed too early, or padded once dead inputs are gone.

One pass runs before planning, the other between dead-channel elimination and hls4ml's own transposition.
"""

import logging
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import OptimizerPass

from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.attributes import RESTORED, pruned_roles
from hls4ml_hwprune.host.node.weights import is_transposed, set_data
from hls4ml_hwprune.passes.names import LAYOUT, TRANSPOSE

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)
# Axes of the weights of a dense layer.
_MATRIX = 2


class RestoreLayout(OptimizerPass):
    """Turn back weights that hls4ml 1.3.0 transposes for the Resource strategy twice, and whose sums it then gets wrong."""

    def __init__(self) -> None:
        self.name = LAYOUT

    def match(self, node: Node) -> bool:
        """Match nodes with such weights that are not turned back."""
        return family_of(node).turned_early(node) and not node.get_attr(RESTORED)

    def transform(self, model: 'ModelGraph', node: Node) -> bool:
        """Turn the weights of `node` back to (*window, channels, filters)."""
        _LOG.warning(
            'layer %r: hls4ml transposes the weights of a %s twice with Strategy: Resource, and plain projects add up wrong '
            'sums; in this flow they are right',
            node.name,
            node.class_name,
        )
        set_data(node.weights['weight'], np.moveaxis(np.asarray(node.weights['weight'].data), 0, -1))
        node.set_attr(RESTORED, True)
        return False


class TransposeSparse(OptimizerPass):
    """Transpose the weights of sparse dense layers, as hls4ml's Quartus back end does, but without its padding.

    hls4ml pads the weights of large layers to memories, and cuts off the last ones where the reuse factor does not divide
    their number: a layer that lost dead inputs has such numbers, and its kernel a layout of its own.
    """

    def __init__(self) -> None:
        self.name = TRANSPOSE

    def match(self, node: Node) -> bool:
        """Match sparse nodes whose weights are a matrix that is not transposed yet."""
        return bool(pruned_roles(node)) and not is_transposed(node) and np.ndim(node.weights['weight'].data) == _MATRIX

    def transform(self, model: 'ModelGraph', node: Node) -> bool:
        """Transpose the weights of `node`."""
        set_data(node.weights['weight'], np.asarray(node.weights['weight'].data).T.ravel())
        node.set_attr('_weights_transposed', True)
        return False
