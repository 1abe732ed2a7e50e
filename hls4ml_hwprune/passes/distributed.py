"""Passes around planning: layers in distributed arithmetic, whose code hls4ml would make before weights are pruned."""

from typing import TYPE_CHECKING

from hls4ml.model.flow import get_flow
from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import ModelOptimizerPass, OptimizerPass, optimize_model

from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.attributes import DEFERRED
from hls4ml_hwprune.host.node.kernels import strategy_of
from hls4ml_hwprune.passes.names import DEFER, RESUME
from hls4ml_hwprune.records import DISTRIBUTED

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

#: Flow of hls4ml with the passes that make such code, and parts of their names.
OPTIMIZE_FLOW = 'vivado:optimize'
_MAKERS = (DISTRIBUTED, 'd_a_layers')


class DeferDistributed(OptimizerPass):
    """Let layers in distributed arithmetic wait as layers of the Latency strategy.

    Requires: a flow before hls4ml's `optimize`. Ensures: no code is made for their weights there.
    """

    def __init__(self) -> None:
        self.name = DEFER

    def match(self, node: Node) -> bool:
        """Match layers that can be pruned, with this strategy."""
        return family_of(node).sparse is not None and strategy_of(node) == DISTRIBUTED and not node.get_attr(DEFERRED)

    def transform(self, model: 'ModelGraph', node: Node) -> bool:
        """Give `node` the other strategy."""
        node.set_attr('strategy', 'latency')
        node.set_attr(DEFERRED, True)
        return False


class ResumeDistributed(ModelOptimizerPass):
    """Give these layers their strategy back, and let hls4ml make the code of the weights that are left."""

    def __init__(self) -> None:
        self.name = RESUME

    def transform(self, model: 'ModelGraph') -> bool:
        """Run hls4ml's own passes."""
        waiting = [node for node in model.get_layers() if node.get_attr(DEFERRED)]
        for node in waiting:
            node.set_attr('strategy', DISTRIBUTED)
            del node.attributes[DEFERRED]
        if waiting:
            optimize_model(model, [name for name in get_flow(OPTIMIZE_FLOW).optimizers if any(m in name for m in _MAKERS)])
        return False
