"""From the layers of a design and the user's settings to a plan."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.errors import ConfigError, InfeasibleError
from hls4ml_hwprune.importance import resolve as resolve_measure
from hls4ml_hwprune.packing import IN_ORDER, reorders
from hls4ml_hwprune.packing import resolve as resolve_packing
from hls4ml_hwprune.plan import KernelPlan, Plan
from hls4ml_hwprune.records import PRUNABLE, Kernel, Layer
from hls4ml_hwprune.resources import NAMES, Estimate, Resources, estimate_layers, kernel_resources
from hls4ml_hwprune.selection.curves import AnyCurve, kernel_curves
from hls4ml_hwprune.selection.problem import Problem, Solution
from hls4ml_hwprune.selection.solver import solve

_LOG = logging.getLogger(__name__)
# What the whole part offers, where the user names no budget.
_WHOLE_PART = ('dsp', 'bram18', 'lut', 'ff')


def make_plan(layers: Sequence[Layer], settings: Settings, device: Device) -> Plan:
    """Choose what to keep of every kernel.

    Parameters
    ----------
    layers : sequence of Layer
        The whole design, unpruned.
    settings : Settings
    device : Device
        What percentages refer to.

    Returns
    -------
    Plan

    Raises
    ------
    InfeasibleError
        If the design does not fit even with every group pruned.
    ConfigError
        If the settings name layers that the design does not have.
    """
    started = perf_counter()
    _check_names(layers, settings)
    estimate = estimate_layers(layers, settings.stage)
    before = estimate.total
    bounds = resolve_budget(settings, device, before)
    kernels = _prunable(layers, settings)
    curves = [_curves(layer, kernel, settings) for layer, kernel in kernels]
    dense = [kernel_resources(kernel, settings.stage).as_array() for _, kernel in kernels]
    fixed = before.as_array() - np.sum(dense, axis=0, initial=0.0)
    limits = np.array([bounds.get(name, np.inf) for name in NAMES])
    problem = Problem([[c.curve for c in orders] for orders in curves], limits - fixed)
    solution = solve(problem, settings.time_limit)
    if solution.status == 'infeasible':
        owners = [kernel.layer for _, kernel in kernels]
        raise InfeasibleError(_why_infeasible(problem, owners, dense, fixed, bounds, estimate))
    chosen = [(orders[a], k) for orders, (a, k) in zip(curves, solution.choices, strict=True)]
    plans = [_kernel_plan(curve, k, d, settings.stage) for (curve, k), d in zip(chosen, dense, strict=True)]
    used = [plan.after.as_array() for plan in plans]
    plan = Plan(
        kernels=plans,
        before=before,
        after=Resources.from_array(fixed + np.sum(used, axis=0, initial=0.0)),
        budget=bounds,
        status=solution.status,
        objective=solution.objective,
        bound=solution.bound,
        total_importance=float(sum(orders[0].curve.value[-1] for orders in curves)),
        not_pruned=_not_pruned(layers, settings),
        device=device.name,
        stage=settings.stage,
    )
    _log(plan, solution, perf_counter() - started)
    return plan


def resolve_budget(settings: Settings, device: Device, unpruned: Resources) -> dict[str, float]:
    """Bounds in counts by resource; the whole part where the user gave none."""
    if not settings.budget:
        return {name: float(getattr(device, name)) for name in _WHOLE_PART}
    return {name: bound.resolve(getattr(device, name), getattr(unpruned, name)) for name, bound in settings.budget.items()}


def _prunable(layers: Sequence[Layer], settings: Settings) -> list[tuple[Layer, Kernel]]:
    return [
        (layer, kernel)
        for layer in layers
        if not layer.skipped and not settings.excludes(layer.name, layer.kind)
        for kernel in layer.kernels
    ]


def _curves(layer: Layer, kernel: Kernel, settings: Settings) -> list[AnyCurve]:
    packing = resolve_packing(settings.choice('packing', layer.name, layer.kind))
    if kernel.ordered_sums and kernel.multiplexed and reorders(packing):
        raise ConfigError(
            f'HWPrune.Packing: {packing!r} for layer {layer.name!r}: its accumulator saturates, so that the order of '
            f'additions matters, and this packing changes it; let it wrap, or use one of {", ".join(IN_ORDER)}'
        )
    importance = resolve_measure(settings.choice('importance', layer.name, layer.kind))
    return kernel_curves(kernel, packing, importance, settings.stage)


def _kernel_plan(curve: AnyCurve, k: int, dense: NDArray[np.float64], stage: str) -> KernelPlan:
    """Outcome for one kernel; slots that chose their inputs may share multiplexers that the curve counted one by one."""
    kernel, mask, codes = curve.kernel, curve.mask(k), curve.codes(k)
    slots = curve.slot_table(k) if curve.slots(k) < kernel.n_slots else None
    left = replace(kernel, codes=codes, kept=mask, slots=slots)
    moved = mask & (codes != kernel.codes)
    return KernelPlan(
        layer=kernel.layer,
        role=kernel.role,
        n_in=kernel.n_in,
        n_out=kernel.n_out,
        reuse_factor=kernel.reuse_factor,
        strategy=kernel.strategy,
        packing=curve.packing,
        importance=curve.importance,
        copies=kernel.copies,
        n_slots=kernel.n_slots,
        n_kept=curve.slots(k),
        before=Resources.from_array(dense),
        after=kernel_resources(left, stage),
        mask=mask,
        slots=slots,
        values=codes * kernel.unit if moved.any() else None,
    )


def _check_names(layers: Sequence[Layer], settings: Settings) -> None:
    names = [layer.name for layer in layers]
    for where, asked in (('Exclude', settings.exclude), ('LayerName', settings.layers)):
        for name in asked:
            if name not in names:
                raise ConfigError(f'HWPrune.{where}: there is no layer {name!r}; the layers are {", ".join(names)}')
    for kind in settings.layer_types:
        if kind not in PRUNABLE:
            raise ConfigError(f'LayerType.{kind!r}.HWPrune: only layers of class {", ".join(PRUNABLE)} are pruned')
    for name in (*settings.exclude, *settings.layers):
        if not next(layer for layer in layers if layer.name == name).kernels:
            _LOG.warning('HWPrune names the layer %s, which has nothing to prune', name)


def _not_pruned(layers: Sequence[Layer], settings: Settings) -> dict[str, str]:
    reasons = {layer.name: layer.skipped for layer in layers if layer.skipped}
    for layer in layers:
        if layer.kernels and not layer.skipped and settings.excludes(layer.name, layer.kind):
            reasons[layer.name] = 'it is excluded'
    return reasons


def _why_infeasible(
    problem: Problem,
    owners: Sequence[str],
    dense: Sequence[NDArray[np.float64]],
    fixed: NDArray[np.float64],
    bounds: dict[str, float],
    estimate: Estimate,
) -> str:
    """Name each resource whose smallest reachable use is over its bound, and the layers that hold it."""
    least = [kernel[0].cost.min(axis=0) for kernel in problem.kernels]
    reachable = fixed + np.sum(least, axis=0, initial=0.0)
    held = {name: layer.resources.as_array() for name, layer in estimate.layers.items()}
    for owner, before, after in zip(owners, dense, least, strict=True):
        held[owner] = held[owner] - before + after
    lines = []
    for column, name in enumerate(NAMES):
        if name not in bounds or reachable[column] <= bounds[name]:
            continue
        amounts = ((layer, float(amount[column])) for layer, amount in held.items())
        top = sorted((item for item in amounts if item[1] > 0), key=lambda item: -item[1])[:5]
        where = ', '.join(f'{layer} {amount:.0f}' for layer, amount in top)
        lines.append(
            f'{name} is bounded by {bounds[name]:.0f}, but {reachable[column]:.0f} is the least that pruning reaches '
            f'(held by {where})'
        )
    return 'the budget cannot be met: ' + '; '.join(lines)


def _log(plan: Plan, solution: Solution, seconds: float) -> None:
    if not plan.kernels:
        _LOG.info('there is no kernel to prune')
    elif not any(kernel.pruned or kernel.values is not None for kernel in plan.kernels):
        _LOG.info('nothing to prune: the design fits the budget as it is')
    for kernel in plan.kernels:
        if not kernel.n_kept:
            _LOG.warning('layer %s keeps no weight: its output is its bias', kernel.layer)
    share = 100 * plan.objective / plan.total_importance if plan.total_importance else 100.0
    _LOG.info('plan: %s, %.1f %% of the importance kept, found in %.2f s', solution.status, share, seconds)
