"""Options of a problem in flat arrays, so that one numpy call handles whole kernels."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.selection.knapsack.problem import Problem

#: Relative slack within which sums of floating-point numbers count as equal.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Options:
    """Every (kernel, alternative, k) that can be part of an optimal selection.

    Attributes
    ----------
    value : ndarray, shape (n,)
        Value above the least of the kernel, in units of the total gain.
    cost : ndarray, shape (n, n_resources)
        Cost above the least of the kernel, in units of the remaining budget.
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

    def curve_of(self) -> NDArray[np.int64]:
        """Curve of each option, numbered over all kernels, shape (n,)."""
        change = np.ones(self.alternative.size, bool)
        np.not_equal(self.alternative[1:], self.alternative[:-1], out=change[1:])
        change[self.starts[:-1]] = True
        return np.cumsum(change) - 1

    def owner(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Kernel of each of the options at `positions`."""
        return np.searchsorted(self.starts, positions, side='right') - 1

    def best(self, score: NDArray[np.float64]) -> NDArray[np.int64]:
        """Position of each kernel's option of highest `score`, shape (n_kernels,); the first of equals."""
        return np.array([a + int(np.argmax(score[a:b])) for a, b in pairwise(self.starts)], np.int64)

    def at(self, positions: NDArray[np.int64]) -> 'Options | None':
        """Return the options at `positions`, which ascend; None if a kernel is left without any."""
        starts = np.searchsorted(positions, self.starts)
        if not np.diff(starts).all():
            return None
        return Options(self.value[positions], self.cost[positions], self.alternative[positions], self.k[positions], starts)

    def fits(self, budget: NDArray[np.float64], selection: NDArray[np.int64]) -> bool:
        """Whether a selection, one position a kernel, is within the budget."""
        return bool((self.cost[selection].sum(axis=0) <= budget + TOLERANCE).all())


@dataclass(frozen=True)
class Flattened:
    """A problem in flat arrays: its options, the remaining budget of each resource, and the conversion to its own units."""

    options: Options
    budget: NDArray[np.float64]
    value_unit: float
    value_offset: float


def binding(problem: Problem) -> NDArray[np.bool_]:
    """Mask of the resources that some selection can exhaust, shape (n_resources,)."""
    most = np.sum([np.max([c.most for c in kernel], axis=0) for kernel in problem.kernels], axis=0)
    return np.asarray(problem.budget < most)


def flatten(problem: Problem) -> Flattened | None:
    """Options of `problem` that fit by themselves and that no neighbour dominates; None if some kernel has none.

    Costs count from each kernel's least, in units of the budget less the sum of these least costs, so that numbers are of
    similar size whatever the unavoidable part. Resources that no selection can exhaust drop out.
    """
    bounded = binding(problem)
    least = [np.min([c.least for c in kernel], axis=0)[bounded] for kernel in problem.kernels]
    worst = [min(c.values[0] for c in kernel) for kernel in problem.kernels]
    top = [max(c.values[1] for c in kernel) for kernel in problem.kernels]
    left = problem.budget[bounded] - np.sum(least, axis=0)
    # A remainder within rounding is zero.
    size = np.abs(problem.budget[bounded]) + np.sum(np.abs(least), axis=0)
    if (left < -TOLERANCE * size).any():
        return None
    left = np.where(left <= TOLERANCE * size, 0.0, left)
    scale = np.where(left > 0, left, np.maximum(size, 1.0))
    unit = float(np.sum(top) - np.sum(worst)) or 1.0
    rows: list[list[NDArray]] = [[], [], [], []]
    counts = []
    for kernel, floor, low in zip(problem.kernels, least, worst, strict=True):
        counts.append(0)
        for number, curve in enumerate(kernel):
            cost = curve.cost[:, bounded]
            cost -= floor
            cost /= scale
            positions = _worth_having(curve.value, cost, left / scale)
            rows[0].append((curve.value[positions] - low) / unit)
            rows[1].append(cost[positions])
            rows[2].append(np.full(positions.size, number))
            rows[3].append(positions)
            counts[-1] += positions.size
    if not all(counts):
        return None
    value, cost, alternative, k = (np.concatenate(part) for part in rows)
    options = Options(value, cost, alternative, k, np.concatenate([[0], np.cumsum(counts)]))
    return Flattened(options, left / scale, unit, float(np.sum(worst)))


def positions_of(problem: Problem, options: Options, start: Sequence[tuple[int, int]]) -> NDArray[np.int64] | None:
    """Positions of options that cost no more than those of a selection; None if a kernel has none."""
    found = []
    for kernel, (a, k) in enumerate(start):
        span = np.arange(options.starts[kernel], options.starts[kernel + 1])
        span = span[options.alternative[span] == a]
        curve = problem.kernels[kernel][a]
        span = span[(curve.cost[options.k[span]] <= curve.cost[k]).all(axis=1)]
        if not span.size:
            return None
        found.append(int(span[options.value[span].argmax()]))
    return np.array(found, np.int64)


def _worth_having(value: NDArray[np.float64], cost: NDArray[np.float64], budget: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions of the options of a curve that fit by themselves and that no neighbour dominates."""
    kept = _all(cost <= budget + TOLERANCE).nonzero()[0]
    value, cost = value[kept], cost[kept]
    for beaten in (_by_the_one_before, _by_the_one_after):
        stay = ~beaten(value, cost)
        if not stay.all():
            kept, value, cost = kept[stay], value[stay], cost[stay]
    if (cost[1:] >= cost[:-1]).all():
        # Where costs only rise, an option must also be worth more than all before it.
        more = value[1:] > np.maximum.accumulate(value)[:-1]
        kept = kept[np.concatenate([np.ones(min(1, value.size), bool), more])]
    return kept


def _all(holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each row holds throughout: a few long columns take less time than many short rows."""
    found = np.ones(len(holds), bool)
    for column in holds.T:
        found &= column
    return found


def _by_the_one_before(value: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.bool_]:
    beaten = (value[1:] <= value[:-1]) & _all(cost[1:] >= cost[:-1])
    return np.concatenate([np.zeros(min(1, value.size), bool), beaten])


def _by_the_one_after(value: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.bool_]:
    beaten = (value[1:] > value[:-1]) & _all(cost[1:] <= cost[:-1])
    return np.concatenate([beaten, np.zeros(min(1, value.size), bool)])
