"""Pricing of a plan: resources and cycles of a design with the kept weights."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.kernel_map import kernels_by_key, replace_kernels
from hls4ml_hwprune.kernel_plan import KernelPlan, timing_of
from hls4ml_hwprune.packing import narrowed_matrix
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Kernel, Layer, fingerprint
from hls4ml_hwprune.resources import constants_in_dsp, estimate_layers, kernel_resources, mark_multiplexers
from hls4ml_hwprune.selection.bindings import with_bound
from hls4ml_hwprune.selection.constant_codes import free_codes, paid_codes
from hls4ml_hwprune.selection.snapping import SNAPPED, snapped_codes


def price_plan(plan: Plan, layers: Sequence[Layer], stage: str) -> Plan:
    """Estimate a plan anew.

    Parameters
    ----------
    plan : Plan
        Plan for these layers.
    layers : sequence of Layer
        The whole design, unpruned.
    stage : str

    Returns
    -------
    Plan
        Plan with the resources and cycles of this design, and with its weights.
    """
    layers = mark_multiplexers(layers)
    kernels = kernels_by_key(layers, prunable=True)
    left = {p.key: _left(p, kernels[p.key]) for p in plan.kernels}
    after_layers = mark_multiplexers(with_bound(replace_kernels(layers, left), plan.in_luts))
    before, after = estimate_layers(layers, stage), estimate_layers(after_layers, stage)
    marked = kernels_by_key(after_layers)
    return replace(
        plan,
        kernels=[_kernel_plan(p, kernels[p.key], marked[p.key], stage) for p in plan.kernels],
        before=before.total,
        after=after.total,
        layers=after.layers,
        timing_before=timing_of(before),
        timing_after=timing_of(after),
        stage=stage,
        listed_before=None,
        listed_after=None,
    )


def over_bounds(plan: Plan) -> list[str]:
    """Name the bounds that a plan exceeds, with use and bound."""
    used = {**plan.after.as_dict(), 'latency': plan.timing_after.latency_max, 'ii': plan.timing_after.ii}
    bounds = {**plan.part_bounds, **plan.budget}
    return [f'{name} {used[name]:.0f} of {bound:.0f}' for name, bound in bounds.items() if used[name] > bound]


def _left(plan: KernelPlan, kernel: Kernel) -> Kernel:
    kernel = replace(kernel, reuse_factor=plan.reuse_factor, slots=plan.slots, slot_bits=plan.slot_bits)
    codes = _codes(plan, kernel)
    # Constants that became zero are gone; shared multipliers keep zero weights in their slots.
    kept = plan.mask if plan.values is None or kernel.multiplexed else codes != 0
    return replace(kernel, codes=codes, kept=kept)


def _codes(plan: KernelPlan, kernel: Kernel) -> NDArray[np.int64]:
    """Return the weights under a plan, in units of the last place."""
    kept = np.where(plan.mask, kernel.codes, 0)
    same = plan.values is not None and plan.fingerprint == fingerprint(kernel.codes)
    found = np.rint(plan.values / kernel.unit).astype(np.int64) if same and plan.values is not None else kept
    if plan.slot_bits and plan.slots is not None:
        return narrowed_matrix(found, plan.slots.positions, plan.slot_bits)
    if same or plan.values is None:
        return found
    if plan.packing != SNAPPED:
        return kept
    paid = paid_codes(kept, free_codes(kernel))
    dsp = np.cumsum(kernel.copies * constants_in_dsp(kernel, paid.codes))
    return snapped_codes(kernel, plan.mask, paid, int(np.searchsorted(dsp, plan.after.dsp, side='right')))


def _kernel_plan(plan: KernelPlan, configured: Kernel, left: Kernel, stage: str) -> KernelPlan:
    assert left.kept is not None
    same = plan.fingerprint == fingerprint(configured.codes)
    moved = plan.values is not None and (same or plan.packing == SNAPPED)
    # Weights of paired slots are rounded anew where they are others.
    moved |= bool(plan.slot_bits) and bool((left.codes != np.where(left.kept, configured.codes, 0)).any())
    return replace(
        plan,
        configured_reuse_factor=configured.reuse_factor,
        n_kept=left.n_kept,
        before=kernel_resources(configured, stage),
        after=kernel_resources(left, stage),
        mask=left.kept,
        values=left.codes * left.unit if moved else None,
        # Biases are valid only with the weights that they were fitted with.
        bias=plan.bias if same else None,
        fingerprint=fingerprint(configured.codes) if moved else '',
        removed_inputs=0,
        removed_outputs=0,
    )
