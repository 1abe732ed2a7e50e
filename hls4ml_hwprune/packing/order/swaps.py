"""Local search by swaps of inputs between blocks, to concentrate the scores of the groups."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.order.floor import block_scores

_BINS = 16384
# Group scores of all partners tried for one input, and least number of partners.
_AT_ONCE, _LEAST_PARTNERS = 65_536, 32
# Scores at the middles of the bins, as shares of the highest: bins are narrower for small scores.
_MIDDLES = ((np.arange(_BINS) + 0.5) / (_BINS - 1)) ** 4
# Group scores of all partners of the inputs that have their turns at once: after a swap, and at most.
_FEW_TOGETHER, _TOGETHER = 4_096, 16_384
# Overhead of one input's turn, in group scores evaluated in the same time.
OVERHEAD = 15_000


@dataclass(frozen=True)
class Worth:
    """A sum of hinges, max(score - threshold, 0), tabulated.

    The sum of the k largest scores is the least value, over all thresholds, of k * threshold + the sum of the hinges; it
    is reached where the threshold is the k-th score. So raising the hinges' sum at the scores of some ranks raises the kept
    score at those ranks, and a swap is judged without sorting.
    """

    table: NDArray[np.float32] = field(repr=False)
    scale: np.float32

    @classmethod
    def of(cls, thresholds: NDArray[np.float64], weights: NDArray[np.float64], highest: float) -> 'Worth':
        """Tabulate hinges for scores from 0 to `highest`; bins are narrower for small scores."""
        middle = _MIDDLES * highest
        table, typical = np.zeros(_BINS), float(np.mean(thresholds))
        places = np.searchsorted(middle, thresholds).tolist()
        for threshold, weight, place in zip(thresholds.tolist(), weights.tolist(), places, strict=True):
            # A hinge to the other side differs by a constant of all orders, and small numbers round less.
            if threshold > typical:
                table[place:] += weight * (middle[place:] - threshold)
            else:
                table[:place] += weight * (threshold - middle[:place])
        return cls(table.astype(np.float32), np.float32((_BINS - 1) / highest**0.25))

    def __call__(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the worth of the groups along the last axis together."""
        # Differences of scores may round to just below zero.
        place = np.maximum(scores, 0)
        np.sqrt(np.sqrt(place, out=place), out=place)
        place *= self.scale
        return self.table.take(place.astype(np.int32), mode='clip').sum(axis=-1)


def _partners(n_in: int, n_out: int) -> int:
    return min(n_in, max(_LEAST_PARTNERS, _AT_ONCE // n_out))


def work_of_sweep(n_in: int, n_out: int) -> int:
    """Group scores evaluated by one sweep, overhead included."""
    return n_in * (OVERHEAD + 2 * _partners(n_in, n_out) * n_out)


def improved(
    scores: NDArray[np.float32], block: NDArray[np.int64], worth: Worth, sweeps: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], int]:
    """Give each input in turn its best swap, as long as that raises the worth.

    Parameters
    ----------
    scores : ndarray of float, shape (n_in, n_out)
    block : ndarray of int, shape (n_in,)
        Initial block of each input.
    worth : Worth
    sweeps : int
        Turns of each input, at most.
    rng : numpy.random.Generator
        Source of the order of the inputs, and of partners to try where there are many.

    Returns
    -------
    block : ndarray of int, shape (n_in,)
    done : int
        Number of sweeps done.
    """
    state, done, moved = _State.of(scores, block, worth), 0, True
    while moved and done < sweeps:
        moved, done = _sweep(state, rng), done + 1
    return state.block, done


@dataclass
class _State:
    """Blocks of a search, with the scores and the worth of their groups, and the turns at which all this changed last.

    An input whose last swap gained nothing is tried again only with the blocks that changed since. `tried_at` is -1 where
    all blocks are to be tried.
    """

    scores: NDArray[np.float32]
    worth: Worth
    block: NDArray[np.int64]
    groups: NDArray[np.float32]
    worths: NDArray[np.float32]
    least: float
    changed: NDArray[np.int64]
    tried_at: NDArray[np.int64]
    turn: int = 0

    @classmethod
    def of(cls, scores: NDArray[np.float32], block: NDArray[np.int64], worth: Worth) -> '_State':
        groups = block_scores(scores, block)
        worths = worth(groups)
        # Smaller gains are rounding errors.
        least = 1e-5 * float(worths.mean())
        turns = np.zeros(len(groups), np.int64), np.full(len(block), -1)
        return cls(scores, worth, block.copy(), groups, worths, least, *turns)

    def pairs(self, inputs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of `inputs`, by their numbers, with partners of other blocks, where a swap may gain."""
        here, tried_at = self.block[inputs], self.tried_at[inputs][:, None]
        fresh = (self.changed[here][:, None] > tried_at) | (self.changed[self.block] > tried_at)
        number, partner = (fresh & (here[:, None] != self.block)).nonzero()
        return number, partner

    def swap(self, inputs: NDArray[np.int64], number: NDArray[np.int64], partner: NDArray[np.int64]) -> int | None:
        """Let the first of `inputs` that gains by a swap have its best one, and return its number; None if none gains."""
        turns, self.turn = self.turn + 1 + np.arange(len(inputs)), self.turn + len(inputs)
        here, there = self.block[inputs][number], self.block[partner]
        change = self.scores[partner] - self.scores[inputs[number]]
        after = np.empty((2, *change.shape), change.dtype)
        np.add(self.groups[here], change, out=after[0])
        np.subtract(self.groups[there], change, out=after[1])
        both = self.worth(after)
        gain = (both[0] + both[1] - self.worths[here] - self.worths[there]).astype(np.float64)
        gaining = (gain > self.least).nonzero()[0]
        if not gaining.size:
            self.tried_at[inputs] = turns
            return None
        first = int(number[gaining[0]])
        low, high = np.searchsorted(number, (first, first + 1))
        best = low + int(gain[low:high].argmax())
        pair = [here[best], there[best]]
        self.groups[pair], self.worths[pair] = after[:, best], both[:, best]
        self.block[inputs[first]], self.block[partner[best]] = pair[1], pair[0]
        self.tried_at[inputs[:first]], self.tried_at[inputs[first]] = turns[:first], -1
        self.changed[pair] = turns[first]
        return first


def _sweep(state: _State, rng: np.random.Generator) -> bool:
    """Give each input a turn; whether any swap gained. Several have their turns at once, up to the first that gains."""
    n_in, n_out = state.scores.shape
    order, tried = rng.permutation(n_in), _partners(n_in, n_out)
    few, most = (max(1, scores // (n_in * n_out)) for scores in (_FEW_TOGETHER, _TOGETHER))
    at, together, moved = 0, few, False
    while at < n_in:
        if tried < n_in:
            inputs, partner = order[at : at + 1], rng.integers(n_in, size=tried)
            partner = partner[state.block[partner] != state.block[inputs]]
            number = np.zeros(partner.size, np.int64)
        else:
            inputs = order[at : at + together]
            number, partner = state.pairs(inputs)
        first = state.swap(inputs, number, partner)
        moved |= first is not None
        at += len(inputs) if first is None else first + 1
        together = min(2 * together, most) if first is None else few
    return moved
