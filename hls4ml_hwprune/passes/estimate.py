"""Pass of the flows `<backend>:hwprune_estimate`: logs the estimates of a design, and changes nothing."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.config import check_backend
from hls4ml_hwprune.host.graph.reader import read_layers
from hls4ml_hwprune.passes.contracts import ContractPass
from hls4ml_hwprune.passes.names import ESTIMATE_FLOW, LOG_ESTIMATE
from hls4ml_hwprune.report.console import shown_messages
from hls4ml_hwprune.report.log import log_estimate
from hls4ml_hwprune.resources import STAGES, Estimate, estimate_listed

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class LogEstimate(ContractPass):
    """Log the estimates of all stages.

    Requires: the back end's own flow, after which types and reuse factors are final. Ensures: nothing is changed.
    """

    def __init__(self) -> None:
        self.name = LOG_ESTIMATE

    @shown_messages()
    def run(self, model: 'ModelGraph') -> None:
        """Log the estimates of `model`."""
        check_backend(model.config.backend.name)
        for estimate in estimates(model):
            log_estimate(estimate)


def estimates(model: 'ModelGraph') -> list[Estimate]:
    """Estimate `model` at every stage; once where nothing but multipliers is known, which are the same at all."""
    layers = read_layers(model)
    stages = STAGES if all(layer.target.facts.has_reports for layer in layers) else STAGES[:1]
    return [estimate_listed(layers, stage) for stage in stages]


def has_estimate(model: 'ModelGraph') -> bool:
    """Whether `model` went through the hwprune_estimate flow."""
    return any(flow.endswith(f':{ESTIMATE_FLOW}') for group in model._applied_flows for flow in group)
