"""First pass of the flows: every error of the configuration is raised before hls4ml does any work."""

import logging
from typing import TYPE_CHECKING, Any

from hls4ml_hwprune.config import (
    BACKENDS,
    check_backend,
    check_placement,
    check_project,
    parse_settings,
    require_block,
)
from hls4ml_hwprune.errors import BackendError, ConfigError
from hls4ml_hwprune.host.backends.figures import check_figures
from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.graph.eligibility import check_layer_types
from hls4ml_hwprune.host.node.parameters import check_finite
from hls4ml_hwprune.host.session.device import target_device
from hls4ml_hwprune.host.session.plans import hold_given_plan
from hls4ml_hwprune.host.session.samples import hold_samples
from hls4ml_hwprune.passes.contracts import ContractPass, graph_state
from hls4ml_hwprune.passes.names import CHECK, CHECK_PROJECT, flow_of
from hls4ml_hwprune.report.console import shown_messages

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)


class CheckHWPrune(ContractPass):
    """Refuse a wrong back end, a missing or malformed `HWPrune` block, an unknown part, and a flow that comes too late.

    Requires: nothing. Ensures: the settings parse, the target is known, and all weights are numbers.
    """

    def __init__(self, backend: str) -> None:
        self.name = CHECK
        self.backend = backend

    @shown_messages()
    def run(self, model: 'ModelGraph') -> None:
        """Check `model`'s configuration; changes nothing."""
        flow = flow_of(self.backend)
        check_backend(self.backend)
        used = model.config.backend.name
        if used != self.backend:
            known = ', '.join(map(flow_of, BACKENDS))
            raise BackendError(f'Flows: {flow} is not for the backend {used!r} of this project; the flows are {known}')
        if any(backend_of(model).types_flow in group for group in model._applied_flows):
            converting = model.config.backend.get_default_flow()
            raise ConfigError(f'Flows: {flow} must come before any flow that converts types, such as {converting}')
        project = model.config.config
        check_placement(project['HLSConfig'], project)
        settings = parse_settings(project['HLSConfig'])
        require_block(project['HLSConfig'])
        check_project(project)
        for note in settings.notes:
            _LOG.warning('%s', note)
        check_figures(backend_of(model), settings)
        check_layer_types(settings)
        target_device(model, settings)
        hold_samples(model, settings)
        hold_given_plan(model, settings)
        for node in model.get_layers():
            check_finite(node)

    def observe(self, model: 'ModelGraph') -> Any:
        """Return the state of the graph."""
        return graph_state(model)

    def ensures(self, model: 'ModelGraph', before: Any) -> str:
        """Ask for the same graph."""
        return '' if graph_state(model) == before else 'a graph that is not changed'


class CheckProject(ContractPass):
    """Refuse keys of hls4ml that estimates cannot be made with. Requires: nothing. Ensures: nothing is changed."""

    def __init__(self) -> None:
        self.name = CHECK_PROJECT

    def run(self, model: 'ModelGraph') -> None:
        """Check `model`'s configuration; changes nothing."""
        check_project(model.config.config)
