"""Permutation search: local search with restarts for an order of inputs that concentrates the scores in few groups."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.order.clustering import clustered, work_of_clusters
from hls4ml_hwprune.packing.order.floor import Floor, block_scores, kept_by_best, repaired
from hls4ml_hwprune.packing.order.swaps import OVERHEAD, Worth, improved, work_of_sweep

# Shares of the groups at which the kept score counts, with equal weights.
_SHARES = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
# Group scores evaluated before the last start, about a tenth of a second to a second and a half.
_LEAST_WORK, _MOST_WORK = 60_000_000, 500_000_000
# Products of scores for the similarity of all inputs, at most; above, the search starts from the identity order.
_MOST_SIMILARITIES = 2**36
_ROUNDS = 12
_SWEEPS = 4
_TRIALS = 1500


def search_work(n_in: int, n_out: int) -> int:
    """Group scores evaluated by the search for an order: an approximate upper bound."""
    return _limit(n_in, n_out) + _sweeps(n_in, n_out) * work_of_sweep(n_in, n_out) + 2 * work_of_clusters(n_in, n_out)


def _limit(n_in: int, n_out: int) -> int:
    return min(max(_SWEEPS * work_of_sweep(n_in, n_out), _LEAST_WORK), _MOST_WORK)


def _sweeps(n_in: int, n_out: int) -> int:
    """Sweeps of one improvement: fewer than four where these alone would be more than the whole work."""
    return max(1, min(_SWEEPS, _MOST_WORK // work_of_sweep(n_in, n_out)))


def concentrated_inputs(scores: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """Order the inputs for the cumulative scores of the best groups of `size` neighbours, at any number of groups.

    No number of the best groups is worth less than in the identity order. Deterministic.

    Parameters
    ----------
    scores : ndarray of float, shape (n_out, n_in)
        Score of each weight, not negative.
    size : int
        Inputs a group; divides n_in.

    Returns
    -------
    ndarray of int, shape (n_in,)
        Inputs ascending within each block of `size`, and blocks by their lowest input.
    """
    total, n_in = scores.sum(), scores.shape[1]
    if not 0 < total < np.inf or not 1 < size < n_in:
        return np.arange(n_in)
    search = _Search(np.ascontiguousarray(scores.T / total), size)
    search.run()
    blocks = np.sort(np.argsort(search.best, kind='stable').reshape(-1, size), axis=1)
    return blocks[np.argsort(blocks[:, 0])].ravel()


@dataclass
class _Search:
    """Search state: `best` holds the block of each input, `worth` the mean over `_SHARES` of the kept score.

    `scores` (n_in, n_out) sum to one.
    """

    scores: NDArray[np.float64] = field(repr=False)
    size: int

    def __post_init__(self) -> None:
        n_in, n_out = self.scores.shape
        self.start = np.arange(n_in) // self.size
        self.floor = Floor(kept_by_best(block_scores(self.scores, self.start)))
        self.best, self.worth, self.work = self.start, self._mean(self.floor.kept), 0
        self.limit, self.sweeps = _limit(n_in, n_out), _sweeps(n_in, n_out)
        self.ranks = np.maximum(np.rint(_SHARES * (len(self.floor.kept) - 1)).astype(int), 1)
        self.single = self.scores.astype(np.float32)
        self.highest = float(np.sort(self.scores, axis=0)[-self.size :].sum(axis=0).max())

    def run(self) -> None:
        """Improve clusters, the identity order, and then perturbed copies of the best blocks, until the work is spent."""
        rng = np.random.default_rng(0)
        clusters = self.scores.size * len(self.scores) <= _MOST_SIMILARITIES
        if clusters:
            self._improve(clustered(np.sqrt(self.scores), self.start, rng), rng)
        if clusters and self.work < self.limit:
            self._improve(clustered(self.scores, self.start, rng), rng)
        if self.work < self.limit:
            self._improve(self.start, rng)
        while self.work < self.limit:
            block = self.best.copy()
            # As long as no order reaches the floor everywhere, start far from the identity.
            share = 1 if self.best is self.start else 8
            some = rng.choice(len(block), max(2, len(block) // share), replace=False)
            block[some] = block[rng.permutation(some)]
            self._improve(block, rng)

    def _improve(self, block: NDArray[np.int64], rng: np.random.Generator) -> None:
        """Improve `block`, with growing weights on ranks below the floor; keep it if it is better than the best."""
        weights: dict[int, float] = {}
        for _ in range(_ROUNDS):
            after, sweeps = improved(self.single, block, self._worth_near(block, weights), self.sweeps, rng)
            self.work += sweeps * work_of_sweep(*self.scores.shape)
            kept = kept_by_best(block_scores(self.scores, after))
            self._keep_if_better(after, kept)
            lack = self.floor.lack(kept)
            if lack.any():
                for rank in {int(lack.argmax()), int((self.floor.kept - kept).argmax())}:
                    weights[rank] = max(2 * weights.get(rank, 0.0), self._least_weight(rank))
            elif (after == block).all():
                break
            block = after
            if self.work >= self.limit:
                break
        if self.best is self.start:
            trials = min(_TRIALS, max(1, self.limit // (OVERHEAD + 20 * (len(self.floor.kept) - 1))))
            self.work += trials * (OVERHEAD + 20 * (len(self.floor.kept) - 1))
            block = repaired(self.scores, block, self.floor, trials, rng)
            self._keep_if_better(block, kept_by_best(block_scores(self.scores, block)))

    def _worth_near(self, block: NDArray[np.int64], weights: dict[int, float]) -> Worth:
        """Hinges at the scores of `block` at the shares, and at scores of the identity order at the ranks of `weights`."""
        own = np.diff(kept_by_best(block_scores(self.scores, block)))[self.ranks - 1]
        given = np.diff(self.floor.kept)[np.array([*weights], np.int64) - 1]
        return Worth.of(np.append(own, given), np.append(np.ones(len(own)), [*weights.values()]), self.highest)

    def _least_weight(self, rank: int) -> float:
        """Weight of a rank below the floor, at first: larger for smaller scores at the rank."""
        n_groups = len(self.floor.kept) - 1
        score = (self.floor.kept[rank] - self.floor.kept[rank - 1]) * n_groups
        return 2.0 / min(max(score, 0.01 / n_groups), 1.0)

    def _keep_if_better(self, block: NDArray[np.int64], kept: NDArray[np.float64]) -> None:
        if self._mean(kept) > self.worth and not self.floor.lack(kept).any():
            self.best, self.worth = block, self._mean(kept)

    @staticmethod
    def _mean(kept: NDArray[np.float64]) -> float:
        return float(kept[np.rint(_SHARES * (len(kept) - 1)).astype(int)].mean())
