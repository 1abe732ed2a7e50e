"""Planner: from the layers of a design and the user's settings to a plan."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from hls4ml_hwprune.config import Objective, Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.kernel_map import kernels_by_key
from hls4ml_hwprune.kernel_plan import KernelPlan, timing_of
from hls4ml_hwprune.packing import is_searched
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Kernel, Layer, fingerprint
from hls4ml_hwprune.resources import NAMES, estimate_layers, kernel_resources
from hls4ml_hwprune.selection.alternatives import Alternative
from hls4ml_hwprune.selection.design import Design, read_design
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.infeasible import why_infeasible
from hls4ml_hwprune.selection.knapsack.effort import Effort
from hls4ml_hwprune.selection.lazy import Chosen, choose
from hls4ml_hwprune.selection.limits import Limits, resolve_limits
from hls4ml_hwprune.selection.own_kernels import with_own_kernels
from hls4ml_hwprune.selection.reachable import raised_to
from hls4ml_hwprune.selection.rounds import Finish, Rounds
from hls4ml_hwprune.selection.savings import spend_savings
from hls4ml_hwprune.selection.source import Kept
from hls4ml_hwprune.selection.tightening import choose_tightly
from hls4ml_hwprune.wiring import Wiring

_LOG = logging.getLogger(__name__)
_ALL = 1 - 1e-9
# Factor on the use of the minimised resource at which a plan is attempted again.
_SQUEEZE = 0.98


def make_plan(
    layers: Sequence[Layer],
    settings: Settings,
    device: Device,
    wiring: Wiring | None = None,
    finish: Finish | None = None,
) -> Plan:
    """Choose the kept weights of every kernel.

    Parameters
    ----------
    layers : sequence of Layer
        The whole design, unpruned.
    settings : Settings
    device : Device
        Reference of percentages.
    wiring : Wiring, optional
        Wiring of the network; with it no plan parts the outputs from the inputs.
    finish : callable, optional
        From a plan to the same with the figures of its finished design. Default: dead structure stays.

    Returns
    -------
    Plan

    Raises
    ------
    InfeasibleError
        If no plan is within the limits.
    ConfigError
        If the settings name layers that the design does not have, or choices that a kernel cannot have.
    """
    started = perf_counter()
    plan = plan_design(read_design(layers, settings, wiring), settings, device, finish=finish)
    log_plan_found(plan, perf_counter() - started)
    return plan


def plan_design(
    design: Design,
    settings: Settings,
    device: Device,
    limits: Limits | None = None,
    finish: Finish | None = None,
    *,
    thorough: bool = True,
) -> Plan:
    """Choose the kept weights of every kernel of a design that was read before; errors as in `make_plan`.

    `limits` default to those of the settings. Intermediate plans need not be `thorough`: the search along savings then runs
    only where no plan is found without it.
    """
    design = replace(design, effort=Effort.of(design.n_weights))
    limits = limits or resolve_limits(settings, device, design.estimate.total, design.clock_ns)
    goal = _goal(design, settings.objective, device)
    planner = Planner(design, settings, device, finish)
    plan = planner.best(limits, goal, thorough=thorough)
    if plan is None and not thorough:
        plan = planner.best(limits, goal)
    design.effort.log()
    if plan is None:
        # The explanation also covers the alternatives that the bound on the latency alone rules out.
        free = planner.unhurried()
        parted = replace(free, design=replace(free.design, wiring=None))
        raise InfeasibleError(why_infeasible(design, limits, goal, free.attempt, parted.attempt))
    return plan


@dataclass(frozen=True)
class Planner:
    """Plans of one design.

    Attributes
    ----------
    design : Design
    settings : Settings
    device : Device
    finish : Finish, optional
    """

    design: Design
    settings: Settings
    device: Device
    finish: Finish | None

    def best(self, limits: Limits, goal: Goal, *, thorough: bool = True) -> Plan | None:
        """Return the best plan within the limits, None if none was found; only a `thorough` search exploits all savings."""
        rounds = self._rounds(limits, goal)
        rounds.improve(self._first(limits, goal), limits)
        if thorough:
            spend_savings(rounds)
        if rounds.best is None and not goal.weights and self._start_from_least(rounds) and thorough:
            spend_savings(rounds)
        while thorough and self._squeeze(rounds):
            pass
        return rounds.plan

    def _squeeze(self, rounds: Rounds) -> bool:
        """Take up a plan with a little less of the one minimised resource, if there is one; whether there is."""
        if rounds.plan is None or rounds.plan.status == 'optimal' or len(rounds.goal.weights) != 1:
            return False
        (name,) = rounds.goal.weights
        if name not in NAMES:
            return False
        less = raised_to(rounds.limits, name, float(np.floor(getattr(rounds.plan.after, name) * _SQUEEZE)))
        richest = self._rounds(less, Goal({}, rounds.goal.importance))
        richest.improve(self._first(less, richest.goal), less)
        spend_savings(richest)
        return rounds.take_up(richest)

    def _start_from_least(self, rounds: Rounds) -> bool:
        """Take a plan of least use as the best known: without its dead structure, it may just be within its bound.

        Minimised are first one resource within the bounds on the others, then one or all without any bound.
        """
        limits, names = rounds.limits, tuple(rounds.limits.resources)
        unbounded = limits
        for name in names:
            unbounded = raised_to(unbounded, name, None)
        shares = {name: 1 / bound for name, bound in limits.resources.items() if bound > 0}
        starts = [(raised_to(limits, name, None), {name: 1.0}) for name in names]
        starts += [(unbounded, weights) for weights in (*({name: 1.0} for name in names), shares)]
        for free, weights in starts:
            inner = self._rounds(free, replace(rounds.goal, weights=weights))
            inner.improve(self._first(free, inner.goal), free)
            if rounds.take_up(inner):
                return True
        return False

    def attempt(self, limits: Limits, goal: Goal) -> Plan | None:
        """Return a plan within the limits, in less effort."""
        return self.best(limits, goal, thorough=False)

    def unhurried(self) -> 'Planner':
        """Planner with the alternatives that the bound on the latency rules out."""
        settings = replace(self.settings, latency=None)
        design = self.design if self.settings.latency is None else self.design.refined(self.design.sources, settings)
        return replace(self, design=design, settings=settings)

    def _first(self, limits: Limits, goal: Goal) -> Chosen:
        chosen = choose_tightly(self.design, limits, goal, self.settings)
        if not goal.weights and chosen.points and chosen.solution.objective >= _ALL * self.design.total_importance:
            return _fastest(self.design, limits, self.settings, chosen)
        return chosen

    def _rounds(self, limits: Limits, goal: Goal) -> Rounds:
        def realise(chosen: Chosen, kept: Sequence[Kept]) -> Plan:
            return _plan(self.design, chosen, kept, limits, self.settings, self.device)

        return Rounds(self.design, limits, goal, self.settings, realise, self.finish)


def _goal(design: Design, objective: Objective, device: Device) -> Goal:
    """Convert weights of a whole part to weights of a unit; for one resource alone the part does not matter."""
    units = {name: 1.0 if len(objective.weights) == 1 else getattr(device, name) for name in objective.weights}
    weights = {name: weight / max(units[name], 1.0) for name, weight in objective.weights.items()}
    return Goal(weights, objective.min_importance * design.total_importance)


def _fastest(design: Design, limits: Limits, settings: Settings, chosen: Chosen) -> Chosen:
    """Fewest cycles, summed over kernels, among the selections that keep everything."""
    if all(len({choice.kernel.reuse_factor for choice in choices}) == 1 for choices in design.alternatives):
        return chosen
    goal = Goal({'latency': 1.0}, _ALL * design.total_importance)
    faster = with_own_kernels(choose(design, limits, goal, settings), design, limits, goal)
    return replace(chosen, points=faster.points, bound=faster.bound) if faster.points else chosen


def _plan(design: Design, chosen: Chosen, kept: Sequence[Kept], limits: Limits, settings: Settings, device: Device) -> Plan:
    left = [_left(choice, what) for (choice, _), what in zip(chosen.points, kept, strict=True)]
    layers = design.with_kernels(left, chosen.bound)
    after = estimate_layers(layers, settings.stage)
    return Plan(
        kernels=_kernel_plans(design, chosen, kept, layers, settings.stage),
        before=design.estimate.total,
        after=after.total,
        layers=after.layers,
        timing_before=timing_of(design.estimate),
        timing_after=timing_of(after),
        budget=limits.named(),
        part_bounds=dict(limits.part),
        minimized=dict(settings.objective.weights),
        status=chosen.solution.status,
        objective=chosen.solution.objective,
        bound=chosen.solution.bound,
        importance=float(sum(choice.option.value[k] for choice, k in chosen.points)),
        total_importance=design.total_importance,
        not_pruned=design.not_pruned,
        in_luts=sorted(chosen.bound),
        device=device.name,
        stage=settings.stage,
    )


def _left(choice: Alternative, kept: Kept) -> Kernel:
    return replace(choice.kernel, codes=kept.codes, kept=kept.mask, slots=kept.slots)


def _kernel_plans(
    design: Design, chosen: Chosen, kept_of: Sequence[Kept], layers: Sequence[Layer], stage: str
) -> list[KernelPlan]:
    left = kernels_by_key(layers)
    plans = []
    for configured, (choice, _), kept in zip(design.kernels, chosen.points, kept_of, strict=True):
        kernel = choice.kernel
        moved = kept.mask & (kept.codes != kernel.codes)
        plans.append(
            KernelPlan(
                layer=kernel.layer,
                role=kernel.role,
                n_in=kernel.n_in,
                n_out=kernel.n_out,
                reuse_factor=kernel.reuse_factor,
                configured_reuse_factor=configured.reuse_factor,
                strategy=kernel.strategy,
                packing=choice.option.packing,
                importance=choice.option.source.importance,
                copies=kernel.copies,
                per_channel=kernel.per_channel,
                slot_bits=kernel.slot_bits,
                n_slots=kernel.n_slots,
                n_kept=kept.n_slots,
                before=kernel_resources(configured, stage),
                after=kernel_resources(left[kernel.key], stage),
                mask=kept.mask,
                slots=kept.slots,
                values=kept.codes * kernel.unit if moved.any() else None,
                fingerprint=fingerprint(configured.codes) if moved.any() else '',
            )
        )
    return plans


def log_plan_found(plan: Plan, seconds: float) -> None:
    """Log the outcome of planning."""
    if plan.in_luts:
        _LOG.info('%s: products are built from LUTs, as DSP blocks are short', ', '.join(plan.in_luts))
    if not plan.kernels:
        _LOG.info('there is no kernel to prune')
    elif not plan.in_luts and not any(kernel.changed for kernel in plan.kernels):
        _LOG.info('nothing to prune: the design fits the budget as it is')
    for kernel in plan.kernels:
        if not kernel.n_kept:
            _LOG.warning('layer %s keeps no weight: its output is its bias', kernel.key)
        if kernel.packing == 'balanced' and kernel.slots is not None and not is_searched(weights := int(kernel.mask.sum())):
            _LOG.info('layer %s: cycles are chosen without a search, as it keeps %d weights', kernel.key, weights)
    _LOG.info('plan found in %.2f s: %s', seconds, plan.status)
