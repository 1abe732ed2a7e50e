"""Baseline that a permutation must not fall below: cumulative scores of the identity order."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

# Tolerance of rounding, as a share of a kernel's total score.
_ROUNDING = 1e-12


def block_scores(scores: NDArray, block: NDArray[np.int64]) -> NDArray:
    """Scores of the groups, shape (n_blocks, n_out), from those of the weights, shape (n_in, n_out)."""
    sums = np.zeros((int(block.max()) + 1, scores.shape[1]), scores.dtype)
    np.add.at(sums, block, scores)
    return sums


def kept_by_best(groups: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cumulative scores of the best k groups, for k from 0 to all."""
    return np.concatenate([[0.0], np.cumsum(np.sort(groups, axis=None)[::-1])])


@dataclass(frozen=True)
class Floor:
    """Cumulative scores of the best k groups of the identity order, for k from 0 to all, the last being one."""

    kept: NDArray[np.float64] = field(repr=False)

    def lack(self, kept: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shortfall of `kept` for each k, as a share of the lesser of the kept and the pruned score there."""
        short = self.kept - kept
        return np.where(short > _ROUNDING, short / (np.minimum(self.kept, 1 - self.kept) + _ROUNDING), 0.0)


def repaired(
    scores: NDArray[np.float64], block: NDArray[np.int64], floor: Floor, trials: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Swap random inputs between blocks, and keep the swaps that reduce the shortfall against the floor.

    Most often the smallest groups are too large, by a millionth of the kernel's score: too little for a search over the
    worth of many groups.

    Parameters
    ----------
    scores : ndarray of float, shape (n_in, n_out)
        Scores whose sum is one.
    block : ndarray of int, shape (n_in,)
    floor : Floor
    trials : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n_in,)
        Block of each input; may still be below the floor.
    """
    block, groups = block.copy(), block_scores(scores, block)
    lack = float(floor.lack(kept_by_best(groups)).sum())
    for _ in range(trials):
        if not lack:
            break
        a, b = rng.integers(len(block), size=2)
        pair = [block[a], block[b]]
        if pair[0] == pair[1]:
            continue
        before, change = groups[pair], scores[b] - scores[a]
        groups[pair] += np.stack([change, -change])
        after = float(floor.lack(kept_by_best(groups)).sum())
        if after < lack:
            lack = after
            block[[a, b]] = block[[b, a]]
        else:
            groups[pair] = before
    return block
