"""What passes through every kernel, and what errors of its outputs cost the network."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.network import Affines, Network, ValuesOf
from hls4ml_hwprune.records import KernelStatistics

# Random probes of the answers for each sample, and the samples that they are taken of at most.
_PROBES = 8
_MOST_PROBED = 1_000
_SEED = 0


def kernel_statistics(
    network: Network, parameters: Affines, values_of: ValuesOf, samples: NDArray[np.int64]
) -> dict[str, KernelStatistics]:
    """Measure all kernels that can be pruned.

    Parameters
    ----------
    network : Network
    parameters : mapping of str to Affine
        Weights and biases at the moment.
    values_of : callable
        How the network is run.
    samples : ndarray of int

    Returns
    -------
    dict of str to KernelStatistics
        By layer. Sensitivities are in nats of the answers' divergence; where gradients are stopped by a layer without a
        rule, for all layers, shares of their outputs' variance.
    """
    moments = {name: np.zeros((kernel.n_in, kernel.n_in)) for name, kernel in network.kernels.items()}
    squares = {name: np.zeros(kernel.n_out) for name, kernel in network.kernels.items()}
    sums = {name: np.zeros(kernel.n_out) for name, kernel in network.kernels.items()}
    fisher = {name: np.zeros(kernel.n_out) for name, kernel in network.kernels.items()}
    count = {name: 0 for name in network.kernels}
    generator, probed = np.random.default_rng(_SEED), 0
    for part in network.chunks(samples):
        values = values_of(parameters, part)
        for name in network.kernels:
            inputs = _rows(network.emulation.inputs_of(values, name))
            outputs = _rows(values[name])
            moments[name] += inputs.T @ inputs
            squares[name] += np.square(outputs).sum(axis=0)
            sums[name] += outputs.sum(axis=0)
            count[name] += len(inputs)
        if probed < _MOST_PROBED:
            probed += len(part)
            for gradients in network.emulation.probed(values, _PROBES, generator, parameters):
                for name in network.kernels:
                    # What gradients do not reach counts as infinite, so that variances are used.
                    found = _rows(gradients[name]) if name in gradients else np.full((1, 1), np.inf)
                    fisher[name] += np.square(found).sum(axis=0)
    reached = all(np.isfinite(total).all() for total in fisher.values())
    variance = {name: squares[name] / count[name] - np.square(sums[name] / count[name]) for name in network.kernels}
    return {
        name: KernelStatistics(
            moments[name] / count[name],
            # A mean squared error of one, at every position.
            fisher[name] / (probed * _PROBES) if reached else _shares(variance[name]),
            count[name],
        )
        for name in network.kernels
    }


def _rows(values: NDArray) -> NDArray[np.float64]:
    return values.reshape(-1, values.shape[-1]).astype(np.float64, copy=False)


def _shares(variance: NDArray[np.float64]) -> NDArray[np.float64]:
    live = np.maximum(variance, 1e-3 * (variance.mean() or 1.0))
    return 1 / (live * variance.size)
