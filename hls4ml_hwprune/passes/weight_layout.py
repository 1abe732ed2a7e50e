"""Pass before planning: weights that hls4ml has transposed too early, back in the layout of all others."""

import logging
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import OptimizerPass

from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.attributes import RESTORED
from hls4ml_hwprune.host.node.weights import set_data
from hls4ml_hwprune.passes.names import LAYOUT

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)


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
