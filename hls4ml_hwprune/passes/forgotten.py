"""Warning of an `HWPrune` block that no flow reads.

Back ends apply all their templates to every node of every model, at the end of every conversion, in a list that hls4ml
makes anew each time. A template that matches no node therefore sees plain conversions, and leaves them as they are.
"""

import logging
from typing import TYPE_CHECKING
from weakref import WeakSet

from hls4ml.backends.template import Template
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.config import BACKENDS, block_traces
from hls4ml_hwprune.host.backends.registry import REGISTERED
from hls4ml_hwprune.passes.names import FORGOTTEN, PRUNE_FLOW, READ_FLOW, flow_of

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)
# Any flow that plans: the whole one, and the one that training reads by.
_FLOWS = (PRUNE_FLOW, READ_FLOW)
# A back end may have the templates of another besides its own.
_SEEN: 'WeakSet[ModelGraph]' = WeakSet()


class ForgottenFlow(Template):
    """Warn once a model of a block without its flow. Requires: nothing. Ensures: nothing is changed."""

    def __init__(self) -> None:
        super().__init__(FORGOTTEN, Node, '')

    def match(self, node: Node) -> bool:
        """Whether there is anything to write for a node, which there never is; the model is looked at in passing."""
        if node.model not in _SEEN:
            _SEEN.add(node.model)
            warn_of_forgotten_flow(node.model)
        return False


def warn_of_forgotten_flow(model: 'ModelGraph') -> None:
    """Log a warning if the configuration of a model has a block, but no flow of this package."""
    config = model.config.config
    asked = model.config.flows
    flows = [asked] if isinstance(asked, str) else asked
    if any(flow.partition(':')[2] in _FLOWS for flow in flows):
        return
    found = block_traces(config['HLSConfig'], config)
    if found:
        name = model.config.backend.name
        flow = f'put `Flows: [{flow_of(name)}]` under HLSConfig, or call hls4ml_hwprune.enable'
        cure = flow if name in REGISTERED else f'{name} has no sparse firmware, only {", ".join(BACKENDS)} have'
        _LOG.warning('NOTHING IS PRUNED: the configuration has the block %s, but no hwprune flow: %s', found[0], cure)
