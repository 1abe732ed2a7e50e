"""Reconstruction of the kept weights of a plan: layer by layer, then by gradient steps, then against the firmware."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.effort import Effort
from hls4ml_hwprune.calibration.grids import Grids
from hls4ml_hwprune.calibration.halves import side_by_side
from hls4ml_hwprune.calibration.incremental import Incremental
from hls4ml_hwprune.calibration.layer_targets import LayerTargets
from hls4ml_hwprune.calibration.layerwise import Targets, match_layers
from hls4ml_hwprune.calibration.network import Affines, Network, node_positions
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.reconstruction import Affine, Schedule, refine
from hls4ml_hwprune.records import KernelKey

# Weight of the layers' outputs beside the answers, where nearly all inputs were made of a few.
_WEIGHT_OF_LAYERS = 2.0
Masks = Mapping[KernelKey, NDArray[np.bool_]]


def planned(plan: Plan, before: Affines) -> tuple[dict[KernelKey, Affine], dict[KernelKey, NDArray[np.bool_]]]:
    """Weights and biases with which a plan leaves `before`, and the weights that it keeps; other kernels are whole."""
    weights, kept = dict(before), {name: np.ones(affine.weights.shape, bool) for name, affine in before.items()}
    for kernel in plan.kernels:
        own = before[kernel.key]
        kept[kernel.key] = kernel.mask
        values = own.weights if kernel.values is None else kernel.values
        bias = own.bias if kernel.bias is None else kernel.bias
        weights[kernel.key] = Affine(np.where(kernel.mask, values, 0.0), bias)
    return weights, kept


def holding(plan: Plan, weights: Affines) -> Plan:
    """Return a plan with the weights that it was made with."""
    return replace(plan, kernels=[replace(kernel, values=weights[kernel.key].weights) for kernel in plan.kernels])


def recover(
    network: Network,
    before: Affines,
    pruned: Affines,
    kept: Masks,
    grids: Grids,
    schedule: Schedule,
    *,
    threaded: bool = False,
) -> dict[KernelKey, Affine]:
    """Match the layers of the network before pruning, then its first answers, all layers together; in floating point.

    Where nothing but zeros was pruned, nothing changes.

    Parameters
    ----------
    network : Network
        All of whose layers can be emulated.
    before, pruned : mapping of KernelKey to Affine
        Weights before and after the last pruning.
    kept : mapping of KernelKey to ndarray of bool, shape (n_out, n_in)
    grids : Grids
    schedule : Schedule
    threaded : bool
        Whether gradients of the halves of a batch are calculated at the same time.

    Returns
    -------
    dict of KernelKey to Affine
        On the grids.
    """
    if all(np.array_equal(pruned[name].weights, before[name].weights) for name in pruned):
        return dict(before)
    matched = match_layers(
        network,
        pruned,
        kept,
        Incremental(network),
        Targets(before, Incremental(network)),
        lambda key, affine, inputs: grids.rounded(key, affine, kept[key], inputs),
        lambda key: (network.fitted, network.held_out),
    )

    used = np.concatenate([network.fitted, network.made])
    # The fewer samples, the more the outputs of all layers count.
    weight = _WEIGHT_OF_LAYERS * len(network.made) / len(used)
    targets = LayerTargets.of(network, used, weight) if weight else None

    def of_part(parameters: Affines, samples: NDArray[np.int64]) -> Affines:
        numbers = used[samples]
        values = network.emulated(parameters, numbers)
        others = None if targets is None else targets.gradients(values, samples)
        return network.emulation.gradients(values, numbers, parameters, others)

    def loss_of(parameters: Affines) -> float:
        return network.emulated_loss(parameters, network.held_out)

    start = min((pruned, matched), key=loss_of)
    with side_by_side(of_part, threaded) as gradient_of:
        return refine(start, kept, gradient_of, loss_of, grids.project, len(used), schedule)


def firmware_matched(
    network: Network, start: Affines, kept: Masks, grids: Grids, effort: Effort, emulated: bool
) -> dict[KernelKey, Affine]:
    """Match the layers of the firmware, whose rounding the emulation in floating point lacks.

    Parameters
    ----------
    network : Network
    start : mapping of KernelKey to Affine
    kept : mapping of KernelKey to ndarray of bool, shape (n_out, n_in)
    grids : Grids
    effort : Effort
    emulated : bool
        Whether the targets of layers are the outputs of `start` in floating point, or those of the firmware before pruning.

    Returns
    -------
    dict of KernelKey to Affine
        On the grids.
    """
    runs = (1 if emulated else 2) * len(network.kernels)

    def samples_for(key: KernelKey) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        kernel = network.kernels[key]
        share = effort.matched(runs, kernel.n_in, node_positions(network.model, kernel)) / len(network.all_samples)
        fitted, held_out = (part[: max(1, int(share * len(part)))] for part in (network.fitted, network.held_out))
        return fitted, held_out

    targets = Targets(start, Incremental(network)) if emulated else Targets(network.start, network.traced)
    return match_layers(
        network,
        start,
        kept,
        network.traced,
        targets,
        lambda key, affine, inputs: grids.rounded(key, affine, kept[key], inputs),
        samples_for,
    )
