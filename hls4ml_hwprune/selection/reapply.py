"""Application of an existing plan to a network that was retrained or requantised since."""

from collections.abc import Sequence
from dataclasses import replace

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.importance import CALIBRATED, importance_scale, live_scores, resolve
from hls4ml_hwprune.kernel_map import kernels_by_key
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.packing import in_own_order, most_bits_of
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.records import Kernel, KernelKey, Layer
from hls4ml_hwprune.resources import kernel_reuse_factors
from hls4ml_hwprune.selection.bindings import is_bindable
from hls4ml_hwprune.selection.candidate import Finish
from hls4ml_hwprune.selection.limits import resolve_limits
from hls4ml_hwprune.selection.pricing import over_bounds, price_plan
from hls4ml_hwprune.selection.worth import severed_by, weights_left
from hls4ml_hwprune.wiring import Wiring, liveness

#: Status of a plan that was applied instead of made.
APPLIED = 'applied'
_SAME = ('role', 'n_in', 'n_out', 'strategy', 'copies')


def apply_plan(
    plan: Plan,
    layers: Sequence[Layer],
    settings: Settings,
    device: Device,
    wiring: Wiring | None = None,
    finish: Finish | None = None,
) -> Plan:
    """Check that a plan fits a design, and price it there.

    Parameters
    ----------
    plan : Plan
    layers : sequence of Layer
        The whole design, unpruned.
    settings : Settings
        Its budget, latency and interval count; without any of them the bounds of the plan itself.
    device : Device
    wiring : Wiring, optional
        Wiring of the network.
    finish : callable, optional
        From a plan to the same with the figures of its finished design. Default: dead structure stays.

    Returns
    -------
    Plan
        The same weights in the same slots. Weights on cheaper codes are snapped again, for as many DSPs, where their values
        have changed.

    Raises
    ------
    PlanError
        If the plan is for other layers, parts the outputs from the inputs, or takes more than the budget here.
    """
    kernels = kernels_by_key(layers, prunable=True)
    for kernel_plan in plan.kernels:
        _check(kernel_plan, kernels, layers)
    _check_bound(plan, layers)
    if wiring is not None:
        _check_wiring(plan, kernels, wiring)
    priced = price_plan(plan, layers, settings.stage)
    priced = priced if finish is None else finish(priced)
    budget, part = plan.budget, plan.part_bounds
    if settings.budget or settings.latency is not None or settings.ii is not None:
        limits = resolve_limits(settings, device, priced.before, layers[0].target.clock_ns if layers else 1.0)
        budget, part = limits.named(), dict(limits.part)
    importance, total = _importance(plan, kernels, wiring)
    applied = replace(
        priced,
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
        loss=None,
        evaluation=None,
    )
    if over := over_bounds(applied):
        raise PlanError(f'the plan does not fit the budget here: {", ".join(over)}')
    return applied


def _check(plan: KernelPlan, kernels: dict[KernelKey, Kernel], layers: Sequence[Layer]) -> None:
    kernel = kernels.get(plan.key)
    if kernel is None:
        reason = next((f': {layer.skipped}' for layer in layers if layer.name == plan.layer and layer.skipped), '')
        raise PlanError(
            f'the plan prunes the layer {str(plan.key)!r}, which this design does not have or cannot prune{reason}; '
            f'it has {", ".join(map(str, kernels)) or "none"}'
        )
    for name in _SAME:
        if getattr(plan, name) != getattr(kernel, name):
            raise PlanError(
                f'the plan was made for {name} {getattr(plan, name)} of the layer {plan.layer!r}, which has '
                f'{getattr(kernel, name)}'
            )
    legal = kernel_reuse_factors(kernel)
    if kernel.strategy == 'resource' and plan.reuse_factor not in legal and plan.reuse_factor != kernel.reuse_factor:
        raise PlanError(f'the plan gives the layer {plan.layer!r} the reuse factor {plan.reuse_factor}, which is not legal')
    most = most_bits_of(replace(kernel, reuse_factor=plan.reuse_factor))
    if plan.slot_bits > most:
        raise PlanError(
            f'the plan pairs slots of {plan.slot_bits} bits in the layer {plan.layer!r}, where '
            + (f'a DSP block has room for {most} bits beside the inputs' if most else 'two products share no DSP block')
        )
    if kernel.ordered_sums and plan.slots is not None and not in_own_order(plan.slots):
        raise PlanError(
            f'the plan changes the order of additions of the layer {plan.layer!r}, whose accumulator saturates or is '
            'floating-point: let it wrap'
        )


def _check_bound(plan: Plan, layers: Sequence[Layer]) -> None:
    bindable = [layer.name for layer in layers if is_bindable(layer)]
    if unknown := [name for name in plan.in_luts if name not in bindable]:
        raise PlanError(
            f'the plan binds the products of the layer {shown(unknown[0])} to LUTs, which this design does not have or '
            f'cannot bind; it can bind {", ".join(bindable) or "none"}'
        )


def _check_wiring(plan: Plan, kernels: dict[KernelKey, Kernel], wiring: Wiring) -> None:
    if severed := severed_by(plan, kernels, wiring):
        raise PlanError(f'the plan parts the outputs {", ".join(severed)} from the inputs: they would be constants')


def _importance(plan: Plan, kernels: dict[KernelKey, Kernel], wiring: Wiring | None) -> tuple[float, float]:
    """Return the importance of the live weights under the plan, and of all weights."""
    kept = {kernel.key: kernel.mask for kernel in plan.kernels}
    alive = kept if wiring is None else liveness(wiring, weights_left(plan, kernels)).alive
    worth = total = 0.0
    for kernel_plan in plan.kernels:
        kernel = kernels[kernel_plan.key]
        # The calibration data of the plan are not at hand, so that magnitudes replace them.
        measure = resolve('auto' if kernel_plan.importance in CALIBRATED else kernel_plan.importance, kernel)
        scores = live_scores(kernel, measure)
        scale = importance_scale(scores, measure)
        left = kept[kernel.key] & alive.get(kernel.key, True)
        worth, total = worth + float(scale(scores[left].sum())), total + scale.total
    return worth, total


def _not_pruned(plan: Plan, layers: Sequence[Layer]) -> dict[str, str]:
    named = {kernel.layer for kernel in plan.kernels}
    reasons = {layer.name: layer.skipped for layer in layers if layer.skipped}
    others = {layer.name: 'the plan does not name it' for layer in layers if layer.kernels and layer.name not in named}
    return {**others, **reasons}
