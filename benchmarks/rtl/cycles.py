"""Ways to choose slot and cycle of the weights that `balanced` keeps: all are free within one output."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.rtl.placement import Kept, Placement, cost
from benchmarks.rtl.streams import streamed


def _in_order(kept: Kept, reuse_factor: int) -> Placement:
    """Fill the slots of each output with its inputs in the order given."""
    rows, outputs = [], []
    for output, inputs in enumerate(kept):
        for start in range(0, len(inputs), reuse_factor):
            part = inputs[start : start + reuse_factor]
            rows.append(np.pad(part, (0, reuse_factor - len(part)), constant_values=-1))
            outputs.append(output)
    table = np.array(rows, np.int64).reshape(-1, reuse_factor)
    return Placement(table, np.array(outputs, np.int64), np.zeros((0, reuse_factor), np.int64))


def random(kept: Kept, n_in: int, reuse_factor: int) -> Placement:
    """Slots and cycles by lot, from a fixed seed."""
    rng = np.random.default_rng(2)
    return _in_order([rng.permutation(inputs) for inputs in kept], reuse_factor)


def crude(kept: Kept, n_in: int, reuse_factor: int) -> Placement:
    """Spread the inputs over cycles by their index: cycle 0 gets the lowest."""
    ordered = []
    for inputs in kept:
        slots = -(-len(inputs) // reuse_factor)
        padded = np.pad(np.sort(inputs), (0, slots * reuse_factor - len(inputs)), constant_values=-1)
        ordered.append(padded.reshape(reuse_factor, slots).T.ravel())
    return _in_order(ordered, reuse_factor)


def repeated(kept: Kept, n_in: int, reuse_factor: int, tried: int = 48) -> Placement:
    """Let outputs that keep the same RF inputs use them in the same cycles: then their slots share one multiplexer.

    Takes, again and again, the set of RF inputs that most outputs still have, grown from the pairs that most outputs have.
    """
    has = np.zeros((len(kept), n_in), np.int32)
    for output, inputs in enumerate(kept):
        has[output, inputs] = 1
    first: list[list[int]] = [[] for _ in kept]
    pairs = _pairs(has)
    while True:
        best: tuple[int, list[int]] = (1, [])
        for pair in _most_common(pairs, tried):
            a, b = divmod(int(pair), n_in)
            if pairs[a, b] <= best[0]:
                break
            chosen, outputs = [a, b], (has[:, a] & has[:, b]).astype(bool)
            while len(chosen) < reuse_factor and outputs.sum() > best[0]:
                counts = has[outputs].sum(axis=0)
                counts[chosen] = 0
                chosen.append(int(counts.argmax()))
                outputs &= has[:, chosen[-1]].astype(bool)
            best = max(best, (int(outputs.sum()), chosen), key=lambda found: found[0])
        if not best[1]:
            break
        found = np.flatnonzero(has[:, best[1]].all(axis=1))
        pairs -= _pairs(has[found])
        has[np.ix_(found, np.array(best[1]))] = 0
        pairs += _pairs(has[found])
        for output in found:
            first[output] += sorted(best[1])
    return _in_order(
        [np.array([*f, *np.flatnonzero(row)], np.int64) for f, row in zip(first, has, strict=True)], reuse_factor
    )


def _pairs(has: NDArray[np.int32]) -> NDArray[np.int32]:
    """How many outputs have both inputs of each pair, each pair once."""
    real = has.astype(np.float32)
    return np.triu(real.T @ real, 1).astype(np.int32)


def _most_common(pairs: NDArray[np.int32], number: int) -> NDArray[np.int64]:
    """Flat positions of the pairs with the highest counts, highest first; no sort of all pairs, which is slow."""
    flat = pairs.ravel()
    at_least = np.cumsum(np.bincount(flat)[::-1])[::-1]
    candidates = np.flatnonzero(flat >= np.flatnonzero(at_least >= min(number, flat.size))[-1])
    return candidates[np.argsort(-flat[candidates], kind='stable')[:number]]


def shared(kept: Kept, n_in: int, reuse_factor: int) -> Placement:
    """Return the cheapest of all ways above."""
    ways: list[Callable[[Kept, int, int], Placement]] = [crude, repeated]
    if 4 < reuse_factor < n_in:
        ways.append(streamed)
    return min((way(kept, n_in, reuse_factor) for way in ways), key=cost)


CHOICES: dict[str, Callable[[Kept, int, int], Placement]] = {'random': random, 'crude': crude, 'shared': shared}
