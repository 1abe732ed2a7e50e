"""Firmware against the network in floating point, layer by layer: the place where the answers are lost."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.explain.finding import Finding

# Share of an output's spread beyond which a difference is more than rounding.
_LOST = 0.1


def explain_answers(firmware: Mapping[str, NDArray], network: Mapping[str, NDArray]) -> Iterator[Finding]:
    """Compare the outputs of layers, in the order of the firmware.

    Parameters
    ----------
    firmware, network : mapping of str to ndarray, shape (n, ...)
        Outputs by layer, of the compiled firmware and in floating point; layers of one alone are left out.
    """
    first = True
    for name, values in firmware.items():
        if name not in network:
            continue
        own = np.asarray(network[name], float).reshape(len(values), -1)
        ours = np.asarray(values, float).reshape(len(values), -1)
        if own.shape != ours.shape:
            continue
        spread = own.std() or 1.0
        error = float(np.sqrt(np.mean((ours - own) ** 2)) / spread)
        text = f'differs by {100 * error:.2g} % of the spread of the layer (root mean square)'
        cure = ''
        if error > _LOST and first:
            first, (low, high) = False, (float(own.min()), float(own.max()))
            cure = (
                f'this is the first layer that leaves the network: its values lie in {low:.3g} ... {high:.3g}, and those of '
                f'the firmware in {ours.min():.3g} ... {ours.max():.3g}; give its result and accum types that hold them'
            )
        yield Finding('answers', name, text, cure)
