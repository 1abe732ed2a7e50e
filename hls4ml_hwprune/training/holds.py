"""Weight constraints of a plan in training: masks, fixed constants, groups of the group lasso."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.packing import pack
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Kernel, KernelKey
from hls4ml_hwprune.training.adapters import Adapter, Hold
from hls4ml_hwprune.training.correspondence import Match, framework_weights, from_kernel


def framework_masks(adapter: Adapter, plan: Plan, channels: Mapping[str, int]) -> dict[str, NDArray[np.bool_]]:
    """Weights that a plan keeps, in the framework's layout, by kernel; of each kernel the channels of `Match`."""
    weights = adapter.weights()
    return {str(k.key): from_kernel(adapter, _mask(k), weights[str(k.key)], channels[str(k.key)]) for k in plan.kernels}


def _mask(plan: KernelPlan) -> NDArray[np.bool_]:
    # A constant that moved to zero is as good as pruned.
    return plan.mask if plan.values is None else plan.mask & (plan.values != 0)


def prune_weights(adapter: Adapter, plan: Plan, channels: Mapping[str, int]) -> None:
    """Set the weights that a plan does not keep to zero."""
    own = adapter.weights()
    masks = framework_masks(adapter, plan, channels)
    adapter.set_weights({name: np.where(mask, own[name], 0) for name, mask in masks.items()})


def move_constants(adapter: Adapter, plan: Plan, matches: Mapping[KernelKey, Match]) -> None:
    """Give constants that a plan moved the weights that hls4ml converts to their new codes."""
    moved = {
        str(k.key): framework_weights(adapter, matches[k.key], np.where(k.mask, k.values, 0.0))
        for k in plan.kernels
        if k.values is not None
    }
    adapter.set_weights(moved)


def planned_holds(
    adapter: Adapter, plan: Plan, channels: Mapping[str, int], zeros: Mapping[str, NDArray[np.bool_]], fixes: bool
) -> dict[str, Hold]:
    """Constraints for the kept weights without `zeros`; if `fixes`, constants that moved stay where they are."""
    own = adapter.weights()
    fixed = {str(k.key): own[str(k.key)] for k in plan.kernels if k.values is not None and fixes}
    masks = framework_masks(adapter, plan, channels)
    return {name: Hold(mask & ~zeros[name], fixed=fixed.get(name)) for name, mask in masks.items()}


def with_groups(
    holds: Mapping[str, Hold], adapter: Adapter, plan: Plan, matches: Mapping[KernelKey, Match], strength: float
) -> dict[str, Hold]:
    """Add the group lasso over the groups that weights form now, packed as in a plan."""
    found = dict(holds)
    for kernel_plan in plan.kernels:
        match = matches[kernel_plan.key]
        groups = hardware_groups(match.kernel, kernel_plan)
        name = str(kernel_plan.key)
        hold = found[name]
        found[name] = Hold(hold.mask, from_kernel(adapter, groups, match.weights, match.channels), strength)
    return found


def hardware_groups(kernel: Kernel, plan: KernelPlan) -> NDArray[np.int64]:
    """Return the number of the group of each weight, shape (n_out, n_in).

    Weights of large magnitude are grouped with each other, as `balanced` does.
    """
    groups = pack(kernel, plan.packing, np.abs(kernel.values))
    found = np.zeros(kernel.n_in * kernel.n_out + 1, np.int64)
    found[groups.index] = np.arange(len(groups.index))[:, None]
    return found[:-1].reshape(kernel.n_out, kernel.n_in)
