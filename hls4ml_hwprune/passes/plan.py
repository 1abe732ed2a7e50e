"""Second pass, an analysis: the plan of a model, held beside it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.config import parse_settings
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.graph.eligibility import why_not_pruned, why_template_fails
from hls4ml_hwprune.host.graph.reader import read_layers
from hls4ml_hwprune.host.session.plan_store import has_plan
from hls4ml_hwprune.host.session.plans import hold_plan, plan_of
from hls4ml_hwprune.passes.contracts import ContractPass, graph_state
from hls4ml_hwprune.passes.names import PLAN
from hls4ml_hwprune.passes.planning import plan_model
from hls4ml_hwprune.report.console import shown_messages
from hls4ml_hwprune.resources import listed_total

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


class PlanToBudget(ContractPass):
    """Plan a model within its budget; the graph is not changed.

    Requires: hls4ml's `optimize` flow, after which nodes and precisions are final, and types that are not converted yet.
    Ensures: a plan is held beside the model, of kernels that can be pruned, and the graph is unchanged. A model that has a
    plan is left alone.
    """

    def __init__(self) -> None:
        self.name = PLAN

    @shown_messages()
    def run(self, model: 'ModelGraph') -> None:
        """Plan `model`."""
        if has_plan(model) or plan_of(model) is not None:
            return
        settings = parse_settings(model.config.config['HLSConfig'])
        excluded = {node.name for node in model.get_layers() if settings.for_layer(node.name, node.class_name).exclude}
        _check_templates(model, lambda node: node.name in excluded or bool(why_not_pruned(node)))
        plan = plan_model(model, settings)
        named = {kernel.layer for kernel in plan.kernels}
        _check_templates(model, lambda node: node.name not in named)
        hold_plan(model, replace(plan, listed_before=listed_total(read_layers(model), plan.stage)))

    def requires(self, model: 'ModelGraph') -> str:
        """Ask for types that are not converted yet."""
        flow = backend_of(model).types_flow
        converted = not has_plan(model) and any(flow in group for group in model._applied_flows)
        return 'types that are not converted yet' if converted else ''

    def observe(self, model: 'ModelGraph') -> Any:
        """Return the state of the graph."""
        return graph_state(model)

    def ensures(self, model: 'ModelGraph', before: Any) -> str:
        """Ask for the same graph, and for a plan of kernels that can be pruned."""
        if graph_state(model) != before:
            return 'a graph that is not changed'
        plan = plan_of(model)
        if plan is None:
            return '' if has_plan(model) else 'a plan'
        broken = [k.layer for k in plan.kernels if why_not_pruned(model.graph[k.layer])]
        return f'a plan of layers that can be pruned, not {broken[0]}' if broken else ''


def _check_templates(model: 'ModelGraph', stays: Callable[[Node], bool]) -> None:
    """Refuse nodes that keep hls4ml's template, as `stays` says, where that template fails.

    Raises
    ------
    ConfigError
        Naming all of them, and the cure.
    """
    reasons = [why_template_fails(node) for node in model.get_layers() if stays(node)]
    if found := [reason for reason in reasons if reason]:
        raise ConfigError('; '.join(found))
