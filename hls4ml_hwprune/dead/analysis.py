"""Which channels stay: those that anything that stays makes use of."""

import logging
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.ir.dataflow import Dataflow, Reading

if TYPE_CHECKING:
    from networkx import DiGraph

_LOG = logging.getLogger(__name__)
# Node of the graph of uses from which everything hangs that must stay.
_ROOT = -1


def channels_left(flow: Dataflow) -> dict[str, NDArray[np.bool_]]:
    """Find the channels that stay.

    Channels that are joined form a bundle. A bundle makes use of another if one of its channels is an output of a kernel
    and a weight of it reads a channel of the other. What can be reached from a bundle that must stay, stays.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_channels,)
        By tensor. At least one channel of each stays.
    """
    import networkx

    bundles = {name: np.zeros(tensor.n_channels, np.int64) for name, tensor in flow.tensors.items()}
    for number, channels in enumerate(networkx.connected_components(flow.together)):
        for name, channel in channels:
            bundles[name][channel] = number
    uses = networkx.DiGraph()
    uses.add_node(_ROOT)
    for name in flow.fixed:
        uses.add_edges_from((_ROOT, bundle) for bundle in bundles[name].tolist())
    for reading in flow.readings.values():
        _add_uses(uses, reading, bundles)
    # From the outputs on, as an output that is left because its tensor would be empty makes use of inputs.
    for name in reversed(flow.tensors):
        reached = networkx.descendants(uses, _ROOT)
        if not reached.intersection(bundles[name].tolist()):
            _LOG.debug('%s: all channels are dead; one stays, as there are no empty tensors', name)
            uses.add_edge(_ROOT, int(bundles[name][0]))
    reached = np.array(sorted(networkx.descendants(uses, _ROOT)), np.int64)
    return {name: np.isin(bundle, reached) for name, bundle in bundles.items()}


def _add_uses(uses: 'DiGraph', reading: Reading, bundles: dict[str, NDArray[np.int64]]) -> None:
    outputs, inputs = np.nonzero(reading.folding.used)
    read = bundles[reading.source][reading.channel[inputs]]
    pairs = np.unique(np.stack([bundles[reading.output][outputs], read]), axis=1)
    uses.add_edges_from(pairs.T.tolist())
