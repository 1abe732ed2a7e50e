"""Layer targets: outputs that the layers of the kernels had before pruning, as a second objective of the refinement."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.emulation import rows_of
from hls4ml_hwprune.calibration.network import Network, Values

# Least variance of an output, as a share of the mean variance.
_LEAST_VARIANCE, _TINY = 1e-3, 1e-12


@dataclass(frozen=True)
class LayerTargets:
    """Outputs that layers should have.

    Attributes
    ----------
    outputs : mapping of str to ndarray
        By layer, shape (n, *shape).
    variances : mapping of str to ndarray
        Of each channel of these, shape (n_channels,).
    weight : float
        Weight of half the mean squared difference, over the variance, in every layer.
    """

    outputs: Mapping[str, NDArray] = field(repr=False)
    variances: Mapping[str, NDArray] = field(repr=False)
    weight: float

    @classmethod
    def of(cls, network: Network, numbers: NDArray[np.int64], weight: float) -> 'LayerTargets':
        """Take the outputs of the network before pruning in floating point, for samples of these numbers."""
        layers = dict.fromkeys(key.layer for key in network.kernels)
        parts: dict[str, list[NDArray]] = {name: [] for name in layers}
        for part in network.chunks(numbers):
            values = network.emulated(network.start, part)
            for name in layers:
                parts[name].append(values[name])
        outputs = {name: np.concatenate(found) for name, found in parts.items()}
        return cls(outputs, {name: _variance(found) for name, found in outputs.items()}, weight)

    def gradients(self, values: Values, samples: NDArray[np.int64]) -> dict[str, NDArray]:
        """Gradients of the weighted differences for the outputs of layers, of the samples at some positions."""
        found = {}
        for name, outputs in self.outputs.items():
            difference = values[name] - outputs[samples]
            found[name] = difference * (self.weight / difference.size / self.variances[name])
        return found


def _variance(outputs: NDArray) -> NDArray:
    variance = rows_of(outputs).var(axis=0)
    floored: NDArray = np.maximum(variance, _LEAST_VARIANCE * variance.mean() + _TINY).astype(outputs.dtype)
    return floored
