"""Plan with its reconstructed weights, estimated anew."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hls4ml_hwprune.calibration.network import Affines, Network
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Layer, fingerprint
from hls4ml_hwprune.selection.pricing import price_plan


def revalued(plan: Plan, layers: Sequence[Layer], network: Network, weights: Affines, stage: str) -> Plan:
    """Put weights and biases into a plan, and estimate it anew.

    Parameters
    ----------
    plan : Plan
    layers : sequence of Layer
        The whole design, unpruned.
    network : Network
    weights : mapping of KernelKey to Affine
        Zero where the plan does not keep a weight.
    stage : str
    """
    kernels = [_with_weights(kernel, network, weights) for kernel in plan.kernels]
    return price_plan(replace(plan, kernels=kernels), layers, stage)


def _with_weights(plan: KernelPlan, network: Network, weights: Affines) -> KernelPlan:
    kernel, before, found = network.kernels[plan.key], network.start[plan.key], weights[plan.key]
    same = np.array_equal(found.weights, np.where(plan.mask, before.weights, 0.0)) and np.array_equal(
        found.bias, before.bias
    )
    if same:
        return replace(plan, values=None, bias=None, fingerprint='')
    return replace(plan, values=found.weights, bias=found.bias, fingerprint=fingerprint(kernel.codes))
