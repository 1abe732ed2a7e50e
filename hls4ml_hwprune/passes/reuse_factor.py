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
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources import legal_reuse_factors

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)


class RoundReuseFactor(OptimizerPass):
    """Round reuse factors that hls4ml left as they are, those of pointwise convolutions and of bidirectional layers.

    hls4ml 1.3.0 makes pointwise convolutions, of convolutions and of dense layers on sequences, after it rounded, and then
    takes the factor configured for the layer's name again: its own firmware ends with an assertion if that does not divide
    the kernel. Factors of a bidirectional LSTM it rounds to legal ones of three gates, not four.
    """

    def __init__(self) -> None:
        self.name = REUSE

    def match(self, node: Node) -> bool:
        """Whether the node has a kernel with a reuse factor that is not legal."""
        return bool(_illegal(node))

    def transform(self, model: 'ModelGraph', node: Node) -> bool:
        """Set the reuse factors that hls4ml would take."""
        for kernel in _illegal(node):
            asked, legal = kernel.reuse_factor, _legal(kernel)
            nearest = model.config.backend.get_closest_reuse_factor(legal, asked)
            words = 'layer %r: the reuse factor %s is not legal, takes %s; legal are %s'
            _LOG.warning(words, str(kernel.key), asked, nearest, legal)
            set_reuse_factor(model, node, nearest, kernel.role)
        return False


def _illegal(node: Node) -> list[Kernel]:
    """Kernels of hls4ml's own of the Resource strategy with a reuse factor that their firmware does not have."""
    if family_of(node).sparse is None or pruned_roles(node) or strategy_of(node) != 'resource':
        return []
    return [kernel for kernel in family_of(node).read(node).kernels if kernel.reuse_factor not in _legal(kernel)]


def _legal(kernel: Kernel) -> list[int]:
    return legal_reuse_factors(kernel.n_in, kernel.n_out)
