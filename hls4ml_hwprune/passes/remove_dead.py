"""Third pass, right after pruning: remove what the plan left without inputs or without use."""

from dataclasses import replace
from typing import TYPE_CHECKING

from hls4ml.model.optimizer import ModelOptimizerPass

from hls4ml_hwprune.host.dead_structure.removal import remove_dead
from hls4ml_hwprune.host.graph.reader import read_layers
from hls4ml_hwprune.host.session.plan_store import get_plan, has_plan, is_finished, is_part, store_plan
from hls4ml_hwprune.report.console import shown_messages
from hls4ml_hwprune.report.log import log_plan
from hls4ml_hwprune.resources import listed_total

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class RemoveDeadStructure(ModelOptimizerPass):
    """Fold constants into biases, and take dead neurons and channels out of the graph.

    Requires: a plan on the model, and types that are not converted yet. Ensures: outputs are bit for bit those of the model
    before; the plan says what the finished design takes. Runs once.
    """

    def __init__(self) -> None:
        self.name = 'hwprune_remove_dead'

    @shown_messages()
    def transform(self, model: 'ModelGraph') -> bool:
        """Remove dead structure from `model`."""
        if not has_plan(model) or is_finished(model) or is_part(model):
            return False
        plan = remove_dead(model, get_plan(model))
        plan = replace(plan, listed_after=listed_total(read_layers(model), plan.stage))
        store_plan(model, plan, finished=True)
        log_plan(plan)
        return False
