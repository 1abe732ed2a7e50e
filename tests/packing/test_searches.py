"""Searches that evaluate several steps at once find the same as one step after the other."""

import numpy as np
import pytest

from hls4ml_hwprune.packing.layout import common
from hls4ml_hwprune.packing.order import swaps
from hls4ml_hwprune.packing.order.floor import block_scores
from hls4ml_hwprune.packing.order.swaps import Worth, improved


def one_by_one(scores, block, worth, sweeps, rng):
    """Each input tries all partners in each of its turns."""
    block, groups, moved, done = block.copy(), block_scores(scores, block), True, 0
    worths, every = worth(groups), np.arange(len(block))
    least = 1e-5 * float(worths.mean())
    while moved and done < sweeps:
        moved, done = False, done + 1
        for a in rng.permutation(len(block)):
            here = block[a]
            partners = every[block != here]
            there, change = block[partners], scores[partners] - scores[a]
            gain = worth(groups[here] + change) + worth(groups[there] - change) - worths[here] - worths[there]
            best = int(gain.argmax())
            if float(gain[best]) <= least:
                continue
            groups[here] += change[best]
            groups[there[best]] -= change[best]
            block[a], block[partners[best]] = there[best], here
            worths[[here, there[best]]] = worth(groups[[here, there[best]]])
            moved = True
    return block, done


@pytest.mark.parametrize('shape', [(12, 5), (16, 1), (24, 30), (64, 32)], ids=str)
@pytest.mark.parametrize('share', [1.0, 0.4])
@pytest.mark.parametrize('together', [None, (1, 1), (100_000, 100_000)], ids=str)
def test_swaps_of_inputs(shape, share, together, monkeypatch):
    if together is not None:
        monkeypatch.setattr(swaps, '_FEW_TOGETHER', together[0])
        monkeypatch.setattr(swaps, '_TOGETHER', together[1])
    rng = np.random.default_rng(0)
    for _ in range(5):
        scores = (rng.exponential(size=shape) ** 2 * (rng.random(shape) < share) / np.prod(shape)).astype(np.float32)
        block = np.arange(len(scores)) // 4
        sums = np.sort(block_scores(scores.astype(float), block), axis=None)
        worth = Worth.of(sums[:: len(sums) // 4], np.ones(len(sums[:: len(sums) // 4])), 4 * float(scores.max()))
        found, expected = (search(scores, block, worth, 4, np.random.default_rng(1)) for search in (improved, one_by_one))
        assert found[1] == expected[1]
        np.testing.assert_array_equal(found[0], expected[0])


@pytest.mark.parametrize(('n_in', 'n_out', 'reuse_factor'), [(12, 8, 6), (16, 24, 8), (48, 16, 16)])
def test_swaps_of_cycles(n_in, n_out, reuse_factor, monkeypatch):
    rng = np.random.default_rng(0)
    slots = rng.integers(0, n_in // reuse_factor + 1, n_out)
    has = np.zeros((n_out, n_in), bool)
    for output, number in enumerate(slots):
        has[output, rng.permutation(n_in)[: number * reuse_factor]] = True
    together = common._layout(has, slots, reuse_factor, 2000)
    monkeypatch.setattr(common, '_AT_ONCE', 1)
    np.testing.assert_array_equal(common._layout(has, slots, reuse_factor, 2000), together)
