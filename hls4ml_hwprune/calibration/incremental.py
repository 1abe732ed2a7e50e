"""Incremental emulation: runs of a network that calculate again only the nodes that changed kernels reach."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.network import Affines, Network, Values
from hls4ml_hwprune.host.graph.autodiff import reached_from

# Numbers that are kept, all layers and samples together: a hundred megabytes or so.
_MOST_KEPT = 2**25


@dataclass
class Incremental:
    """Runs of a network in floating point on the same samples, with other parameters of some kernels each time.

    Parameters are taken for equal if they are the same object.

    Attributes
    ----------
    network : Network
        All of whose layers can be emulated.
    """

    network: Network
    _kept: dict[bytes, tuple[Affines, Values]] = field(default_factory=dict, repr=False)
    _size: int = 0

    def __call__(self, parameters: Affines, samples: NDArray[np.int64]) -> Values:
        """Return the outputs of all nodes, as `Network.emulated` does."""
        name = samples.tobytes()
        if name in self._kept:
            before, values = self._kept[name]
            changed = {key.layer for key, affine in parameters.items() if affine is not before.get(key)}
            if not changed:
                return values
            reached = reached_from(self.network.emulation.steps, changed)
            known = {node: array for node, array in values.items() if node not in reached}
            values = self.network.emulated(parameters, samples, known)
        else:
            values = self.network.emulated(parameters, samples)
            self._size += sum(array.size for array in values.values())
        if self._size <= _MOST_KEPT:
            self._kept[name] = dict(parameters), values
        return values
