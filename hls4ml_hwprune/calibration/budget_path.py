"""Step by step to the budget: each plan is made with the weights that make up for what the one before pruned."""

from dataclasses import dataclass, replace
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import LayerSettings, Settings
from hls4ml_hwprune.config.settings import AS_CONFIGURED
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.limits import Limits

# What a step leaves of what kernels take, and the most steps.
_LEFT = 0.75
_MOST_STEPS = 10
# Bounds are approached down to this share of the start.
_LEAST = 0.02


@dataclass(frozen=True)
class Way:
    """From what a design takes to what it may take.

    Attributes
    ----------
    limits : Limits
    fixed : ndarray of float, shape (5,)
        What everything but the kernels that can be pruned takes, in the order of `resources.NAMES`.
    kernels : ndarray of float, shape (5,)
        What these kernels take as long as none of their weights but zeros is pruned.
    """

    limits: Limits
    fixed: NDArray[np.float64]
    kernels: NDArray[np.float64]

    @property
    def shares(self) -> dict[str, float]:
        """What the limits leave of what kernels take, of each resource that is short."""
        budget = self.limits.budget
        taken = {n: (rest, whole) for n, rest, whole in zip(NAMES, self.fixed, self.kernels, strict=True) if n in budget}
        return {n: max((budget[n] - rest) / whole, _LEAST) for n, (rest, whole) in taken.items() if budget[n] < rest + whole}

    @property
    def least(self) -> float:
        """The smallest share, 1 if nothing is short."""
        return min(self.shares.values(), default=1.0)

    def at(self, position: float) -> Limits:
        """Bounds on the way, which is 0 at the design as it is and 1 at the limits.

        From one position to the next, kernels lose the same share of each resource that is short.
        """
        if position >= 1:
            return self.limits
        bounds, shares = dict(self.limits.budget), self.shares
        for name, rest, whole in zip(NAMES, self.fixed, self.kernels, strict=True):
            if name in shares:
                bounds[name] = max(bounds[name], rest + whole * shares[name] ** position)
        return replace(self.limits, budget=bounds)


def steps_toward(way: Way) -> list[Limits]:
    """Bounds on the way, the last of them the limits."""
    count = max(1, min(_MOST_STEPS, ceil(log(way.least) / log(_LEFT))))
    return [way.at(step / count) for step in range(1, count + 1)]


def unpruned_kernels(design: Design, plan: Plan) -> NDArray[np.float64]:
    """Sum what the kernels of a design take, packed as in a plan, as long as nothing but zeros is pruned; shape (5,)."""
    packed = {kernel.key: (kernel.packing, kernel.reuse_factor) for kernel in plan.kernels}
    total = np.zeros(len(NAMES))
    for kernel, choices in zip(design.kernels, design.alternatives, strict=True):
        same = [c for c in choices if (c.option.packing, c.kernel.reuse_factor) == packed[kernel.key]]
        total += same[0].option.cost[-1]
    return total


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
