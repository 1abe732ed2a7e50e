"""Pass before planning: layers of the Resource_Unrolled strategy become Resource layers, with sparse kernels."""

import logging
from typing import TYPE_CHECKING

from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import OptimizerPass

from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.attributes import RESTORED
from hls4ml_hwprune.host.node.kernels import strategy_of
from hls4ml_hwprune.passes.names import TAKE_OVER

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)


class TakeOverUnrolled(OptimizerPass):
    """Plan layers that hls4ml would write out weight by weight as kernels of this package.

    Both leave out the slots whose weights are all zero, so that no more multipliers are needed; weights of the kept slots
    stand in a table, in place of a line of C++ each.
    """

    def __init__(self) -> None:
        self.name = TAKE_OVER

    def match(self, node: Node) -> bool:
        """Match layers that can be pruned, with this strategy."""
        return family_of(node).sparse is not None and strategy_of(node) == 'resource_unrolled'

    def transform(self, model: 'ModelGraph', node: Node) -> bool:
        """Give `node` the other strategy, by its name in the configuration too, where later passes look."""
        _LOG.info('layer %r: Strategy: Resource_Unrolled is taken over by sparse kernels of Strategy: Resource', node.name)
        node.set_attr('strategy', 'resource')
        # No weights were transposed for this strategy when the node was made.
        node.set_attr(RESTORED, True)
        model.config.layer_name_strategy[node.name.lower()] = 'Resource'
        return False
