"""Plans kept beside a model: one that the settings name, read when the flow begins, and the plan made of it."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from hls4ml_hwprune.config import BLOCK, Settings, respelled_block
from hls4ml_hwprune.host.node.parameters import count_parameters
from hls4ml_hwprune.plan import Plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_GIVEN: 'WeakKeyDictionary[ModelGraph, Plan]' = WeakKeyDictionary()
_MADE: 'WeakKeyDictionary[ModelGraph, Plan]' = WeakKeyDictionary()


def hold_given_plan(model: 'ModelGraph', settings: Settings) -> None:
    """Keep the plan that the settings name, if any; a `Plan` does not stay in the configuration, which is written as YAML.

    Raises
    ------
    PlanError
        If the file cannot be read or is no plan.
    """
    if settings.plan is None:
        return
    if not isinstance(settings.plan, Plan):
        _GIVEN[model] = Plan.load(settings.plan, count_parameters(model))
        return
    _GIVEN[model] = settings.plan
    hls_config = model.config.config['HLSConfig']
    block = {**respelled_block(hls_config['Model'][BLOCK])[0], 'Plan': f'a plan of {len(settings.plan.kernels)} kernels'}
    # A copy: the configuration is the user's own dictionary.
    model.config.config['HLSConfig'] = {**hls_config, 'Model': {**hls_config['Model'], BLOCK: block}}


def given_plan(model: 'ModelGraph') -> Plan | None:
    """Return the plan that `hold_given_plan` kept."""
    return _GIVEN.get(model)


def hold_plan(model: 'ModelGraph', plan: Plan) -> None:
    """Keep the plan that was made of a model, until it is carried out."""
    _MADE[model] = plan


def plan_of(model: 'ModelGraph') -> Plan | None:
    """Return the plan that `hold_plan` kept."""
    return _MADE.get(model)
