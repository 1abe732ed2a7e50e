"""Application of a plan to a graph: zeros for pruned weights, sparse nodes for the layers that lost slots."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.dead_structure.removal import remove_dead
from hls4ml_hwprune.host.families.registry import bind_to_luts, replace_by_sparse
from hls4ml_hwprune.host.graph.eligibility import template_fails
from hls4ml_hwprune.host.node.attributes import remember_mask, set_kept_mask, set_slot_bits, set_slot_table
from hls4ml_hwprune.host.node.reuse import set_reuse_factor
from hls4ml_hwprune.host.node.weights import set_bias, set_weights, zero_pruned
from hls4ml_hwprune.host.simulation.project import copy_graph
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.plan import Plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def apply_to_graph(model: 'ModelGraph', plan: Plan) -> None:
    """Carry out a plan on a model after hls4ml's `optimize` flow; dead structure stays."""
    for layer, together in groupby(plan.kernels, key=lambda kernel: kernel.layer):
        node, kernels = model.graph[layer], list(together)
        for kernel in kernels:
            set_reuse_factor(model, node, kernel.reuse_factor, kernel.role)
            if kernel.values is not None:
                set_weights(node, kernel.values, kernel.role)
            if kernel.bias is not None:
                set_bias(node, kernel.bias, kernel.role)
        if any(kernel.replaced for kernel in kernels) or template_fails(node):
            _replace(model, node, kernels)
        elif any(kernel.pruned for kernel in kernels):
            _zero(node, kernels)
    for name in plan.in_luts:
        bind_to_luts(model, model.graph[name])


def _zero(node: Node, kernels: Sequence[KernelPlan]) -> None:
    """Zero the pruned weights of a node, which stays hls4ml's own."""
    for kernel in kernels:
        zero_pruned(node, kernel.mask, kernel.role)
        remember_mask(node, kernel.mask, kernel.role)


def _replace(model: 'ModelGraph', node: Node, kernels: Sequence[KernelPlan]) -> None:
    """Zero the pruned weights of a node, and put its sparse counterpart in its place."""
    for kernel in kernels:
        zero_pruned(node, kernel.mask, kernel.role)
    sparse = replace_by_sparse(model, node)
    for kernel in kernels:
        set_kept_mask(sparse, kernel.mask, kernel.role)
        if kernel.slots is not None:
            set_slot_table(sparse, kernel.slots, kernel.role)
        if kernel.slot_bits:
            set_slot_bits(sparse, kernel.slot_bits, kernel.role)


def finished(model: 'ModelGraph', plan: Plan) -> Plan:
    """Carry out a plan on a copy of the model, and return the plan with estimates of the finished design."""
    tried = copy_graph(model)
    apply_to_graph(tried, plan)
    return remove_dead(tried, plan)
