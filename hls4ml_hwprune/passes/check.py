"""First pass of the flow: everything that can be wrong with the configuration is said before hls4ml does any work."""

from typing import TYPE_CHECKING

from hls4ml.model.optimizer import ModelOptimizerPass

from hls4ml_hwprune.config import BACKENDS, check_backend, parse_settings
from hls4ml_hwprune.errors import BackendError, ConfigError
from hls4ml_hwprune.ir.parameters import check_finite, count_parameters
from hls4ml_hwprune.messages import show_messages
from hls4ml_hwprune.passes.calibration import hold_samples
from hls4ml_hwprune.passes.target import target_device
from hls4ml_hwprune.plan import Plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_TYPES_FLOW = 'vivado:specific_types'


class CheckHWPrune(ModelOptimizerPass):
    """Refuse a wrong back end, a malformed `HWPrune` block, an unknown part, and a flow that comes too late.

    Requires: nothing. Ensures: the settings parse, the target is known, and all weights are numbers.
    """

    def __init__(self, backend: str) -> None:
        self.name = 'hwprune_check'
        self.backend = backend

    def transform(self, model: 'ModelGraph') -> bool:
        """Check `model`'s configuration; changes nothing."""
        show_messages()
        flow = f'{self.backend.lower()}:hwprune'
        check_backend(self.backend)
        used = model.config.backend.name
        if used != self.backend:
            known = ', '.join(f'{name.lower()}:hwprune' for name in BACKENDS)
            raise BackendError(f'Flows: {flow} is not for the backend {used!r} of this project; the flows are {known}')
        if any(_TYPES_FLOW in group for group in model._applied_flows):
            converting = model.config.backend.get_default_flow()
            raise ConfigError(f'Flows: {flow} must come before any flow that converts types, such as {converting}')
        settings = parse_settings(model.config.config['HLSConfig'])
        target_device(model, settings)
        hold_samples(model, settings)
        if settings.plan is not None:
            Plan.load(settings.plan, count_parameters(model))
        for node in model.get_layers():
            check_finite(node)
        return False
