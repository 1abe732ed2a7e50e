"""Greedy backward elimination of weights from least-squares problems, many outputs side by side.

Hassibi, Stork, "Second order derivatives for network pruning", NIPS 1992; output by output as in Frantar, Alistarh, "Optimal
Brain Compression", NeurIPS 2022: all outputs have the same inputs, and so the same Hessian.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Numbers in the inverses of the outputs that are handled at a time: some tens of megabytes.
_CHUNK = 2**22
# Weights that are eliminated before the inverses are brought up to date, which is one large product of matrices.
_BLOCK = 64
# Share of the weights that are left above which the inverse of all is brought up to date, and no new one is calculated.
_MOST_GONE = 0.6

Eliminated = tuple[NDArray[np.int64], NDArray[np.float64]]


def eliminate_outputs(weights: NDArray[np.float64], hessian: NDArray[np.float64]) -> Iterator[tuple[int, *Eliminated]]:
    """Eliminate the weights of every output.

    Parameters
    ----------
    weights : ndarray of float, shape (n_out, n_in)
        Zeros are gone from the start.
    hessian : ndarray of float, shape (n_in, n_in)
        Positive definite.

    Yields
    ------
    int
        Output; those of most weights first, and none without any.
    ndarray of int, shape (n,)
        Its n weights in reverse order of elimination.
    ndarray of float, shape (n + 1,)
        Sum of squared errors, weighted by the Hessian, with the first k of these kept and refitted.
    """
    counts = np.count_nonzero(weights, axis=1)
    outputs = np.argsort(-counts, kind='stable')
    whole, first = np.linalg.inv(hessian), 0
    while first < outputs.size and (size := int(counts[outputs[first]])):
        rows = outputs[first : first + max(1, _CHUNK // size**2)]
        first += rows.size
        # Weights that others of the chunk have more are zeros of inputs of their own.
        live = np.argsort(weights[rows] == 0, axis=1, kind='stable')[:, :size]
        left = np.take_along_axis(weights[rows], live, axis=1)
        order, loss = eliminate(left, _inverses(hessian, whole, live, left != 0))
        names = np.take_along_axis(live, order, axis=1)
        for row, own, lost in zip(rows.tolist(), names, loss, strict=True):
            yield row, own[: counts[row]], lost[: counts[row] + 1]


def _inverses(
    hessian: NDArray[np.float64], whole: NDArray[np.float64], live: NDArray[np.int64], there: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Inverses of the Hessians of the weights `live`, shape (m, n), without correlations of those that are not `there`.

    `whole` is the inverse of the Hessian of all weights.
    """
    if live.shape[1] == len(hessian) and there.all():
        return np.broadcast_to(whole, (len(live), *whole.shape))
    found = np.zeros((*live.shape, live.shape[1]))
    for own, numbers, exists in zip(found, live, there, strict=True):
        n = np.count_nonzero(exists)
        own[:n, :n] = _inverse_of(hessian, whole, numbers[:n])
        own[np.arange(n, len(own)), np.arange(n, len(own))] = 1.0
    return found


def _inverse_of(hessian: NDArray[np.float64], whole: NDArray[np.float64], live: NDArray[np.int64]) -> NDArray[np.float64]:
    """Inverse of the Hessian of the weights `live`: its own, or where few are gone `whole` without these."""
    if live.size < _MOST_GONE * len(hessian):
        return np.linalg.inv(hessian[np.ix_(live, live)])
    gone = np.setdiff1d(np.arange(len(hessian)), live)
    coupling = whole[np.ix_(live, gone)]
    found: NDArray[np.float64] = whole[np.ix_(live, live)]
    return found - coupling @ np.linalg.solve(whole[np.ix_(gone, gone)], coupling.T)


def eliminate(weights: NDArray[np.float64], inverse: NDArray[np.float64]) -> Eliminated:
    """Eliminate weights greedily, the one of the least loss first, each output apart from the others.

    Parameters
    ----------
    weights : ndarray of float, shape (m, n)
    inverse : ndarray of float, shape (m, n, n)
        Inverse of the Hessian of each output.

    Returns
    -------
    order : ndarray of int, shape (m, n)
        Weights in reverse order of elimination.
    loss : ndarray of float, shape (m, n + 1)
        Sum of squared errors, weighted by the Hessian, with the first k of `order` kept and refitted.
    """
    m, n = weights.shape
    order, loss, left = np.empty((m, n), np.int64), np.zeros((m, n + 1)), np.tile(np.arange(n), (m, 1))
    for end in range(n, 0, -_BLOCK):
        block = _Block(weights, inverse, min(_BLOCK, end))
        for k in range(end - 1, max(0, end - _BLOCK) - 1, -1):
            gone, lost = block.drop()
            order[:, k] = left[np.arange(m), gone]
            loss[:, k] = loss[:, k + 1] + lost
        weights, inverse, kept = block.rest()
        left = np.take_along_axis(left, kept, axis=1)
    return order, loss


class _Block:
    """Elimination of a block of weights; the inverses stay as they are meanwhile, less a matrix of low rank."""

    def __init__(self, weights: NDArray[np.float64], inverse: NDArray[np.float64], size: int) -> None:
        self._rows = np.arange(len(weights))
        self._weights = weights.copy()
        self._inverse = inverse
        self._diagonal = np.einsum('mii->mi', inverse).copy()
        self._gone = np.zeros(weights.shape, bool)
        # The inverses without the weights that are gone are `inverse` less the products of these with themselves.
        self._roots = np.zeros((*weights.shape, size))
        self._n_gone = 0

    def drop(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Eliminate one weight of each output; return its position and the loss, shape (m,) each."""
        costs = np.square(self._weights) / self._diagonal
        costs[self._gone] = np.inf
        cheapest = costs.argmin(axis=1)
        at = self._rows, cheapest
        before = self._roots[:, :, : self._n_gone]
        column = self._inverse[at] - (before @ before[at][:, :, None])[:, :, 0]
        pivot = self._diagonal[at]
        self._weights -= column * (self._weights[at] / pivot)[:, None]
        root = column / np.sqrt(pivot)[:, None]
        self._roots[:, :, self._n_gone] = root
        self._diagonal -= np.square(root)
        self._gone[at] = True
        self._diagonal[self._gone] = 1.0
        self._n_gone += 1
        return cheapest, costs[at]

    def rest(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Weights that are left, the inverses of their Hessians, and their positions."""
        kept = np.argsort(self._gone, axis=1, kind='stable')[:, : self._gone.shape[1] - self._n_gone]
        roots = np.take_along_axis(self._roots, kept[:, :, None], axis=1)
        inverse = np.stack([own[np.ix_(some, some)] for own, some in zip(self._inverse, kept, strict=True)])
        inverse -= roots @ roots.transpose(0, 2, 1)
        return np.take_along_axis(self._weights, kept, axis=1), inverse, kept
