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
    best: tuple[int, list[int]] = (1, [])
    for a, b in pairs.most_common(tried):
        if pairs.counts[a, b] <= best[0]:
            break
        chosen, rows = [a, b], has[(has[:, a] & has[:, b]).astype(bool)]
        while len(chosen) < reuse_factor and len(rows) > best[0]:
            counts = rows.sum(axis=0)
            counts[chosen] = 0
            chosen.append(int(counts.argmax()))
            rows = rows[rows[:, chosen[-1]].astype(bool)]
        best = max(best, (len(rows), chosen), key=lambda found: found[0])
    return np.sort(np.array(best[1], np.int64)) if best[1] else None
