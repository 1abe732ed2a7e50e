"""The plan as attributes of the model's nodes, where hls4ml's serialiser keeps it."""

from typing import TYPE_CHECKING

import numpy as np

from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.ir.weights import KEPT, slot_table, weight_matrix
from hls4ml_hwprune.plan import KernelPlan, Plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# On the first node of the graph: the plan without its kernels. On each node with kernels: its share of the plan.
_PLAN = 'hwprune_plan'
_KERNEL = 'hwprune_kernel'
# New biases of the plan, on the same nodes.
_BIAS = 'hwprune_bias'


def has_plan(model: 'ModelGraph') -> bool:
    """Whether `model` went through the hwprune flow."""
    return any(node.get_attr(_PLAN) is not None for node in model.get_layers())


def store_plan(model: 'ModelGraph', plan: Plan) -> None:
    """Write `plan` to the nodes; masks are there already, as the nodes' kept weights."""
    next(iter(model.get_layers())).set_attr(_PLAN, plan.as_dict())
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
        A model converted with an hwprune flow, or loaded from such a one saved with hls4ml's serialiser.

    Returns
    -------
    Plan

    Raises
    ------
    PlanError
        If the model was converted without an hwprune flow.
    """
    data = next((d for node in hls_model.get_layers() if (d := node.get_attr(_PLAN)) is not None), None)
    if data is None:
        raise PlanError('the model has no plan: it was not converted with an hwprune flow (see hls4ml_hwprune.enable)')
    kernels = []
    for node in hls_model.get_layers():
        if (kernel := node.get_attr(_KERNEL)) is not None:
            kept = node.get_attr(KEPT)
            mask = np.ones((kernel['n_out'], kernel['n_in']), dtype=bool) if kept is None else np.asarray(kept, dtype=bool)
            # Weights that moved are the model's own now.
            moved = weight_matrix(node, kernel['n_in'], kernel['n_out'], kernel['role']) if kernel['fingerprint'] else None
            bias = node.get_attr(_BIAS)
            bias = None if bias is None else np.asarray(bias, float)
            kernels.append(KernelPlan.from_dict(kernel, mask, slot_table(node), moved, bias))
    return Plan.from_dict(data, kernels)
