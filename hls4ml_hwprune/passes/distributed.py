"""Passes around planning: layers in distributed arithmetic, whose code hls4ml would make before weights are pruned."""

from typing import TYPE_CHECKING

from hls4ml.model.flow import get_flow
from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import ModelOptimizerPass, OptimizerPass, optimize_model

from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.attributes import DEFERRED
from hls4ml_hwprune.host.node.kernels import strategy_of
from hls4ml_hwprune.passes.names import DEFER, RESUME
from hls4ml_hwprune.records import DISTRIBUTED

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Parts of the names of hls4ml's passes that make such code.
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
            passes = get_flow(backend_of(model).optimize_flow).optimizers
            optimize_model(model, [name for name in passes if any(maker in name for maker in _MAKERS)])
        return False
