"""Slots and cycles of weights kept by `balanced`, free within an output: greedy search for shared multiplexers, or none."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.layout.pairs import Pairs
from hls4ml_hwprune.packing.layout.placement import Kept, Placement, in_order


def crude(kept: Kept, n_in: int, reuse_factor: int) -> Placement:
    """Assign inputs to cycles by index, without a search: cycle 0 gets the lowest."""
    ordered = []
    for inputs in kept:
        slots = -(-len(inputs) // reuse_factor)
        padded = np.pad(np.sort(inputs), (0, slots * reuse_factor - len(inputs)), constant_values=-1)
        ordered.append(padded.reshape(reuse_factor, slots).T.ravel())
    return in_order(ordered, reuse_factor)


def repeated(kept: Kept, n_in: int, reuse_factor: int, tried: int = 48) -> Placement:
    """Let outputs that keep the same RF inputs use them in the same cycles: then their slots share one multiplexer.

    Greedy: takes in each step the set of RF inputs that most outputs still have, grown from the most common pairs.

    Parameters
    ----------
    kept : sequence of ndarray of int
        Inputs of each output; their number a multiple of the reuse factor.
    n_in, reuse_factor : int
    tried : int
        Pairs from which a set is grown, in each step.

    Returns
    -------
    Placement
    """
    has = np.zeros((len(kept), n_in), np.int32)
    for output, inputs in enumerate(kept):
        has[output, inputs] = 1
    first: list[list[int]] = [[] for _ in kept]
    pairs = Pairs(has)
    while (chosen := _most_repeated(has, pairs, reuse_factor, tried)) is not None:
        found = np.flatnonzero(has[:, chosen].all(axis=1))
        pairs.remove(chosen, has[found].sum(axis=0))
        has[np.ix_(found, chosen)] = 0
        for output in found:
            first[output] += chosen.tolist()
    return in_order(
        [np.array([*f, *np.flatnonzero(row)], np.int64) for f, row in zip(first, has, strict=True)], reuse_factor
    )


def _most_repeated(has: NDArray[np.int32], pairs: Pairs, reuse_factor: int, tried: int) -> NDArray[np.int64] | None:
    """Return a set of inputs, ascending, that several outputs share; None if there is none."""
    growth, best = _Growth(has, reuse_factor), (1, np.zeros(0, np.int64))
    for a, b in pairs.most_common(tried):
        if pairs.counts[a, b] <= best[0]:
            break
        best = growth.of(a, b, best[0]) or best
    return np.sort(best[1]) if best[1].size else None


class _Growth:
    """Growth of pairs of inputs to sets of RF: in each step by the input that most of the outputs left have.

    Inputs that all outputs left have come first. So once these are in, the outputs left tell all further steps, and a pair
    that comes to the same outputs as one before it grows to no better set.
    """

    def __init__(self, has: NDArray[np.int32], reuse_factor: int) -> None:
        # The narrowest type that holds the number of outputs is added fastest.
        self.has = has.astype(np.min_scalar_type(len(has)))
        self.columns = np.ascontiguousarray(self.has.T, bool)
        self.reuse_factor = reuse_factor
        self.seen: set[bytes] = set()

    def of(self, a: int, b: int, known: int) -> tuple[int, NDArray[np.int64]] | None:
        """Grow a pair to inputs that more than `known` outputs share: their number, and the inputs; None if fewer do."""
        rows, chosen = (self.columns[a] & self.columns[b]).nonzero()[0], np.array([a, b])
        while (key := rows.tobytes()) not in self.seen:
            counts = np.add.reduce(self.has.take(rows, axis=0), axis=0, dtype=self.has.dtype)
            shared = counts == len(rows)
            if np.count_nonzero(shared) >= self.reuse_factor:
                shared[chosen] = False
                return len(rows), np.concatenate([chosen, shared.nonzero()[0]])[: self.reuse_factor]
            self.seen.add(key)
            if np.count_nonzero(counts > known) < self.reuse_factor:
                return None
            counts[shared] = 0
            best = int(counts.argmax())
            shared[best] = True
            chosen, rows = shared.nonzero()[0], rows[self.columns[best][rows]]
        return None
