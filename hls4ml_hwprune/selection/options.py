"""All options of a problem in flat arrays, so that whole kernels are handled by one numpy call."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.problem import Curve, Problem


@dataclass(frozen=True)
class Options:
    """Every (kernel, alternative, k) that can be part of an optimal selection.

    Attributes
    ----------
    value : ndarray, shape (n,)
    cost : ndarray, shape (n, n_resources)
        In units of the budget, which is then 1 (0 stays 0) for every resource.
    alternative, k : ndarray of int, shape (n,)
    starts : ndarray of int, shape (n_kernels + 1,)
        Options of kernel i are `starts[i]` to `starts[i + 1]`.
    """

    value: NDArray[np.float64]
    cost: NDArray[np.float64]
    alternative: NDArray[np.int64]
    k: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def n_kernels(self) -> int:
        """Number of kernels."""
        return len(self.starts) - 1

    def kernel_of(self) -> NDArray[np.int64]:
        """Kernel of each option, shape (n,)."""
        return np.repeat(np.arange(self.n_kernels), np.diff(self.starts))

    def best(self, score: NDArray[np.float64]) -> NDArray[np.int64]:
        """Position of each kernel's option of highest `score`, shape (n_kernels,); the first of equals."""
        return np.array([a + int(np.argmax(score[a:b])) for a, b in pairwise(self.starts)], np.int64)

    def subset(self, keep: NDArray[np.bool_]) -> 'Options':
        """Return the options marked in `keep`."""
        counts = np.add.reduceat(keep.astype(np.int64), self.starts[:-1])
        starts = np.concatenate([[0], np.cumsum(counts)])
        return Options(self.value[keep], self.cost[keep], self.alternative[keep], self.k[keep], starts)


def flatten(problem: Problem) -> tuple[Options, NDArray[np.float64]]:
    """Options of `problem` without those that another one of the same curve beats, and the scaled budget.

    Resources without a bound drop out; the others are divided by their bounds, so that numbers are alike in size.
    """
    bounded = np.isfinite(problem.budget)
    scale = np.where(problem.budget[bounded] > 0, problem.budget[bounded], 1.0)
    values, costs, alternatives, ks, counts = [], [], [], [], []
    for kernel in problem.kernels:
        count = 0
        for number, curve in enumerate(kernel):
            kept = np.flatnonzero(_worth_having(curve))
            values.append(curve.value[kept])
            costs.append(curve.cost[kept][:, bounded] / scale)
            alternatives.append(np.full(kept.size, number))
            ks.append(kept)
            count += kept.size
        counts.append(count)
    options = Options(
        np.concatenate(values),
        np.concatenate(costs),
        np.concatenate(alternatives),
        np.concatenate(ks),
        np.concatenate([[0], np.cumsum(counts)]),
    )
    return options, problem.budget[bounded] / scale


def _worth_having(curve: Curve) -> NDArray[np.bool_]:
    """Options that are worth more than every cheaper one before them; all where costs do not rise with k."""
    if np.any(np.diff(curve.cost, axis=0) < 0):
        return np.ones(curve.value.shape, dtype=bool)
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(curve.value)[:-1]])
    return curve.value > best_before
