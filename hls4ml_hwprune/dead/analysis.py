"""Which channels stay: those that anything that stays makes use of."""

import logging
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.ir.dataflow import Dataflow, Reading

if TYPE_CHECKING:
    from networkx import DiGraph

_LOG = logging.getLogger(__name__)


def channels_left(flow: Dataflow) -> dict[str, NDArray[np.bool_]]:
    """Find the channels that stay.

    Channels that are joined form a bundle. A bundle makes use of another if one of its channels is an output of a kernel
    of which a weight reads a channel of the other. What can be reached from a bundle that must stay, stays.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_channels,)
        By tensor. At least one channel of each stays.
    """
    import networkx

    bundles = {name: np.zeros(tensor.n_channels, np.int64) for name, tensor in flow.tensors.items()}
    uses = networkx.DiGraph()
    for number, channels in enumerate(networkx.connected_components(flow.together)):
        uses.add_node(number)
        for name, channel in channels:
            bundles[name][channel] = number
    for reading in flow.readings.values():
        _add_uses(uses, reading, bundles)
    stay: set[int] = set()

    def keep(bundle: int) -> None:
        if bundle not in stay:
            stay.update(networkx.descendants(uses, bundle), (bundle,))

    for name in flow.fixed:
        for bundle in bundles[name].tolist():
            keep(bundle)
    # From the outputs on, as what is left here makes use of what is before.
    for name in reversed(flow.tensors):
        members = bundles[name].tolist()
        if stay.isdisjoint(members):
            _LOG.debug('%s: all channels are dead; one stays, as there are no empty tensors', name)
            keep(min(members, key=uses.out_degree))
    return {name: np.isin(bundle, list(stay)) for name, bundle in bundles.items()}


def _add_uses(uses: 'DiGraph', reading: Reading, bundles: dict[str, NDArray[np.int64]]) -> None:
    outputs, inputs = np.nonzero(reading.folding.used)
    read = bundles[reading.source][reading.channel[inputs]]
    pairs = np.unique(np.stack([bundles[reading.output][outputs], read]), axis=1)
    uses.add_edges_from(pairs.T.tolist())
