"""Layer-wise reconstruction: least-squares weights of each layer of the pruned network, on its own inputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.network import Affines, Network, ValuesOf
from hls4ml_hwprune.host.families.registry import taps_of
from hls4ml_hwprune.progress import progress
from hls4ml_hwprune.reconstruction import Affine, Moments, best_fit
from hls4ml_hwprune.records import KernelKey

#: Kernel, parameters and second moments of its inputs to the nearest that the firmware can hold.
Rounding = Callable[[KernelKey, Affine, NDArray[np.float64]], Affine]


@dataclass(frozen=True)
class Targets:
    """Network whose outputs the layers should have: its parameters, and its run as firmware or in floating point."""

    parameters: Affines
    values_of: ValuesOf


def match_layers(
    network: Network,
    start: Affines,
    kept: Mapping[KernelKey, NDArray[np.bool_]],
    values_of: ValuesOf,
    targets: Targets,
    rounding: Rounding,
    samples_for: Callable[[KernelKey], tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> dict[KernelKey, Affine]:
    """Fit the kept weights and the biases of one kernel after the other, in graph order.

    Parameters
    ----------
    network : Network
    start : mapping of KernelKey to Affine
        Weights that are not kept are zero.
    kept : mapping of KernelKey to ndarray of bool, shape (n_out, n_in)
    values_of : callable
        Run of the network: from the weights so far and numbers of samples to the outputs of all nodes.
    targets : Targets
    rounding : callable
        Rounding of a layer's new weights before the next layer is fitted.
    samples_for : callable
        From a kernel to the samples that are fitted, and those that the damping is chosen by.

    Returns
    -------
    dict of KernelKey to Affine
    """
    found = dict(start)
    for key in progress(network.kernels, 'matching layers'):
        fitted, held_out = (_moments(network, found, key, values_of, targets, part) for part in samples_for(key))
        affine = best_fit(fitted, held_out, found[key], kept[key], network.has_free_bias(key))
        found[key] = rounding(key, affine, (fitted + held_out).inputs)
    return found


def _moments(
    network: Network,
    parameters: Affines,
    key: KernelKey,
    values_of: ValuesOf,
    targets: Targets,
    samples: NDArray[np.int64],
) -> Moments:
    total = None
    taps = taps_of(network.model.graph[key.layer])
    for part in network.chunks(samples):
        call = network.emulation.call(values_of(parameters, part), parameters, key.layer)
        other = network.emulation.call(targets.values_of(targets.parameters, part), targets.parameters, key.layer)
        inputs = taps.inputs(call, key.role).astype(np.float64)
        products = taps.wanted(call, key.role, other).astype(np.float64)
        found = Moments.of(inputs.reshape(-1, inputs.shape[-1]), products.reshape(-1, products.shape[-1]))
        total = found if total is None else total + found
    assert total is not None
    return total
