"""What an order of inputs must not fall below: what the best groups of the given order are worth."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

# Share of what a kernel is worth that rounding may cost.
_ROUNDING = 1e-12


def block_scores(scores: NDArray, block: NDArray[np.int64]) -> NDArray:
    """Scores of the groups, shape (n_blocks, n_out), from those of the weights, shape (n_in, n_out)."""
    sums = np.zeros((int(block.max()) + 1, scores.shape[1]), scores.dtype)
    np.add.at(sums, block, scores)
    return sums


def kept_by_best(groups: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the best k groups are worth together, for k from 0 to all."""
    return np.concatenate([[0.0], np.cumsum(np.sort(groups, axis=None)[::-1])])


@dataclass(frozen=True)
class Floor:
    """What the best k groups of the given order are worth, for k from 0 to all, the last being one."""

    kept: NDArray[np.float64] = field(repr=False)

    def lack(self, kept: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far `kept` is below, for each k, as a share of what is kept or of what is pruned there if that is less."""
        short = self.kept - kept
        return np.where(short > _ROUNDING, short / (np.minimum(self.kept, 1 - self.kept) + _ROUNDING), 0.0)


def repaired(
    scores: NDArray[np.float64], block: NDArray[np.int64], floor: Floor, trials: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Swap inputs by lot between blocks and keep the swaps that bring a few groups that lack something up to the floor.

    Most often it is the least of the groups that are not small enough, by a millionth of what the kernel is worth: too
    little for a search that looks at the worth of many groups.

    Parameters
    ----------
    scores : ndarray of float, shape (n_in, n_out)
        Their sum is one.
    block : ndarray of int, shape (n_in,)
    floor : Floor
    trials : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n_in,)
        May still be below the floor.
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
