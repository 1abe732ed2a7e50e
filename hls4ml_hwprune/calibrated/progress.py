"""Step by step to the budget: each plan is made with the weights that make up for what the one before pruned."""

from dataclasses import replace
from math import ceil, log

from hls4ml_hwprune.config import LayerSettings, Settings
from hls4ml_hwprune.config.settings import AS_CONFIGURED
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import NAMES, Resources
from hls4ml_hwprune.selection.limits import Limits

# What a step leaves of the resources, and the most steps.
_LEFT = 0.75
_MOST_STEPS = 10
# Bounds are approached down to this share of the start.
_LEAST = 0.02


def steps_toward(limits: Limits, start: Resources) -> list[Limits]:
    """Bounds on the way from what a design takes to what it may take, the last of them `limits`.

    Parameters
    ----------
    limits : Limits
    start : Resources
    """
    shares = {name: max(bound / getattr(start, name), _LEAST) for name, bound in _tight(limits, start).items()}
    least = min(shares.values(), default=1.0)
    count = max(1, min(_MOST_STEPS, ceil(log(least) / log(_LEFT))))
    found = []
    for step in range(1, count):
        bounds = {
            name: max(limits.budget[name], getattr(start, name) * share ** (step / count)) for name, share in shares.items()
        }
        found.append(replace(limits, budget={**limits.budget, **bounds}))
    return [*found, limits]


def _tight(limits: Limits, start: Resources) -> dict[str, float]:
    """Bounds of the user that the design exceeds."""
    bounds = {name: limits.budget[name] for name in NAMES if name in limits.budget}
    return {name: bound for name, bound in bounds.items() if bound < getattr(start, name)}


def as_chosen(settings: Settings, plan: Plan) -> Settings:
    """Leave only the number of slots of each layer to choose."""
    layers = dict(settings.layers)
    for kernel in plan.kernels:
        own = layers.get(kernel.layer, LayerSettings())
        chosen = kernel.reuse_factor != kernel.configured_reuse_factor
        layers[kernel.layer] = replace(
            own, packing=kernel.packing, reuse_factor=kernel.reuse_factor if chosen else AS_CONFIGURED
        )
    return replace(settings, layers=layers)
