"""Planner of a network in training: plans along the budget path, with dead outputs left out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from hls4ml_hwprune.calibration.budget_path import Way, as_chosen
from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.selection.limits import Limits, resolve_limits
from hls4ml_hwprune.selection.planner import plan_design
from hls4ml_hwprune.selection.pricing import over_bounds, price_plan
from hls4ml_hwprune.training.network import Reading
from hls4ml_hwprune.training.schedule import SETTLING

# Plans after the first, each without the outputs that the last left unused.
_AGAIN = 3


@dataclass(frozen=True)
class Planner:
    """Plans along the budget path, from the network as it was to the budget.

    Attributes
    ----------
    settings : Settings
    way : Way
        Bounds in numbers: those relative to the unpruned design are relative to the network as it was.
    first : Plan
        Plan for the whole budget and the network as it was: packings and reuse factors along the path are its own.
    """

    settings: Settings
    way: Way
    first: Plan

    @classmethod
    def begin(cls, settings: Settings, reading: Reading) -> 'Planner':
        """Plan the network as it is.

        Raises
        ------
        InfeasibleError
            If nothing is within the budget.
        """
        design = reading.design(settings)
        limits = resolve_limits(settings, reading.device, design.estimate.total, design.clock_ns)
        plan = plan_design(design, settings, reading.device, limits, thorough=False)
        return cls(settings, Way.within(design, plan, limits), plan)

    def at(self, position: float, reading: Reading) -> Plan:
        """Plan at a position of the way; the packings of the last plan may be others than before."""
        limits = self._limits(position)
        chosen = self.settings if position >= 1 else as_chosen(self.settings, self.first)
        try:
            plan = plan_design(reading.design(chosen), chosen, reading.device, limits, thorough=position >= 1)
        except InfeasibleError:
            chosen = self.settings
            plan = plan_design(reading.design(chosen), chosen, reading.device, limits)
        return plan if position < SETTLING else _with_all_used(plan, reading, chosen, limits)

    def settled(self, plan: Plan, position: float, reading: Reading) -> Plan:
        """Return a plan for the weights that were trained with it.

        Constants cost by their codes: if these exceed the bounds, all is planned again, and constants move.
        """
        kernels = {name: match.kernel for name, match in reading.matches.items()}
        cleared = replace(plan, kernels=[_without_values(k, kernels[k.key]) for k in plan.kernels])
        priced = price_plan(cleared, reading.layers, self.settings.stage)
        if over_bounds(priced):
            again = as_chosen(self.settings, plan)
            priced = plan_design(reading.design(again), again, reading.device, self._limits(position))
        # Use of the network before it was pruned, and not with its zeros.
        return replace(priced, before=self.first.before, timing_before=self.first.timing_before)

    def _limits(self, position: float) -> Limits:
        return self.way.at(1.0 if position >= SETTLING else position)

    def as_dict(self) -> dict[str, Any]:
        """Bounds as plain data."""
        plain = {name: np.asarray(getattr(self.way, name)).tolist() for name in ('fixed', 'kernels')}
        return {'limits': asdict(self.way.limits), **plain}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], settings: Settings, first: Plan) -> 'Planner':
        """Inverse of `as_dict`."""
        return cls(settings, Way(Limits(**data['limits']), np.array(data['fixed']), np.array(data['kernels'])), first)


def _with_all_used(plan: Plan, reading: Reading, settings: Settings, limits: Limits) -> Plan:
    """Plan again with the resources of outputs that nothing uses any more, once a plan is carried out."""
    for _ in range(_AGAIN):
        alive = reading.without_dead(plan)
        if alive is None:
            break
        reading, plan = alive, plan_design(alive.design(settings), settings, reading.device, limits)
    return plan


def _without_values(plan: KernelPlan, kernel: Kernel) -> KernelPlan:
    """Take the network's own weights, and leave out constants that are zero."""
    kernel = replace(kernel, reuse_factor=plan.reuse_factor)
    mask = plan.mask if kernel.multiplexed else plan.mask & (kernel.codes != 0)
    return replace(plan, mask=mask, values=None, bias=None, fingerprint='')
