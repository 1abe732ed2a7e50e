"""Budget path: bounds that tighten step by step from the unpruned design to the budget."""

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

# Share of the kernels' use that a step leaves, and the most steps.
_LEFT = 0.75
_MOST_STEPS = 10
# Bounds are approached down to this share of the start.
_LEAST = 0.02


@dataclass(frozen=True)
class Way:
    """Budget path from the use of a design to its limits.

    Attributes
    ----------
    limits : Limits
    fixed : ndarray of float, shape (5,)
        Use of everything but the kernels that can be pruned, in the order of `resources.NAMES`.
    kernels : ndarray of float, shape (5,)
        Use of these kernels as long as none of their weights but zeros is pruned.
    """

    limits: Limits
    fixed: NDArray[np.float64]
    kernels: NDArray[np.float64]

    @classmethod
    def within(cls, design: Design, plan: Plan, limits: Limits) -> 'Way':
        """Return the path of a design to limits, packed and bound as in a plan within them."""
        return cls(limits, design.fixed_with(plan.in_luts), _unpruned_kernels(design, plan))

    @property
    def shares(self) -> dict[str, float]:
        """Share of the kernels' use that the limits leave, of each resource that is short."""
        budget = self.limits.budget
        taken = {n: (rest, whole) for n, rest, whole in zip(NAMES, self.fixed, self.kernels, strict=True) if n in budget}
        return {n: max((budget[n] - rest) / whole, _LEAST) for n, (rest, whole) in taken.items() if budget[n] < rest + whole}

    @property
    def least(self) -> float:
        """The smallest share, 1 if nothing is short."""
        return min(self.shares.values(), default=1.0)

    def at(self, position: float) -> Limits:
        """Bounds at a position of the path: 0 is the design as it is, 1 the limits.

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
    """Bounds along the path, the last of them the limits."""
    count = max(1, min(_MOST_STEPS, ceil(log(way.least) / log(_LEFT))))
    return [way.at(step / count) for step in range(1, count + 1)]


def _unpruned_kernels(design: Design, plan: Plan) -> NDArray[np.float64]:
    """Sum the use of the kernels of a design, packed as in a plan, with nothing but zeros pruned; shape (5,)."""
    packed = {kernel.key: (kernel.packing, kernel.reuse_factor, kernel.slot_bits) for kernel in plan.kernels}
    total = np.zeros(len(NAMES))
    for kernel, choices in zip(design.kernels, design.alternatives, strict=True):
        options = [choice.option for choice in choices]
        wanted = packed[kernel.key]
        same = (o for o in options if (o.packing, o.kernel.reuse_factor, o.kernel.slot_bits) == wanted)
        total += next(same).cost[-1]
    return total


def as_chosen(settings: Settings, plan: Plan) -> Settings:
    """Fix packings and reuse factors as in a plan, so that the number of slots of each layer alone is left to choose."""
    layers = dict(settings.layers)
    for kernel in plan.kernels:
        own = layers.get(kernel.layer, LayerSettings())
        chosen = kernel.reuse_factor != kernel.configured_reuse_factor
        layers[kernel.layer] = replace(
            own,
            packing=kernel.packing,
            reuse_factor=kernel.reuse_factor if chosen else AS_CONFIGURED,
            slot_width=kernel.slot_bits or AS_CONFIGURED,
        )
    return replace(settings, layers=layers)
