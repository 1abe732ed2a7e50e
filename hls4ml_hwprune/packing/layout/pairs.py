"""Co-occurrence counts: number of outputs with both inputs of a pair, updated while inputs are taken from outputs."""

import numpy as np
from numpy.typing import NDArray

# Pairs remembered from one scan of all pairs to the next.
_REMEMBERED = 4096


class Pairs:
    """Number of outputs for each pair of inputs, which never grows, and the pairs with the highest counts.

    Attributes
    ----------
    counts : ndarray of int, shape (n_in, n_in)
        Upper triangle without the diagonal, so that each pair is there once.
    """

    def __init__(self, has: NDArray[np.int32]) -> None:
        """Count the pairs of `has` (n_out, n_in), 1 where an output has an input."""
        real = has.astype(np.float32)
        self.counts = np.triu(real.T @ real, 1).astype(np.int32)
        self._at_least = int(self.counts.max(initial=0)) + 1
        self._candidates = np.zeros(0, np.int64)

    def remove(self, chosen: NDArray[np.int64], outputs_with: NDArray[np.integer]) -> None:
        """Take the `chosen` inputs from outputs that have them all.

        `outputs_with` (n_in,) is the number of those outputs that had each input.
        """
        for c in chosen:
            self.counts[c, c + 1 :] -= outputs_with[c + 1 :]
            self.counts[:c, c] -= outputs_with[:c]
        # Pairs of two chosen inputs were subtracted twice.
        a, b = np.triu_indices(len(chosen), 1)
        self.counts[chosen[a], chosen[b]] += outputs_with[chosen[0]]

    def most_common(self, number: int) -> list[tuple[int, int]]:
        """Return at most `number` pairs with the highest counts, of at least two outputs, in falling order."""
        self._forget()
        if len(self._candidates) < number and self._at_least > 2:
            self._scan(number)
        counts = self.counts.ravel()[self._candidates]
        best = self._candidates[np.argsort(-counts, kind='stable')[:number]]
        n_in = len(self.counts)
        return [(int(pair) // n_in, int(pair) % n_in) for pair in best]

    def _forget(self) -> None:
        self._candidates = self._candidates[self.counts.ravel()[self._candidates] >= self._at_least]

    def _scan(self, number: int) -> None:
        """Remember the pairs above a threshold count, found by counting, as a sort would be slow."""
        flat = self.counts.ravel()
        reached = np.cumsum(np.bincount(flat)[::-1])[::-1]
        enough = np.flatnonzero(reached >= min(max(number, _REMEMBERED), flat.size))[-1]
        self._at_least = max(2, int(enough))
        self._candidates = np.flatnonzero(flat >= self._at_least)
