"""A plan that the settings name: read when the flow begins, and kept beside the model."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from hls4ml_hwprune.config import BLOCK, Settings
from hls4ml_hwprune.host.node.parameters import count_parameters
from hls4ml_hwprune.plan import Plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_HELD: 'WeakKeyDictionary[ModelGraph, Plan]' = WeakKeyDictionary()


def hold_plan(model: 'ModelGraph', settings: Settings) -> None:
    """Keep the plan that the settings name, if any; a `Plan` does not stay in the configuration, which is written as YAML.

    Raises
    ------
    PlanError
        If the file cannot be read or is no plan.
    """
    if settings.plan is None:
        return
    if not isinstance(settings.plan, Plan):
        _HELD[model] = Plan.load(settings.plan, count_parameters(model))
        return
    _HELD[model] = settings.plan
    hls_config = model.config.config['HLSConfig']
    block = {**hls_config['Model'][BLOCK], 'Plan': f'a plan of {len(settings.plan.kernels)} kernels'}
    # A copy: the configuration is the user's own dictionary.
    model.config.config['HLSConfig'] = {**hls_config, 'Model': {**hls_config['Model'], BLOCK: block}}


def given_plan(model: 'ModelGraph') -> Plan | None:
    """Return the plan that `hold_plan` kept."""
    return _HELD.get(model)
