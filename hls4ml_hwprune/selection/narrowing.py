"""Channel pruning of hidden layers: the least important channels go first, as each costs registers and adders.

The knapsack prices slots, and does not see that a channel without any slot costs nothing. So it is solved for networks of
several widths, which do not depend on the budget.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import KernelKey
from hls4ml_hwprune.resources import NAMES, Resources
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.wiring import KernelLink, Wiring


def narrowed(
    wiring: Wiring, scores: Mapping[KernelKey, NDArray[np.float64]], share: float
) -> dict[KernelKey, NDArray[np.bool_]]:
    """Choose the outputs of hidden kernels to keep when a `share` of them all is removed; at least one of each kernel.

    Parameters
    ----------
    wiring : Wiring
    scores : mapping of KernelKey to ndarray of float, shape (n_out, n_in)
        Scores of the kernels that may lose outputs.
    share : float

    Returns
    -------
    dict of KernelKey to ndarray of bool, shape (n_out,)
        Kept outputs of the hidden kernels.
    """
    worth = _channel_worth(wiring, scores)
    hidden = [name for name, link in wiring.kernels.items() if name in scores and not _is_last(wiring, link)]
    ranked = {name: _relative(scores[name].sum(axis=1)) + worth[wiring.kernels[name].output] for name in hidden}
    if not ranked:
        return {}
    every = np.sort(np.concatenate(list(ranked.values())))
    least = every[min(int(share * every.size), every.size - 1)]
    return {name: (values >= least) | (values == values.max()) for name, values in ranked.items()}


def _channel_worth(wiring: Wiring, scores: Mapping[KernelKey, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Worth of each channel to the kernels that read it, by tensor; each kernel contributes a mean of one."""
    worth = {name: np.zeros(size) for name, size in wiring.sizes.items()}
    for link in reversed(wiring.links):
        if not isinstance(link, KernelLink):
            if link.pairs is not None:
                np.add.at(worth[link.source], link.pairs[:, 0], worth[link.output][link.pairs[:, 1]])
        elif link.kernel in scores and link.channel is not None:
            read = np.bincount(link.channel, scores[link.kernel].sum(axis=0), wiring.sizes[link.source])
            worth[link.source] += _relative(read.astype(np.float64))
    return worth


def _relative(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values in units of their mean."""
    return values / (values.mean() or 1.0)


def _is_last(wiring: Wiring, link: KernelLink) -> bool:
    """Whether the outputs of a kernel reach an output of the network without another kernel between."""
    reached = {link.output}
    for other in wiring.links:
        if other.source in reached and not isinstance(other, KernelLink):
            reached.add(other.output)
    return not reached.isdisjoint(wiring.outputs)


def removable(design: Design, *, dead: bool = True) -> NDArray[np.float64]:
    """Upper bound on the resources that a finished design saves against the count of its slots, shape (5,).

    Layers without weights shrink with the channels, and kernels lose registers and adders of inputs and outputs, where
    `dead` structure is removed; products of moved codes may turn out equal.
    """
    if design.wiring is None:
        return np.zeros(len(NAMES))
    if not dead:
        saved = [np.max([choice.option.of_equal_products() for choice in row], axis=0) for row in design.alternatives]
        return np.sum([np.zeros(len(NAMES)), *saved], axis=0)
    # Layers whose own kernel is not pruned keep their channels; other layers may lose some.
    whole = [layer.name for layer in design.layers if layer.name in design.not_pruned and layer.kernels]
    held = [design.estimate.layers[name].resources for name in whole]
    most = design.fixed - Resources.total(held).as_array()
    most += sum(np.maximum(one.change, 0.0) for one in design.bindings)
    for row in design.alternatives:
        most += np.max([choice.option.around_slots() for choice in row], axis=0)
    return np.maximum(most, 0.0)
