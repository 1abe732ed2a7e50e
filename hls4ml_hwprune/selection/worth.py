"""Importance of kept weights: dead ones, on no way from the inputs of the network to an output, are worth nothing."""

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
    """Sum the importance of the weights that `masks` (by kernel, shape (n_out, n_in)) keep."""
    sources = design.sources
    kept = {name: mask & (sources[name].kernel.codes != 0) for name, mask in masks.items()}
    if design.wiring is not None:
        kept = {name: kept[name] & alive for name, alive in liveness(design.wiring, kept).alive.items() if name in kept}
    return sum(float(sources[name].scale(sources[name].scores[mask].sum())) for name, mask in kept.items())


def weights_left(plan: Plan, kernels: Mapping[KernelKey, Kernel]) -> dict[KernelKey, NDArray[np.bool_]]:
    """Weights that a plan keeps and that are not zero; `kernels` are those of the unpruned network."""
    return {k.key: k.mask & ((kernels[k.key].codes if k.values is None else k.values) != 0) for k in plan.kernels}


def severed_by(plan: Plan, kernels: Mapping[KernelKey, Kernel], wiring: Wiring) -> list[str]:
    """Find the outputs of a network that a plan parts from the inputs, and that depend on them without it."""
    whole = liveness(wiring, {k.key: kernels[k.key].codes != 0 for k in plan.kernels})
    return sorted(set(liveness(wiring, weights_left(plan, kernels)).severed) - set(whole.severed))


def point_importance(source: Source, value: float, mask: NDArray[np.bool_], alive: NDArray[np.bool_]) -> float:
    """Take the dead weights of a `mask` off the `value` of a point of a curve; all arrays have shape (n_out, n_in)."""
    whole = float(source.scale(source.scores[mask].sum()))
    left = float(source.scale(source.scores[mask & alive].sum()))
    return value * left / whole if whole else value
