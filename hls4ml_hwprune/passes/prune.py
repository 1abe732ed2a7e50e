"""Second pass: plan, and prune the IR accordingly."""

from typing import TYPE_CHECKING

from hls4ml.model.optimizer import ModelOptimizerPass

from hls4ml_hwprune.config import parse_settings
from hls4ml_hwprune.messages import shown_messages
from hls4ml_hwprune.passes.application import apply_to_graph
from hls4ml_hwprune.passes.planning import plan_model
from hls4ml_hwprune.passes.reference import hold_reference
from hls4ml_hwprune.passes.stored import has_plan, store_plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class PruneToBudget(ModelOptimizerPass):
    """Zero the pruned weights and put sparse nodes in place of the layers that lost slots.

    Requires: hls4ml's `optimize` flow, after which nodes and precisions are final. Ensures: the plan is stored on the
    model, pruned weights are zero, and only whole slots are gone. Runs once: a model that has a plan is left alone.
    """

    def __init__(self) -> None:
        self.name = 'hwprune_prune'

    @shown_messages()
    def transform(self, model: 'ModelGraph') -> bool:
        """Prune `model`."""
        if has_plan(model):
            return False
        settings = parse_settings(model.config.config['HLSConfig'])
        hold_reference(model)
        plan = plan_model(model, settings)
        apply_to_graph(model, plan)
        store_plan(model, plan)
        return False
