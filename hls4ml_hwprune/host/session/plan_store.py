"""The plan as attributes of the model's nodes, where hls4ml's serialiser keeps it."""

from typing import TYPE_CHECKING

import numpy as np

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.host.node.attributes import planned_mask, planned_slots, planned_weights
from hls4ml_hwprune.host.session.model import check_model
from hls4ml_hwprune.plan import KernelPlan, Plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# On the first node of the graph: the plan without its kernels. On each node with kernels: its share of the plan.
_PLAN = 'hwprune_plan'
_KERNEL = 'hwprune_kernel'
# New biases of the plan, on the same nodes.
_BIAS = 'hwprune_bias'
# On the first node: the layers that the plan names.
_NAMES = 'hwprune_planned_layers'
# On the first node: that dead structure is gone, and the plan says what the finished design takes.
_FINISHED = 'hwprune_finished'


def has_plan(model: 'ModelGraph') -> bool:
    """Whether `model` went through the hwprune flow."""
    return any(node.get_attr(_PLAN) is not None or node.get_attr(_KERNEL) is not None for node in model.get_layers())


def is_part(model: 'ModelGraph') -> bool:
    """Whether `model` is a part of one that went through the hwprune flow, as hls4ml's MultiModelGraph splits it."""
    names = next((names for node in model.get_layers() if (names := node.get_attr(_NAMES)) is not None), None)
    here = {node.name for node in model.get_layers()}
    return has_plan(model) and (names is None or not here.issuperset(names))


def is_finished(model: 'ModelGraph') -> bool:
    """Whether dead structure was removed from `model`."""
    return any(node.get_attr(_FINISHED) for node in model.get_layers())


def store_plan(model: 'ModelGraph', plan: Plan, *, finished: bool = False) -> None:
    """Write `plan` to the nodes; masks are there already, as the nodes' kept weights."""
    first = next(iter(model.get_layers()))
    first.set_attr(_PLAN, plan.as_dict())
    first.set_attr(_NAMES, [kernel.layer for kernel in plan.kernels])
    first.set_attr(_FINISHED, finished)
    for kernel in plan.kernels:
        node = model.graph[kernel.layer]
        node.set_attr(_KERNEL, kernel.as_dict())
        if kernel.bias is not None:
            node.set_attr(_BIAS, kernel.bias)


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
    data = next((d for node in hls_model.get_layers() if (d := node.get_attr(_PLAN)) is not None), None)
    if data is None:
        raise PlanError('the model has no plan: it was not converted with an hwprune flow (see hls4ml_hwprune.enable)')
    kernels = []
    for node in hls_model.get_layers():
        if (kernel := node.get_attr(_KERNEL)) is not None:
            shape = kernel['n_in'], kernel['n_out']
            # Weights that moved are the model's own now.
            moved = planned_weights(node, *shape, kernel['role']) if kernel['fingerprint'] else None
            bias = node.get_attr(_BIAS)
            bias = None if bias is None else np.asarray(bias, float)
            kernels.append(KernelPlan.from_dict(kernel, planned_mask(node, *shape), planned_slots(node), moved, bias))
    return Plan.from_dict(data, kernels)
