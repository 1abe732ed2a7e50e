"""What the packings keep: balanced no less than permuted, that no less than aligned, for any number of slots."""

import numpy as np
import pytest

from hls4ml_hwprune.importance import weight_scores
from hls4ml_hwprune.packing import pack
from hls4ml_hwprune.records import Kernel
from tests.turns import in_turn
from tests.work import count_calls

SHAPES = [(16, 8, 2), (16, 8, 4), (24, 10, 6), (32, 5, 16), (64, 32, 4), (16, 8, 16), (16, 8, 32), (16, 7, 32), (8, 1, 4)]


def normal(rng, shape):
    return rng.normal(size=shape)


def heavy(rng, shape):
    return rng.normal(size=shape) * np.exp(2 * rng.normal(size=shape))


def sparse(rng, shape):
    return rng.normal(size=shape) * (rng.uniform(size=shape) < 0.25)


def hidden_blocks(rng, shape):
    """Inputs, in a random order, of which each output reads a quarter."""
    reads = (np.arange(shape[1]) * 4 // shape[1])[None, :] == rng.integers(4, size=shape[0])[:, None]
    return (rng.normal(size=shape) * np.where(reads, 1, 0.05))[:, rng.permutation(shape[1])]


def aligned_already(rng, shape):
    return hidden_blocks(rng, shape)[:, np.argsort(rng.permutation(shape[1]))] * np.linspace(0.01, 1, shape[1])


def equal(rng, shape):
    return np.ones(shape)


def zeros(rng, shape):
    return np.zeros(shape)


def one(rng, shape):
    return np.eye(*shape)


KINDS = [normal, heavy, sparse, hidden_blocks, aligned_already, equal, zeros, one]


def make(values, reuse_factor):
    n_out, n_in = values.shape
    codes = np.zeros(values.shape, np.int64)
    return Kernel('fc', 'weight', n_in, n_out, reuse_factor, 'resource', 1, values, codes, 16, 16, 32)


def kept(kernel, packing, measure='l2'):
    scores = weight_scores(kernel, measure)
    sums = pack(kernel, packing, scores).per_weight(scores.ravel()).sum(axis=1)
    return np.concatenate([[0], np.cumsum(np.sort(sums)[::-1])]) / (scores.sum() or 1)


@pytest.mark.parametrize(('measure', 'seed'), in_turn(['l1', 'l2'], range(2)))
@pytest.mark.parametrize('kind', KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize('shape', SHAPES, ids=str)
def test_no_number_of_slots_keeps_less(shape, kind, measure, seed):
    n_in, n_out, reuse_factor = shape
    kernel = make(kind(np.random.default_rng(seed), (n_out, n_in)), reuse_factor)
    aligned, permuted, balanced = (kept(kernel, packing, measure) for packing in ('aligned', 'permuted', 'balanced'))
    assert (permuted >= aligned - 1e-11).all()
    assert (balanced >= permuted - 1e-11).all()


@pytest.mark.parametrize('reuse_factor', [2, 4, 8])
def test_nothing_that_serves_one_output_a_slot_keeps_more_than_balanced(reuse_factor):
    rng = np.random.default_rng(0)
    scores = rng.exponential(size=(6, 16))
    kernel = make(np.sqrt(scores), reuse_factor)
    balanced = kept(kernel, 'balanced')
    for _ in range(200):
        shuffled = np.stack([rng.permutation(row) for row in scores]).reshape(-1, reuse_factor).sum(axis=1)
        other = np.concatenate([[0], np.cumsum(np.sort(shuffled)[::-1])]) / scores.sum()
        assert (balanced >= other - 1e-12).all()


# At RF 2 the order that shows the blocks falls below aligned by 7e-9 at two numbers of slots, and so may not be taken.
@pytest.mark.parametrize('reuse_factor', [4, 8, 16])
def test_permuted_finds_hidden_blocks(reuse_factor):
    kernel = make(hidden_blocks(np.random.default_rng(0), (32, 64)), reuse_factor)
    aligned, permuted, balanced = (
        kept(kernel, packing)[32 * 64 // reuse_factor // 4] for packing in ('aligned', 'permuted', 'balanced')
    )
    assert balanced > 0.99
    assert permuted - aligned > 0.5 * (balanced - aligned)


def test_permuted_above_n_in_puts_the_best_outputs_together():
    # Rows in the order of their magnitude: 4, 1, 3, 0, 2; the last slot serves one output, the worst.
    values = np.array([2.0, 4, 1, 3, 5])[:, None] * np.ones((5, 4))
    groups = pack(make(values, 8), 'permuted', np.abs(values))
    assert (groups.index // 4).tolist() == [[0] * 4 + [3] * 4, [1] * 4 + [4] * 4, [2] * 4 + [-1] * 4]
    assert groups.index[0].tolist() == [0, 1, 2, 3, 12, 13, 14, 15]


def test_permuted_groups_are_blocks_of_inputs_common_to_all_outputs():
    values = normal(np.random.default_rng(0), (8, 32))
    groups = pack(make(values, 4), 'permuted', values**2)
    inputs, outputs = groups.index % 32, groups.index // 32
    assert (outputs == np.repeat(np.arange(8), 8)[:, None]).all()
    assert (inputs.reshape(8, 8, 4) == inputs[:8]).all()
    assert sorted(inputs[:8].ravel().tolist()) == list(range(32))


def test_balanced_groups_descend_within_each_output():
    values = normal(np.random.default_rng(0), (8, 32))
    groups = pack(make(values, 4), 'balanced', values**2)
    assert (groups.index // 32 == np.repeat(np.arange(8), 8)[:, None]).all()
    scores = groups.per_weight((values**2).ravel()).reshape(8, 32)
    assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize('packing', ['permuted', 'balanced'])
@pytest.mark.parametrize('reuse_factor', [4, 32])
def test_packing_twice_gives_the_same_whatever_the_scale(packing, reuse_factor):
    values = heavy(np.random.default_rng(0), (8, 16))
    first, second, scaled = (
        pack(make(some, reuse_factor), packing, some**2).index for some in (values, values.copy(), 1024 * values)
    )
    assert np.array_equal(first, second)
    assert np.array_equal(first, scaled)


@pytest.mark.parametrize(
    ('shape', 'most'), [((64, 32, 4), 105_000), ((64, 32, 16), 105_000), ((256, 64, 8), 70_000), ((1024, 256, 4), 200_000)]
)
def test_search_takes_few_steps(shape, most):
    n_in, n_out, reuse_factor = shape
    values = normal(np.random.default_rng(0), (n_out, n_in))
    assert count_calls(pack, make(values, reuse_factor), 'permuted', values**2) < most
