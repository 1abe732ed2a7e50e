"""A start for the search of an order of inputs: blocks of inputs that are worth much to the same outputs."""

import numpy as np
from numpy.typing import NDArray

# Entries of the similarity matrix that all sweeps together may read.
_WORK = 50_000_000
_MOST_SWEEPS = 10


def work_of_clusters(n_in: int, n_out: int) -> int:
    """Operations of a clustering at the most: products of scores, 64 to an operation, and similarities."""
    return n_in * n_in * n_out // 64 + 2 * n_in * n_in * _sweeps(n_in)


def _sweeps(n_in: int) -> int:
    return max(1, min(_MOST_SWEEPS, _WORK // n_in**2))


def clustered(features: NDArray[np.float64], block: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Swap inputs between blocks as long as the similarity within blocks grows; the blocks keep their sizes.

    The similarity of two inputs is the inner product of their features, so that its sum within the blocks is that of the
    squared group features: a group that has much counts more than two that have half of it each.

    Parameters
    ----------
    features : ndarray of float, shape (n_in, n_out)
    block : ndarray of int, shape (n_in,)
        Block of each input to start from.
    rng : numpy.random.Generator
        For the order of the inputs.

    Returns
    -------
    ndarray of int, shape (n_in,)
    """
    block, inputs = block.copy(), np.arange(len(block))
    similarity = features @ features.T
    own = np.diag(similarity).copy()
    # How similar each input (columns) is to each block (rows).
    likeness = np.zeros((int(block.max()) + 1, len(block)))
    np.add.at(likeness, block, similarity)
    least = 1e-12 * float(similarity.max())
    for _ in range(_sweeps(len(block))):
        moved = False
        for a in rng.permutation(len(block)):
            here = block[a]
            gain = likeness[block, a] - likeness[here, a] + own[a]
            gain += likeness[here] - likeness[block, inputs] + own - 2 * similarity[a]
            gain[block == here] = 0
            b = int(gain.argmax())
            if gain[b] > least:
                there = block[b]
                likeness[here] += similarity[b] - similarity[a]
                likeness[there] += similarity[a] - similarity[b]
                block[a], block[b] = there, here
                moved = True
        if not moved:
            break
    return block
