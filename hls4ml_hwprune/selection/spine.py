"""Spine: the best chain of single weights from the inputs of a network to each output, found by dynamic programming."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import KernelKey
from hls4ml_hwprune.wiring import KernelLink, Link, Wiring

# Worth of a weight of score zero, against the best of its kernel.
_LEAST = 1e-12


@dataclass
class _Reached:
    """Worth of the best chain to each channel of a tensor, and its last step."""

    worth: NDArray[np.float64]
    link: NDArray[np.int64] = field(repr=False)
    source: NDArray[np.int64] = field(repr=False)
    weight: NDArray[np.int64] = field(repr=False)


def spine(
    wiring: Wiring, scores: Mapping[KernelKey, NDArray[np.float64]], outputs: Collection[str]
) -> dict[KernelKey, NDArray[np.int64]]:
    """Find for each of the `outputs` the chain of weights with the largest product of scores, in shares of a kernel's best.

    Parameters
    ----------
    wiring : Wiring
    scores : mapping of KernelKey to ndarray of float, shape (n_out, n_in)
        NaN where a weight cannot be part of a chain. Kernels without scores are whole.
    outputs : collection of str
        Tensors; one without any chain is skipped.

    Returns
    -------
    dict of KernelKey to ndarray of int, shape (n,)
        Flat positions of the weights. Later chains reuse weights of earlier ones at no cost.
    """
    steps = {name: _shares(score) for name, score in scores.items()}
    found: dict[KernelKey, set[int]] = {}
    for output in outputs:
        reached = _reach(wiring, steps)
        end = int(np.argmax(reached[output].worth))
        if reached[output].worth[end] == -np.inf:
            continue
        for kernel, position in _chain(wiring, reached, output, end):
            if kernel in steps:
                found.setdefault(kernel, set()).add(position)
                # A weight of a chain costs the next ones nothing.
                steps[kernel].ravel()[position] = 0.0
    return {kernel: np.array(sorted(positions), np.int64) for kernel, positions in found.items()}


def _shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithms of scores as shares of the best; -inf where there is none."""
    usable = ~np.isnan(scores)
    top = float(scores[usable].max(initial=0.0)) or 1.0
    return np.where(usable, np.log(np.maximum(np.where(usable, scores, 0.0) / top, _LEAST)), -np.inf)


def _reach(wiring: Wiring, steps: Mapping[KernelKey, NDArray[np.float64]]) -> dict[str, _Reached]:
    reached = {}
    for name, size in wiring.sizes.items():
        worth = np.full(size, 0.0 if name in wiring.inputs else -np.inf)
        reached[name] = _Reached(worth, *(np.full(size, -1) for _ in range(3)))
    for number, link in enumerate(wiring.links):
        worth, source, weight = _through(link, reached[link.source].worth, steps, wiring.sizes[link.output])
        known = reached[link.output]
        better = worth > known.worth
        known.worth[better], known.link[better] = worth[better], number
        known.source[better], known.weight[better] = source[better], weight[better]
    return reached


def _through(
    link: Link | KernelLink, worth: NDArray[np.float64], steps: Mapping[KernelKey, NDArray[np.float64]], size: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Worth of each channel of a link's output, best channel of its source, and weight between them."""
    none, best = np.full(size, -1), int(np.argmax(worth))
    if isinstance(link, KernelLink):
        n_in = link.live.shape[1]
        channel = np.full(n_in, best) if link.channel is None else link.channel
        step = steps.get(link.kernel, 0.0) + np.where(link.live, 0.0, -np.inf)
        total = step + worth[channel]
        column = total.argmax(axis=1)
        rows = np.arange(size)
        return total[rows, column], channel[column], rows * n_in + column
    if link.pairs is None:
        return np.full(size, worth[best]), np.full(size, best), none
    found, source = np.full(size, -np.inf), none.copy()
    # Ascending, so that the best of several sources is written last.
    pairs = link.pairs[np.argsort(worth[link.pairs[:, 0]], kind='stable')]
    found[pairs[:, 1]], source[pairs[:, 1]] = worth[pairs[:, 0]], pairs[:, 0]
    return found, source, none


def _chain(wiring: Wiring, reached: Mapping[str, _Reached], tensor: str, channel: int) -> list[tuple[KernelKey, int]]:
    """Weights of the best chain to a channel."""
    found = []
    while (number := int(reached[tensor].link[channel])) >= 0:
        link, at = wiring.links[number], reached[tensor]
        if isinstance(link, KernelLink):
            found.append((link.kernel, int(at.weight[channel])))
        tensor, channel = link.source, int(at.source[channel])
    return found
