"""The plan as attributes of the model's nodes, where hls4ml's serialiser keeps it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.host.node.attributes import (
    BIAS,
    FINISHED,
    KERNEL,
    PLAN,
    PLANNED_LAYERS,
    of_kernel,
    planned_mask,
    planned_slots,
    planned_weights,
)
from hls4ml_hwprune.host.session.model import check_model
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import per_channel_mask

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def has_plan(model: 'ModelGraph') -> bool:
    """Whether `model` went through the hwprune flow."""
    return any(node.get_attr(PLAN) is not None or any(_kernels(node)) for node in model.get_layers())


def is_part(model: 'ModelGraph') -> bool:
    """Whether `model` is a part of one that went through the hwprune flow, as hls4ml's MultiModelGraph splits it."""
    names = next((names for node in model.get_layers() if (names := node.get_attr(PLANNED_LAYERS)) is not None), None)
    here = {node.name for node in model.get_layers()}
    return has_plan(model) and (names is None or not here.issuperset(names))


def is_finished(model: 'ModelGraph') -> bool:
    """Whether dead structure was removed from `model`."""
    return any(node.get_attr(FINISHED) for node in model.get_layers())


def store_plan(model: 'ModelGraph', plan: Plan, *, finished: bool = False) -> None:
    """Write `plan` to the nodes; masks are there already, as the nodes' kept weights."""
    first = next(iter(model.get_layers()))
    first.set_attr(PLAN, plan.as_dict())
    first.set_attr(PLANNED_LAYERS, list(dict.fromkeys(kernel.layer for kernel in plan.kernels)))
    first.set_attr(FINISHED, finished)
    for kernel in plan.kernels:
        node = model.graph[kernel.layer]
        node.set_attr(of_kernel(KERNEL, kernel.role), kernel.as_dict())
        if kernel.bias is not None:
            node.set_attr(of_kernel(BIAS, kernel.role), kernel.bias)


def get_plan(hls_model: 'ModelGraph') -> Plan:
    """Return the plan by which a model was pruned.

    Parameters
    ----------
    hls_model : ModelGraph
        A model converted with an hwprune flow, or loaded from such a one saved with hls4ml's serialiser; or the
        `MultiModelGraph` that such a one was split into.

    Returns
    -------
    Plan

    Raises
    ------
    PlanError
        If the model was converted without an hwprune flow, or is a part of one that was converted with it.
    """
    check_model(hls_model, 'get_plan', or_split=True)
    if is_part(hls_model):
        raise PlanError('the model is a part of a pruned one: ask the whole for its plan, such as its MultiModelGraph')
    data = next((d for node in hls_model.get_layers() if (d := node.get_attr(PLAN)) is not None), None)
    if data is None:
        raise PlanError('the model has no plan: it was not converted with an hwprune flow (see hls4ml_hwprune.enable)')
    return Plan.from_dict(data, [_kernel_plan(node, kernel) for node in hls_model.get_layers() for kernel in _kernels(node)])


def _kernels(node: Node) -> Iterator[dict[str, Any]]:
    """Shares of the plan that a node keeps, one a kernel, in the order in which they were stored."""
    names = [name for name in node.attributes if name == KERNEL or name.startswith(f'{KERNEL}_')]
    yield from (node.get_attr(name) for name in names)


def _kernel_plan(node: Node, kernel: dict[str, Any]) -> KernelPlan:
    n_in, n_out, role = kernel['n_in'], kernel['n_out'], kernel['role']
    exists = per_channel_mask(n_out, n_in) if kernel.get('per_channel') else np.ones((n_out, n_in), bool)
    # Weights that moved are the model's own now.
    moved = planned_weights(node, n_in, n_out, role) if kernel['fingerprint'] else None
    bias = node.get_attr(of_kernel(BIAS, role))
    bias = None if bias is None else np.asarray(bias, float)
    return KernelPlan.from_dict(kernel, planned_mask(node, exists, role), planned_slots(node, role), moved, bias)
