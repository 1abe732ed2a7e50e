"""Importance of kept weights: dead weights, on no path from the inputs of the network to an output, are worth nothing."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Kernel, KernelKey
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.source import Source
from hls4ml_hwprune.wiring import Wiring, liveness

Masks = Mapping[KernelKey, NDArray[np.bool_]]


def kept_importance(design: Design, masks: Masks) -> float:
    """Sum the importance of the live weights under `masks` (by kernel, shape (n_out, n_in))."""
    sources = design.sources
    kept = {name: mask & (sources[name].kernel.codes != 0) for name, mask in masks.items()}
    if design.wiring is not None:
        kept = {name: kept[name] & alive for name, alive in liveness(design.wiring, kept).alive.items() if name in kept}
    return sum(float(sources[name].scale(sources[name].scores[mask].sum())) for name, mask in kept.items())


def weights_left(plan: Plan, kernels: Mapping[KernelKey, Kernel]) -> dict[KernelKey, NDArray[np.bool_]]:
    """Kept weights of a plan that are not zero; `kernels` are those of the unpruned network."""
    return {k.key: k.mask & ((kernels[k.key].codes if k.values is None else k.values) != 0) for k in plan.kernels}


def severed_by(plan: Plan, kernels: Mapping[KernelKey, Kernel], wiring: Wiring) -> list[str]:
    """Find the outputs that depend on the inputs of the unpruned network, but not under a plan."""
    whole = liveness(wiring, {k.key: kernels[k.key].codes != 0 for k in plan.kernels})
    return sorted(set(liveness(wiring, weights_left(plan, kernels)).severed) - set(whole.severed))


def point_importance(source: Source, value: float, mask: NDArray[np.bool_], alive: NDArray[np.bool_]) -> float:
    """Reduce the `value` of a curve's point by the dead weights of its `mask`; all arrays have shape (n_out, n_in)."""
    whole = float(source.scale(source.scores[mask].sum()))
    left = float(source.scale(source.scores[mask & alive].sum()))
    return value * left / whole if whole else value
