"""Restoration of hls4ml's own kernels, within the limits, where all slots are kept, and of products that the tool places."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.lazy import Chosen
from hls4ml_hwprune.selection.limits import Limits

_LUT = NAMES.index('lut')
# Relative slack of sums of whole numbers.
_ROUNDING = 1e-9


def with_own_kernels(chosen: Chosen, design: Design, limits: Limits, goal: Goal) -> Chosen:
    """Restore hls4ml's own kernel where all slots are kept, in order of rising extra cost, as far as the limits allow.

    The selection was priced with the cheaper of both kernels, so that importance, objective and bound stay. Where a resource
    is minimised, the cheaper one stays.
    """
    points = list(chosen.points)
    own = [choice.with_own_whole() for choice, _ in points]
    more = [other.option.cost[k] - choice.option.cost[k] for (choice, k), other in zip(points, own, strict=True)]
    used = design.fixed_with(chosen.bound) + sum((choice.option.cost[k] for choice, k in points), np.zeros(len(NAMES)))
    bounds = np.array([limits.resources.get(name, np.inf) for name in NAMES])
    weights = np.array([goal.weights.get(name, 0.0) for name in NAMES])
    for number in sorted(range(len(points)), key=lambda i: tuple(more[i][::-1])):
        if own[number] is not points[number][0] and weights @ more[number] <= 0 and _fits(used + more[number], bounds):
            used = used + more[number]
            points[number] = (own[number], points[number][1])
    return replace(chosen, points=tuple(points), bound=_least_bound(chosen, design, used, bounds, weights))


def _least_bound(
    chosen: Chosen, design: Design, used: NDArray[np.float64], bounds: NDArray[np.float64], weights: NDArray[np.float64]
) -> frozenset[str]:
    """Leave products to the tool where that is within the limits, the dearest in LUTs first."""
    left = chosen.bound
    for one in sorted(design.bindings, key=lambda one: (-one.change[_LUT], one.layer)):
        if one.layer in left and weights @ one.change >= 0 and _fits(used - one.change, bounds):
            used, left = used - one.change, left - {one.layer}
    return left


def _fits(used: NDArray[np.float64], bounds: NDArray[np.float64]) -> bool:
    return bool((used <= bounds + _ROUNDING * np.abs(used)).all())
