"""Searches for shared multiplexers find the same layouts as plain definitions of them."""

import numpy as np
import pytest

from hls4ml_hwprune.packing.layout.cycles import _most_repeated
from hls4ml_hwprune.packing.layout.holes import Holes
from hls4ml_hwprune.packing.layout.pairs import Pairs


def cost(room):
    """Cost of a layout by its definition."""
    holes = np.maximum(room, 0)
    total = holes.sum(axis=0)
    return np.maximum(holes.max(axis=0), (total + 3) // 4).sum() + 0.1 * total.sum()


@pytest.mark.parametrize('seed', range(3))
def test_costs_of_swaps_are_those_of_the_layouts_after_them(seed):
    rng = np.random.default_rng(seed)
    room = rng.integers(-2, 4, (6, 20)).astype(np.int32)
    holes = Holes(room.copy())
    assert holes.cost() == cost(room)
    for _ in range(60):
        cycles = np.array([rng.permutation(6)[:2] for _ in range(4)])
        change = rng.integers(-1, 2, (4, 20)).astype(np.int32)
        after = [room.copy() for _ in cycles]
        for one, (here, there), by in zip(after, cycles, change, strict=True):
            one[here] += by
            one[there] -= by
        np.testing.assert_array_equal(holes.costs(change, *cycles.T), [cost(one) for one in after])
        holes.swap(change[0], *map(int, cycles[0]))
        room = after[0]
        assert holes.cost() == cost(room)


def grown(has, pair, reuse_factor):
    """Number of outputs that share a set of inputs, which begins with a pair and grows by the most common input."""
    chosen, rows = list(pair), has[has[:, pair].all(axis=1)]
    while len(chosen) < reuse_factor:
        counts = rows.sum(axis=0)
        counts[chosen] = 0
        chosen.append(int(counts.argmax()))
        rows = rows[rows[:, chosen[-1]] > 0]
    return len(rows), sorted(chosen)


@pytest.mark.parametrize('seed', range(8))
def test_the_set_of_inputs_is_the_first_of_those_that_most_outputs_share(seed):
    rng = np.random.default_rng(seed)
    has = (rng.random((40, 24)) < 0.55).astype(np.int32)
    reuse_factor = int(rng.integers(2, 6))
    best = (1, None)
    for pair in Pairs(has).most_common(48):
        best = max(best, grown(has, list(pair), reuse_factor), key=lambda found: found[0])
    found = _most_repeated(has, Pairs(has), reuse_factor, 48)
    assert best[1] == (None if found is None else found.tolist())


def test_outputs_without_a_common_set_have_none():
    assert _most_repeated(np.eye(4, dtype=np.int32), Pairs(np.eye(4, dtype=np.int32)), 2, 48) is None
