"""Liveness analysis: channels reachable from the outputs."""

import logging
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.host.dead_structure.dataflow import Dataflow, Reading
from hls4ml_hwprune.records import KernelKey

_LOG = logging.getLogger(__name__)
Bundles = Mapping[str, NDArray[np.int64]]


def channels_left(flow: Dataflow) -> dict[str, NDArray[np.bool_]]:
    """Find the channels that stay.

    Channels that are joined form a bundle. A bundle uses another if one of its channels is an output of a kernel, and a
    weight of that output reads a channel of the other. Bundles that can be reached from one that must stay, stay. The work
    is one look at each weight for each time that a layer's outputs grow in number, once in a network without recurrence.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_channels,)
        By tensor. At least one channel of each stays.
    """
    bundles = _bundles(flow)
    stay = np.zeros(1 + max((int(numbers.max()) for numbers in bundles.values()), default=0), bool)
    for name in flow.fixed:
        stay[bundles[name]] = True
    _spread(flow, bundles, stay)
    # Outputs first, as the channels that are left use channels before them.
    for name in reversed(flow.tensors):
        members = bundles[name]
        if not stay[members].any():
            _LOG.debug('%s: all channels are dead; one stays, as there are no empty tensors', name)
            stay[members[int(_uses(flow, bundles, members).argmin())]] = True
            _spread(flow, bundles, stay)
    return {name: stay[numbers] for name, numbers in bundles.items()}


def _bundles(flow: Dataflow) -> dict[str, NDArray[np.int64]]:
    """Return the number of the bundle of each channel, shape (n_channels,), by tensor."""
    import networkx

    bundles = {name: np.zeros(tensor.n_channels, np.int64) for name, tensor in flow.tensors.items()}
    for number, channels in enumerate(networkx.connected_components(flow.together)):
        for name, channel in channels:
            bundles[name][channel] = number
    return bundles


def _spread(flow: Dataflow, bundles: Bundles, stay: NDArray[np.bool_]) -> None:
    """Mark in `stay`, shape (n_bundles,), all bundles that marked ones use."""
    seen: dict[KernelKey, int] = {}
    grown = True
    while grown:
        grown = False
        for name, reading in reversed(flow.readings.items()):
            outputs = stay[bundles[reading.output]]
            if (n_outputs := int(outputs.sum())) > seen.get(name, 0):
                seen[name], grown = n_outputs, True
                stay[_read(reading, bundles, outputs)] = True


def _read(reading: Reading, bundles: Bundles, outputs: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Bundles that the marked `outputs` (n_out,) of a kernel read, with repetitions."""
    inputs = reading.folding.used[outputs].any(axis=0)
    return bundles[reading.source][reading.channel[inputs]]


def _uses(flow: Dataflow, bundles: Bundles, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the bundles that each of the `members` uses directly."""
    counts = []
    for member in members.tolist():
        marked = [(reading, bundles[reading.output] == member) for reading in flow.readings.values()]
        found = [_read(reading, bundles, outputs) for reading, outputs in marked if outputs.any()]
        counts.append(np.unique(np.concatenate(found)).size if found else 0)
    return np.array(counts)
