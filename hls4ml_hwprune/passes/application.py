"""Application of a plan to a graph: zeros for pruned weights, sparse nodes for the layers that lost slots."""

from typing import TYPE_CHECKING

from hls4ml_hwprune.host.dead_structure.removal import remove_dead
from hls4ml_hwprune.host.firmware.layers import replace_by_sparse
from hls4ml_hwprune.host.graph.eligibility import dense_template_fails
from hls4ml_hwprune.host.node.reuse import set_reuse_factor
from hls4ml_hwprune.host.node.weights import KEPT, set_bias, set_slot_table, set_weights, zero_pruned
from hls4ml_hwprune.host.simulation.project import copy_graph
from hls4ml_hwprune.plan import Plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def apply_to_graph(model: 'ModelGraph', plan: Plan) -> None:
    """Carry out a plan on a model after hls4ml's `optimize` flow; dead structure stays."""
    for kernel in plan.kernels:
        node = model.graph[kernel.layer]
        set_reuse_factor(model, node, kernel.reuse_factor)
        if kernel.values is not None:
            set_weights(node, kernel.values, kernel.role)
        if kernel.bias is not None:
            set_bias(node, kernel.bias)
        if kernel.replaced or dense_template_fails(node):
            zero_pruned(node, kernel.mask, kernel.role)
            sparse = replace_by_sparse(model, node)
            sparse.set_attr(KEPT, kernel.mask)
            if kernel.slots is not None:
                set_slot_table(sparse, kernel.slots)


def finished(model: 'ModelGraph', plan: Plan) -> Plan:
    """Carry out a plan on a copy of the model, and say what the finished design takes; the model stays as it is."""
    tried = copy_graph(model)
    apply_to_graph(tried, plan)
    return remove_dead(tried, plan)
