"""Clustering of inputs into equal blocks by similarity of their scores, as a start of the permutation search."""

import numpy as np
from numpy.typing import NDArray

# Entries of the similarity matrix read by all sweeps together, at most.
_WORK = 50_000_000
_MOST_SWEEPS = 10


def work_of_clusters(n_in: int, n_out: int) -> int:
    """Operations of a clustering, at most: products of scores, 64 to an operation, and similarities."""
    return n_in * n_in * n_out // 64 + 2 * n_in * n_in * _sweeps(n_in)


def _sweeps(n_in: int) -> int:
    return max(1, min(_MOST_SWEEPS, _WORK // n_in**2))


def clustered(features: NDArray[np.float64], block: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Swap inputs between blocks as long as the similarity within blocks grows; the blocks keep their sizes.

    The similarity of two inputs is the inner product of their features, so that its sum within the blocks is the sum of the
    squared group features: one large group counts more than two of half its size.

    Parameters
    ----------
    features : ndarray of float, shape (n_in, n_out)
    block : ndarray of int, shape (n_in,)
        Initial block of each input.
    rng : numpy.random.Generator
        Source of the order of the inputs.

    Returns
    -------
    ndarray of int, shape (n_in,)
    """
    block, inputs = block.copy(), np.arange(len(block))
    similarity = features @ features.T
    own = np.diag(similarity).copy()
    # Similarity of each input (columns) to each block (rows).
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
