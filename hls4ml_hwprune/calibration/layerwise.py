"""Layer by layer: weights for which a layer of the pruned network, on its own inputs, hands on what it should."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.network import Affines, Network, Values, ValuesOf
from hls4ml_hwprune.progress import progress
from hls4ml_hwprune.reconstruction import Affine, Moments, best_fit

#: Layer, parameters and second moments of its inputs to the nearest that the firmware can hold.
Rounding = Callable[[str, Affine, NDArray[np.float64]], Affine]


def match_layers(
    network: Network,
    start: Affines,
    kept: Mapping[str, NDArray[np.bool_]],
    values_of: ValuesOf,
    targets_of: Callable[[NDArray[np.int64]], Values],
    rounding: Rounding,
    samples: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> dict[str, Affine]:
    """Fit the kept weights and the biases of one layer after the other, in graph order.

    Parameters
    ----------
    network : Network
    start : mapping of str to Affine
        Weights that are not kept are zero.
    kept : mapping of str to ndarray of bool, shape (n_out, n_in)
    values_of : callable
        How the network is run with the weights so far.
    targets_of : callable
        Numbers of samples to what nodes should hand on.
    rounding : callable
        What is done to a layer's new weights before the next layer is fitted.
    samples : pair of ndarray of int
        Those that are fitted, and those that the damping is chosen by.

    Returns
    -------
    dict of str to Affine
    """
    found = dict(start)
    for name in progress(network.kernels, 'matching layers'):
        fitted, held_out = (_moments(network, found, name, values_of, targets_of, part) for part in samples)
        affine = best_fit(fitted, held_out, found[name], kept[name], network.has_free_bias(name))
        found[name] = rounding(name, affine, (fitted + held_out).inputs)
    return found


def _moments(
    network: Network,
    parameters: Affines,
    layer: str,
    values_of: ValuesOf,
    targets_of: Callable[[NDArray[np.int64]], Values],
    samples: NDArray[np.int64],
) -> Moments:
    total = None
    for part in network.chunks(samples):
        inputs = network.emulation.inputs_of(values_of(parameters, part), layer).astype(np.float64)
        targets = targets_of(part)[layer].astype(np.float64)
        found = Moments.of(inputs.reshape(-1, inputs.shape[-1]), targets.reshape(-1, targets.shape[-1]))
        total = found if total is None else total + found
    assert total is not None
    return total
