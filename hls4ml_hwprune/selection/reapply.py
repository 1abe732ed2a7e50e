"""A plan that was made before, for a network that was retrained or requantised since."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.importance import ImportanceScale, weight_scores
from hls4ml_hwprune.plan import KernelPlan, Plan, timing_of
from hls4ml_hwprune.plan_file import fingerprint
from hls4ml_hwprune.records import Kernel, Layer
from hls4ml_hwprune.resources import (
    constants_in_dsp,
    estimate_layers,
    kernel_resources,
    legal_reuse_factors,
    mark_multiplexers,
)
from hls4ml_hwprune.selection.codes import free_codes, paid_codes
from hls4ml_hwprune.selection.limits import resolve_limits
from hls4ml_hwprune.selection.snapping import snapped_codes

#: Status of a plan that was applied and not made.
APPLIED = 'applied'
_SAME = ('role', 'n_in', 'n_out', 'strategy', 'copies')


def apply_plan(plan: Plan, layers: Sequence[Layer], settings: Settings, device: Device) -> Plan:
    """Check that a plan fits a design, and price it there.

    Parameters
    ----------
    plan : Plan
    layers : sequence of Layer
        The whole design, unpruned.
    settings : Settings
        Its budget, latency and interval count; without any of them those that the plan was made for.
    device : Device

    Returns
    -------
    Plan
        Keeps the same weights in the same slots. Weights that had moved to cheaper codes are moved again, for as many DSPs,
        if they are others now.

    Raises
    ------
    PlanError
        If it is for other layers, or takes more than the budget here.
    """
    layers = mark_multiplexers(layers)
    kernels = {kernel.layer: kernel for layer in layers if not layer.skipped for kernel in layer.kernels}
    for kernel_plan in plan.kernels:
        _check(kernel_plan, kernels, layers)
    codes = {kernel_plan.layer: _codes(kernel_plan, kernels[kernel_plan.layer]) for kernel_plan in plan.kernels}
    left = {
        p.layer: replace(
            kernels[p.layer], reuse_factor=p.reuse_factor, codes=codes[p.layer], kept=_mask(p, codes[p.layer]), slots=p.slots
        )
        for p in plan.kernels
    }
    after_layers = mark_multiplexers([_with(layer, left) for layer in layers])
    stage = settings.stage
    before, after = estimate_layers(layers, stage), estimate_layers(after_layers, stage)
    marked = {kernel.layer: kernel for layer in after_layers for kernel in layer.kernels}
    plans = [_kernel_plan(p, kernels[p.layer], marked[p.layer], stage) for p in plan.kernels]
    budget, part = plan.budget, plan.part_bounds
    if settings.budget or settings.latency is not None or settings.ii is not None:
        limits = resolve_limits(settings, device, before.total, layers[0].target.clock_ns if layers else 1.0)
        budget, part = limits.named(), dict(limits.part)
    importance, total = _importance(plan, kernels)
    applied = replace(
        plan,
        kernels=plans,
        before=before.total,
        after=after.total,
        timing_before=timing_of(before),
        timing_after=timing_of(after),
        budget=budget,
        part_bounds=part,
        minimized={},
        status=APPLIED,
        objective=importance,
        bound=total,
        importance=importance,
        total_importance=total,
        not_pruned=_not_pruned(plan, layers),
        device=device.name,
        stage=stage,
        loss=None,
    )
    _check_budget(applied)
    return applied


def _check(plan: KernelPlan, kernels: dict[str, Kernel], layers: Sequence[Layer]) -> None:
    kernel = kernels.get(plan.layer)
    if kernel is None:
        reason = next((f': {layer.skipped}' for layer in layers if layer.name == plan.layer and layer.skipped), '')
        raise PlanError(
            f'the plan prunes the layer {plan.layer!r}, which this design does not have or cannot prune{reason}; '
            f'it has {", ".join(kernels) or "none"}'
        )
    for name in _SAME:
        if getattr(plan, name) != getattr(kernel, name):
            raise PlanError(
                f'the plan was made for {name} {getattr(plan, name)} of the layer {plan.layer!r}, which has '
                f'{getattr(kernel, name)}'
            )
    legal = legal_reuse_factors(kernel.n_in, kernel.n_out)
    if kernel.strategy == 'resource' and plan.reuse_factor not in legal and plan.reuse_factor != kernel.reuse_factor:
        raise PlanError(f'the plan gives the layer {plan.layer!r} the reuse factor {plan.reuse_factor}, which is not legal')
    if kernel.ordered_sums and plan.slots is not None:
        raise PlanError(
            f'the plan changes the order of additions of the layer {plan.layer!r}, whose accumulator saturates: let it wrap'
        )


def _codes(plan: KernelPlan, kernel: Kernel) -> NDArray[np.int64]:
    """Return what is left of the weights, in units of the last place."""
    kept = np.where(plan.mask, kernel.codes, 0)
    if plan.values is None:
        return kept
    if plan.fingerprint == fingerprint(kernel.codes):
        return np.rint(plan.values / kernel.unit).astype(np.int64)
    paid = paid_codes(kept, free_codes(kernel))
    dsp = np.cumsum(kernel.copies * constants_in_dsp(kernel, paid.codes))
    return snapped_codes(kernel, plan.mask, paid, int(np.searchsorted(dsp, plan.after.dsp, side='right')))


def _mask(plan: KernelPlan, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return what is kept: moved weights may have become zero, others stay in their slots even so."""
    return plan.mask if plan.values is None else codes != 0


def _with(layer: Layer, kernels: dict[str, Kernel]) -> Layer:
    return replace(layer, kernels=(kernels[layer.name],)) if layer.name in kernels else layer


def _kernel_plan(plan: KernelPlan, configured: Kernel, left: Kernel, stage: str) -> KernelPlan:
    assert left.kept is not None
    moved = plan.values is not None
    return replace(
        plan,
        configured_reuse_factor=configured.reuse_factor,
        n_kept=left.n_kept,
        before=kernel_resources(configured, stage),
        after=kernel_resources(left, stage),
        mask=left.kept,
        values=left.codes * left.unit if moved else None,
        fingerprint=fingerprint(configured.codes) if moved else '',
        removed_inputs=0,
        removed_outputs=0,
    )


def _importance(plan: Plan, kernels: dict[str, Kernel]) -> tuple[float, float]:
    """Return the importance of what the plan keeps of these weights, and of all of them."""
    kept = total = 0.0
    for kernel_plan in plan.kernels:
        kernel = kernels[kernel_plan.layer]
        scores = np.where(kernel.codes != 0, weight_scores(kernel, kernel_plan.importance), 0.0)
        scale = ImportanceScale.of(scores)
        kept, total = kept + float(scale(scores[kernel_plan.mask].sum())), total + scale.total
    return kept, total


def _not_pruned(plan: Plan, layers: Sequence[Layer]) -> dict[str, str]:
    named = {kernel.layer for kernel in plan.kernels}
    reasons = {layer.name: layer.skipped for layer in layers if layer.skipped}
    others = {layer.name: 'the plan does not name it' for layer in layers if layer.kernels and layer.name not in named}
    return {**others, **reasons}


def _check_budget(plan: Plan) -> None:
    used = {**plan.after.as_dict(), 'latency': plan.timing_after.latency_max, 'ii': plan.timing_after.ii}
    bounds = {**plan.part_bounds, **plan.budget}
    over = [f'{name} {used[name]:.0f} of {bound:.0f}' for name, bound in bounds.items() if used[name] > bound]
    if over:
        raise PlanError(f'the plan does not fit the budget here: {", ".join(over)}')
