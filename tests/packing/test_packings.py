"""Groups of every packing: each weight in one group, slots as hls4ml runs them."""

import numpy as np
import pytest

from hls4ml_hwprune.packing import PACKINGS, pack
from hls4ml_hwprune.records import Kernel

# (n_in, n_out, reuse factor), reuse factors that hls4ml allows: below, at and above n_in, and as many as weights.
SHAPES = [
    (16, 8, 4),
    (16, 8, 16),
    (16, 8, 64),
    (16, 8, 128),
    (12, 5, 3),
    (7, 3, 7),
    (9, 1, 3),
    (9, 1, 9),
    (1, 6, 1),
    (1, 6, 3),
    (1, 1, 1),
]
NAMED = [name for name in PACKINGS if name != 'auto']


def kernel(n_in, n_out, reuse_factor, strategy='resource', weight_bits=16):
    codes = np.arange(1, n_in * n_out + 1).reshape(n_out, n_in)
    return Kernel('fc', 'weight', n_in, n_out, reuse_factor, strategy, 1, codes / 4.0, codes, 16, weight_bits, 32)


def packed(k, packing):
    return pack(k, packing, np.abs(k.values))


@pytest.mark.parametrize('strategy', ['resource', 'latency'])
@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('packing', NAMED)
@pytest.mark.parametrize('weight_bits', [1, 5, 8, 12, 16, 36, 40])
def test_every_weight_is_in_exactly_one_group(packing, shape, strategy, weight_bits):
    k = kernel(*shape, strategy, weight_bits)
    groups = packed(k, packing)
    held = groups.index[groups.index >= 0]
    assert sorted(held.tolist()) == list(range(k.n_in * k.n_out))
    assert (groups.index >= -1).all()
    assert len(groups.slots) == len(groups.index)
    assert groups.slots.sum() == k.n_slots
    assert (groups.slots >= 1).all()
    # A group never holds more weights than its slots serve.
    assert ((groups.index >= 0).sum(axis=1) <= groups.slots * k.group_reuse).all()


@pytest.mark.parametrize('shape', SHAPES)
def test_aligned_slots_are_those_of_hls4ml(shape):
    k = kernel(*shape)
    groups = packed(k, 'aligned')
    # dense_resource: cycle ir of multiplier im reads weights[ir + RF * im] of the transposed matrix (n_out, n_in).
    transposed = k.codes.ravel()
    for slot, row in enumerate(groups.per_weight(transposed)):
        expected = [transposed[slot * k.reuse_factor + cycle] for cycle in range(k.reuse_factor)]
        assert row.tolist() == expected


def test_aligned_slot_follows_one_output_as_long_as_rf_divides_n_in():
    k = kernel(16, 8, 4)
    outputs = packed(k, 'aligned').index // 16
    assert (outputs == outputs[:, :1]).all()


def test_aligned_slot_above_n_in_serves_several_outputs():
    k = kernel(16, 8, 64)
    outputs = packed(k, 'aligned').index // 16
    assert outputs.shape == (2, 64)
    assert sorted(set(outputs[0].tolist())) == [0, 1, 2, 3]


def test_one_slot_for_all_weights():
    groups = packed(kernel(16, 8, 128), 'aligned')
    assert groups.index.tolist() == [list(range(128))]


def test_last_aligned_slot_that_is_not_full():
    # hls4ml rounds reuse factors so that this does not happen; the record must hold all the same.
    k = kernel(5, 3, 4)
    groups = packed(k, 'aligned')
    assert groups.index.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, -1]]
    assert groups.per_weight(k.codes.ravel())[-1].tolist() == [13, 14, 15, 0]
    assert groups.mask(np.array([3]), (3, 5)).sum() == 3


@pytest.mark.parametrize('packing', NAMED)
@pytest.mark.parametrize(('reuse_factor', 'strategy'), [(1, 'resource'), (1, 'latency'), (4, 'latency')])
def test_constant_weights_are_groups_of_their_own(packing, reuse_factor, strategy):
    groups = packed(kernel(8, 6, reuse_factor, strategy), packing)
    assert groups.index.tolist() == [[position] for position in range(48)]
    assert groups.slots.tolist() == [1] * 48


@pytest.mark.parametrize(
    ('weight_bits', 'together'), [(36, 1), (18, 2), (12, 3), (9, 4), (16, 9), (8, 9), (6, 6), (5, 36), (40, 9)]
)
def test_bram_groups_fill_whole_columns(weight_bits, together):
    k = kernel(64, 36, 4, weight_bits=weight_bits)
    groups = packed(k, 'bram')
    assert groups.slots[0] == together
    assert together * weight_bits % 36 == 0
    # No smaller number of slots would do.
    assert all(fewer * weight_bits % 36 for fewer in range(1, together))
    assert (groups.slots[:-1] == together).all()


def test_bram_groups_are_neighbouring_aligned_slots():
    k = kernel(16, 8, 4, weight_bits=12)
    slots, words = packed(k, 'aligned').index, packed(k, 'bram').index
    assert words.shape == (11, 12)
    for number in range(10):
        assert words[number].tolist() == slots[3 * number : 3 * number + 3].ravel().tolist()


def test_last_bram_group_holds_the_rest():
    k = kernel(16, 8, 4, weight_bits=12)
    groups = packed(k, 'bram')
    assert groups.slots.tolist() == [3] * 10 + [2]
    assert groups.index[-1].tolist() == [*range(120, 128), -1, -1, -1, -1]


def test_a_kernel_smaller_than_a_word_is_one_bram_group():
    groups = packed(kernel(4, 2, 2, weight_bits=5), 'bram')
    assert groups.slots.tolist() == [4]
    assert groups.index[groups.index >= 0].tolist() == list(range(8))


@pytest.mark.parametrize('packing', NAMED)
@pytest.mark.parametrize('shape', SHAPES)
def test_masks_mark_the_weights_of_the_kept_groups_alone(packing, shape):
    k = kernel(*shape, weight_bits=12)
    groups = packed(k, packing)
    everything = groups.mask(np.arange(len(groups.index)), k.codes.shape)
    assert everything.shape == (k.n_out, k.n_in)
    assert everything.dtype == bool
    assert everything.all()
    assert not groups.mask(np.zeros(0, np.int64), k.codes.shape).any()
    rng = np.random.default_rng(0)
    kept = np.flatnonzero(rng.uniform(size=len(groups.index)) < 0.5)
    expected = {position for row in groups.index[kept].tolist() for position in row if position >= 0}
    assert set(np.flatnonzero(groups.mask(kept, k.codes.shape)).tolist()) == expected


def test_gathering_keeps_the_type_and_does_not_take_the_last_weight_for_a_gap():
    k = kernel(16, 8, 4, weight_bits=12)
    gathered = packed(k, 'bram').per_weight(k.codes.ravel())
    assert gathered.dtype == k.codes.dtype
    assert gathered[-1, -4:].tolist() == [0, 0, 0, 0]
