"""Pass before planning: legal reuse factors for hls4ml's kernels of the Resource strategy."""

import logging
from typing import TYPE_CHECKING

from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import OptimizerPass

from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.attributes import pruned_roles
from hls4ml_hwprune.host.node.kernels import strategy_of
from hls4ml_hwprune.host.node.reuse import set_reuse_factor
from hls4ml_hwprune.passes.names import REUSE
from hls4ml_hwprune.resources import legal_reuse_factors

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)


class RoundReuseFactor(OptimizerPass):
    """Round the reuse factors of pointwise convolutions as hls4ml rounds those of all other layers.

    hls4ml 1.3.0 makes these nodes of convolutions, and of dense layers on sequences, after it rounded, and then takes the
    factor configured for the layer's name again: its own firmware ends with an assertion if that does not divide the kernel.
    """

    def __init__(self) -> None:
        self.name = REUSE

    def match(self, node: Node) -> bool:
        """Whether the node has such a kernel, and a reuse factor that is not legal."""
        if family_of(node).sparse is None or pruned_roles(node) or strategy_of(node) != 'resource':
            return False
        return node.get_attr('reuse_factor') not in _legal(node)

    def transform(self, model: 'ModelGraph', node: Node) -> bool:
        """Set the reuse factor that hls4ml would take."""
        asked, legal = node.get_attr('reuse_factor'), _legal(node)
        nearest = model.config.backend.get_closest_reuse_factor(legal, asked)
        _LOG.warning('layer %r: the reuse factor %s is not legal, takes %s; legal are %s', node.name, asked, nearest, legal)
        set_reuse_factor(model, node, nearest)
        return False


def _legal(node: Node) -> list[int]:
    return legal_reuse_factors(*node.model.config.backend.get_layer_mult_size(node))
