"""Check of the new weights and biases of a plan against the types of the layers that get them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.host.node.precision import fractional_bits, is_fixed_point
from hls4ml_hwprune.host.node.weights import bias_role, bias_vector
from hls4ml_hwprune.kernel_map import kernels_by_key
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Kernel, Layer, fingerprint

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def check_plan_values(model: 'ModelGraph', plan: Plan, layers: Sequence[Layer]) -> None:
    """Check that the firmware can hold the new weights and biases of a plan; others would be rounded, or wrap.

    Values that were made for other weights than the model has are not used, and so not checked.

    Parameters
    ----------
    model : ModelGraph
        After hls4ml's `optimize` flow.
    plan : Plan
    layers : sequence of Layer
        The whole design.

    Raises
    ------
    PlanError
        Naming the kernel, the value and the type.
    """
    kernels = kernels_by_key(layers)
    for one in plan.kernels:
        kernel = kernels.get(one.key)
        if kernel is None or one.values is None or not _is_for(one, kernel):
            continue
        node = model.graph[one.layer]
        where = f'the plan gives the layer {str(one.key)!r}'
        _check(one.values, None, node.weights[one.role].type.precision, f'{where} the weight')
        if one.bias is not None:
            _check(
                one.bias, bias_vector(node, one.role), node.weights[bias_role(one.role)].type.precision, f'{where} the bias'
            )


def _is_for(plan: KernelPlan, kernel: Kernel) -> bool:
    """Whether a plan's values are for the kernel's weights of now."""
    same = all(getattr(plan, name) == getattr(kernel, name) for name in ('role', 'n_in', 'n_out'))
    return same and plan.fingerprint == fingerprint(kernel.codes)


def _check(values: NDArray[np.float64], own: NDArray[np.float64] | None, precision: Any, where: str) -> None:
    """Check values against a type; a bias that stays the model's `own` need not be of it, as hls4ml rounds it."""
    held = _holds(values, precision) if is_fixed_point(precision) else np.zeros(values.shape, bool)
    if own is not None:
        held |= values == own
    if not held.all():
        place = tuple(int(axis) for axis in np.argwhere(~held)[0])
        at = f'output {place[0]}' if len(place) == 1 else f'output {place[0]}, input {place[1]}'
        raise PlanError(f'{where} {values[place]:.9g} ({at}), which its type {precision} does not have')


def _holds(values: NDArray[np.float64], precision: Any) -> NDArray[np.bool_]:
    """Whether numbers are multiples of the last place of a type, and in its range."""
    codes = values * 2.0 ** fractional_bits(precision)
    high = 2.0 ** (precision.width - int(precision.signed))
    low = -high if precision.signed else 0.0
    return (codes == np.rint(codes)) & (low <= codes) & (codes < high)
