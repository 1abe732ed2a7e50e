"""Kernel statistics: second moments of inputs, and sensitivity of the answers to output errors (Fisher information)."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.network import Affines, Network, ValuesOf
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
    generator, probed = np.random.default_rng(_SEED), 0
    for part in network.chunks(samples):
        values = values_of(parameters, part)
        for key in network.kernels:
            inputs = _rows(network.emulation.inputs_of(values, key))
            outputs = _rows(values[key.layer])
            moments[key] += inputs.T @ inputs
            squares[key] += np.square(outputs).sum(axis=0)
            sums[key] += outputs.sum(axis=0)
            count[key] += len(inputs)
        if probed < _MOST_PROBED:
            probed += len(part)
            for gradients in network.emulation.probed(values, _PROBES, generator, parameters):
                for key in network.kernels:
                    # Layers that gradients do not reach count as infinite, so that variances are used.
                    found = _rows(gradients[key.layer]) if key.layer in gradients else np.full((1, 1), np.inf)
                    fisher[key] += np.square(found).sum(axis=0)
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


def _rows(values: NDArray) -> NDArray[np.float64]:
    return values.reshape(-1, values.shape[-1]).astype(np.float64, copy=False)


def _shares(variance: NDArray[np.float64]) -> NDArray[np.float64]:
    live = np.maximum(variance, 1e-3 * (variance.mean() or 1.0))
    return 1 / (live * variance.size)
