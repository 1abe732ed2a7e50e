"""Paired slots: two slots that read the same inputs share a multiplier, and so are kept or pruned together."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import balanced
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.records import Kernel


def pair_groups(kernel: Kernel, packing: str, groups: Groups, scores: NDArray[np.float64]) -> Groups:
    """Join the slots of a packing two by two; those of `balanced` choose their inputs together.

    Parameters
    ----------
    kernel : Kernel
    packing : str
    groups : Groups
        Groups of one slot each, under that packing.
    scores : ndarray of float, shape (n_out, n_in)
    """
    if packing == 'balanced' and balanced.is_free(kernel):
        return _of_two_outputs(kernel, scores)
    return _of_equal_inputs(kernel, groups, scores)


def _of_two_outputs(kernel: Kernel, scores: NDArray[np.float64]) -> Groups:
    """Pair outputs; of each pair the RF inputs with the best weights of both, the next best RF, and so on.

    For these pairs no choice of slots is worth more: it is `balanced` with pairs in the place of outputs.
    """
    pairs = matched_outputs(scores)
    of_pair = np.append(scores, np.zeros((1, kernel.n_in)), axis=0)[pairs]
    inputs = np.argsort(-of_pair.sum(axis=1), axis=1, kind='stable').reshape(len(pairs), -1, kernel.reuse_factor)
    index = pairs[:, None, :, None] * kernel.n_in + inputs[:, :, None, :]
    index = np.where(pairs[:, None, :, None] < 0, -1, index).reshape(-1, 2 * kernel.reuse_factor)
    return Groups(index, np.repeat((pairs >= 0).sum(axis=1), inputs.shape[1]))


def matched_outputs(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pairs of outputs that value the same inputs: greedily, the largest scalar product of scores first.

    Parameters
    ----------
    scores : ndarray of float, shape (n_out, n_in)

    Returns
    -------
    ndarray of int, shape (ceil(n_out / 2), 2)
        The last output of an odd number is alone, beside a -1.
    """
    n_out = len(scores)
    first, second = np.triu_indices(n_out, 1)
    alike = (scores @ scores.T)[first, second]
    free = np.ones(n_out, bool)
    pairs = []
    for number in np.argsort(-alike, kind='stable'):
        a, b = first[number], second[number]
        if free[a] and free[b]:
            free[[a, b]] = False
            pairs.append((a, b))
    pairs += [(a, -1) for a in np.flatnonzero(free)]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _of_equal_inputs(kernel: Kernel, groups: Groups, scores: NDArray[np.float64]) -> Groups:
    """Pair the slots that read the same inputs: the best with the second best, and so on.

    No choice of pairs is worth more for any number of multipliers: j of them hold at most the best 2j slots of their inputs.
    """
    worth = groups.per_weight(scores.ravel()).sum(axis=1)
    lane = _lanes(kernel, groups)
    order = np.lexsort((-worth, lane))
    place = np.arange(order.size) - np.searchsorted(lane[order], lane[order])
    pair = np.cumsum(place % 2 == 0) - 1
    index = np.full((pair[-1] + 1 if pair.size else 0, 2, groups.index.shape[1]), -1, np.int64)
    index[pair, place % 2] = groups.index[order]
    return Groups(index.reshape(len(index), -1), np.bincount(pair, minlength=len(index)))


def _lanes(kernel: Kernel, groups: Groups) -> NDArray[np.int64]:
    """Give a number to the inputs that each group of one slot reads, equal for equal inputs, shape (n_groups,)."""
    if kernel.in_turn:
        return np.zeros(len(groups.index), np.int64)
    _, lane = np.unique(groups.index % kernel.n_in, axis=0, return_inverse=True)
    found: NDArray[np.int64] = lane.ravel()
    return found
