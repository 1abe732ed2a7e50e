"""Fourth pass, right after pruning: dead-channel elimination."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hls4ml_hwprune.host.dead_structure.removal import remove_dead
from hls4ml_hwprune.host.graph.reader import read_layers
from hls4ml_hwprune.host.session.plan_store import get_plan, has_plan, is_finished, is_part, store_plan
from hls4ml_hwprune.passes.contracts import ContractPass
from hls4ml_hwprune.passes.names import REMOVE_DEAD
from hls4ml_hwprune.report.console import shown_messages
from hls4ml_hwprune.report.log import log_plan
from hls4ml_hwprune.resources import estimate_layers, listed_total

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class RemoveDeadStructure(ContractPass):
    """Fold constants into biases, and take dead neurons and channels out of the graph.

    Requires: a plan on the model, and types that are not converted yet. Ensures: outputs are bit for bit those of the model
    before; the plan has the resources of the finished design. Runs once.
    """

    def __init__(self) -> None:
        self.name = REMOVE_DEAD

    @shown_messages()
    def run(self, model: 'ModelGraph') -> None:
        """Remove dead structure from `model`."""
        if not has_plan(model) or is_finished(model) or is_part(model):
            return
        plan = remove_dead(model, get_plan(model))
        plan = replace(plan, listed_after=listed_total(read_layers(model), plan.stage))
        store_plan(model, plan, finished=True)
        log_plan(plan)

    def requires(self, model: 'ModelGraph') -> str:
        """Ask for a plan on the model."""
        return '' if has_plan(model) else 'a plan on the model'

    def ensures(self, model: 'ModelGraph', before: Any) -> str:
        """Ask for a plan with the resources of the model."""
        if is_part(model):
            return ''
        plan = get_plan(model)
        total = estimate_layers(read_layers(model), plan.stage).total
        return '' if is_finished(model) and total == plan.after else f'a plan of {total}, not of {plan.after}'
