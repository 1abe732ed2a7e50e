"""Kernel statistics: second moments of inputs, and sensitivity of the answers to output errors (Fisher information)."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.network import Affines, Network, Values, ValuesOf
from hls4ml_hwprune.host.families.base import Call
from hls4ml_hwprune.host.families.registry import taps_of
from hls4ml_hwprune.records import KernelKey, KernelStatistics

# Random probes of the answers for each sample, and the samples that they are taken of at most.
_PROBES = 8
_MOST_PROBED = 1_000
_SEED = 0


def kernel_statistics(
    network: Network, parameters: Affines, values_of: ValuesOf, samples: NDArray[np.int64]
) -> dict[KernelKey, KernelStatistics]:
    """Measure all kernels that can be pruned.

    Parameters
    ----------
    network : Network
    parameters : mapping of KernelKey to Affine
        Weights and biases at the moment.
    values_of : callable
        Run of the network: from these and numbers of samples to the outputs of all nodes.
    samples : ndarray of int

    Returns
    -------
    dict of KernelKey to KernelStatistics
        Sensitivities are in nats of the answers' divergence; where gradients are stopped by a layer without a
        rule, for all layers, shares of their outputs' variance.
    """
    moments = {key: np.zeros((kernel.n_in, kernel.n_in)) for key, kernel in network.kernels.items()}
    squares = {key: np.zeros(kernel.n_out) for key, kernel in network.kernels.items()}
    sums = {key: np.zeros(kernel.n_out) for key, kernel in network.kernels.items()}
    fisher = {key: np.zeros(kernel.n_out) for key, kernel in network.kernels.items()}
    count = {key: 0 for key in network.kernels}
    layers = dict.fromkeys(key.layer for key in network.kernels)
    generator, probed = np.random.default_rng(_SEED), 0
    for part in network.chunks(samples):
        values = values_of(parameters, part)
        calls = {layer: network.emulation.call(values, parameters, layer) for layer in layers}
        for key in network.kernels:
            call = calls[key.layer]
            taps = taps_of(call.node)
            inputs, outputs = (_rows(tap(call, key.role)) for tap in (taps.inputs, taps.products))
            moments[key] += inputs.T @ inputs
            squares[key] += np.square(outputs).sum(axis=0)
            sums[key] += outputs.sum(axis=0)
            count[key] += len(inputs)
        if probed < _MOST_PROBED:
            probed += len(part)
            for gradients in network.emulation.probed(values, _PROBES, generator, parameters):
                for key in network.kernels:
                    fisher[key] += np.square(_gradient(gradients, calls[key.layer], key)).sum(axis=0)
    reached = all(np.isfinite(total).all() for total in fisher.values())
    variance = {key: squares[key] / count[key] - np.square(sums[key] / count[key]) for key in network.kernels}
    return {
        key: KernelStatistics(
            moments[key] / count[key],
            # A mean squared error of one, at every position.
            fisher[key] / (probed * _PROBES) if reached else _shares(variance[key]),
            count[key],
        )
        for key in network.kernels
    }


def _gradient(gradients: Values, call: Call, key: KernelKey) -> NDArray[np.float64]:
    """Gradients for the products of a kernel, one a row; infinite where they do not reach it, so that variances are used."""
    if key.layer not in gradients:
        return np.full((1, 1), np.inf)
    return _rows(taps_of(call.node).gradients(call, key.role, gradients[key.layer]))


def _rows(values: NDArray) -> NDArray[np.float64]:
    return values.reshape(-1, values.shape[-1]).astype(np.float64, copy=False)


def _shares(variance: NDArray[np.float64]) -> NDArray[np.float64]:
    live = np.maximum(variance, 1e-3 * (variance.mean() or 1.0))
    return 1 / (live * variance.size)
