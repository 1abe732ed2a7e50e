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
    block, groups, done, moved = block.copy(), block_scores(scores, block), 0, True
    n_in, tried = len(block), _partners(*scores.shape)
    worths = worth(groups)
    # Smaller gains are rounding errors.
    least = 1e-5 * float(worths.mean())
    # Turns at which each block changed last, and at which each input was tried last.
    turn, changed, tried_at = 0, np.zeros(len(groups), np.int64), [-1] * n_in
    while moved and done < sweeps:
        moved, done = False, done + 1
        for a in rng.permutation(n_in).tolist():
            here, turn = int(block[a]), turn + 1
            if tried < n_in:
                partners = rng.integers(n_in, size=tried)
                partners = partners[block[partners] != here]
            elif changed[here] > tried_at[a]:
                partners = (block != here).nonzero()[0]
            else:
                # No swap gained at the input's last turn, so that only blocks that changed since may have a better one.
                fresh = changed > tried_at[a]
                fresh[here] = False
                partners = fresh[block].nonzero()[0]
            tried_at[a] = turn
            if not partners.size:
                continue
            there, change = block[partners], scores[partners] - scores[a]
            after = np.empty((2, *change.shape), change.dtype)
            np.add(groups[here], change, out=after[0])
            np.subtract(groups[there], change, out=after[1])
            both = worth(after)
            gain = both[0] + both[1] - worths[here] - worths[there]
            best = int(gain.argmax())
            if gain[best] <= least:
                continue
            other = int(there[best])
            pair = [here, other]
            groups[pair], worths[pair] = after[:, best], both[:, best]
            block[a], block[partners[best]] = other, here
            changed[pair], tried_at[a] = turn, -1
            moved = True
    return block, done
