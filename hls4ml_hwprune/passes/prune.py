"""Second pass: plan, and prune the IR accordingly."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from hls4ml.model.layers import Layer as Node
from hls4ml.model.optimizer import ModelOptimizerPass

from hls4ml_hwprune.config import parse_settings
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.graph.eligibility import why_not_pruned, why_template_fails
from hls4ml_hwprune.host.graph.reader import read_layers
from hls4ml_hwprune.host.session.plan_store import has_plan, store_plan
from hls4ml_hwprune.host.session.reference import hold_reference
from hls4ml_hwprune.passes.application import apply_to_graph
from hls4ml_hwprune.passes.plan import plan_model
from hls4ml_hwprune.report.console import shown_messages
from hls4ml_hwprune.resources import listed_total

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
        excluded = {node.name for node in model.get_layers() if settings.for_layer(node.name, node.class_name).exclude}
        _check_templates(model, lambda node: node.name in excluded or bool(why_not_pruned(node)))
        hold_reference(model)
        plan = plan_model(model, settings)
        named = {kernel.layer for kernel in plan.kernels}
        _check_templates(model, lambda node: node.name not in named)
        plan = replace(plan, listed_before=listed_total(read_layers(model), plan.stage))
        apply_to_graph(model, plan)
        store_plan(model, plan)
        return False


def _check_templates(model: 'ModelGraph', stays: Callable[[Node], bool]) -> None:
    """Refuse nodes that keep hls4ml's template, as `stays` says, where that template fails.

    Raises
    ------
    ConfigError
        Names all of them, and what to change.
    """
    reasons = [why_template_fails(node) for node in model.get_layers() if stays(node)]
    if found := [reason for reason in reasons if reason]:
        raise ConfigError('; '.join(found))
