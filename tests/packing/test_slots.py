"""Slot tables: every kept weight once, under every packing, and lanes that bring each slot its inputs."""

import numpy as np
import pytest

from hls4ml_hwprune.packing import PACKINGS, pack, slot_table
from hls4ml_hwprune.packing.layout.cycles import crude, repeated
from hls4ml_hwprune.packing.layout.pairs import Pairs
from hls4ml_hwprune.records import Kernel
from tests.work import count_calls

NAMED = [name for name in PACKINGS if name != 'auto']
# (n_in, n_out, reuse factor): below, at and above n_in, all weights in one slot, slots that are not full, reuse factors that
# hls4ml does not allow, one input and one output.
SHAPES = [
    (16, 8, 2),
    (16, 8, 4),
    (16, 8, 16),
    (16, 8, 32),
    (16, 7, 32),
    (16, 8, 128),
    (12, 5, 3),
    (5, 3, 4),
    (10, 3, 4),  # the last slot needs what the third brings
    (4, 9, 6),
    (9, 1, 3),
    (9, 1, 9),
    (1, 6, 3),
    (1, 6, 1),
    (1, 1, 1),
    (64, 32, 4),
]


def make(shape, strategy='resource', seed=0):
    n_in, n_out, reuse_factor = shape
    values = np.random.default_rng(seed).normal(size=(n_out, n_in))
    codes = np.rint(values * 1000).astype(np.int64)
    return Kernel('fc', 'weight', n_in, n_out, reuse_factor, strategy, 1, values, codes, 16, 12, 32)


def check(kernel, groups, kept, table):
    held = table.positions[table.positions >= 0]
    mask = groups.mask(kept, (kernel.n_out, kernel.n_in))
    assert sorted(held.tolist()) == np.flatnonzero(mask).tolist()
    assert table.positions.shape == (groups.slots[kept].sum(), kernel.group_reuse)
    assert table.lane_of.shape == (len(table.positions),)
    assert table.lane_inputs.shape[1] == kernel.group_reuse
    brought = table.lane_inputs[table.lane_of]
    assert (brought == table.positions % kernel.n_in)[table.positions >= 0].all()
    # Lanes differ, all are read, and they are numbered in the order of their first use.
    assert len({tuple(lane) for lane in table.lane_inputs.tolist()}) == len(table.lane_inputs)
    assert list(dict.fromkeys(table.lane_of.tolist())) == list(range(len(table.lane_inputs)))
    for array in (table.positions, table.lane_inputs, table.lane_of):
        assert array.dtype == np.int64


@pytest.mark.parametrize('strategy', ['resource', 'latency'])
@pytest.mark.parametrize('packing', NAMED)
@pytest.mark.parametrize('shape', SHAPES, ids=str)
def test_no_weight_is_lost_or_doubled(shape, packing, strategy):
    kernel, rng = make(shape, strategy), np.random.default_rng(1)
    groups = pack(kernel, packing, kernel.values**2)
    n_groups = len(groups.index)
    for number in {0, 1, n_groups // 3, n_groups // 2, n_groups}:
        kept = rng.permutation(n_groups)[: min(number, n_groups)]
        table = slot_table(kernel, packing, groups, kept)
        check(kernel, groups, kept, table)
        again = slot_table(kernel, packing, groups, rng.permutation(kept))
        assert np.array_equal(table.positions, again.positions)
        assert np.array_equal(table.lane_inputs, again.lane_inputs)


@pytest.mark.parametrize('packing', NAMED)
@pytest.mark.parametrize('shape', [(16, 8, 2), (16, 8, 4), (16, 8, 16), (64, 32, 4)], ids=str)
def test_a_slot_serves_one_output_and_outputs_are_contiguous(shape, packing):
    kernel = make(shape)
    groups = pack(kernel, packing, kernel.values**2)
    kept = np.random.default_rng(1).permutation(len(groups.index))[: len(groups.index) // 2]
    outputs = slot_table(kernel, packing, groups, kept).positions // kernel.n_in
    assert (outputs == outputs[:, :1]).all()
    assert (np.diff(outputs[:, 0]) >= 0).all()


@pytest.mark.parametrize('packing', ['aligned', 'bram'])
@pytest.mark.parametrize('shape', SHAPES, ids=str)
def test_whole_kernels_are_those_of_hls4ml(shape, packing):
    kernel = make(shape)
    groups = pack(kernel, packing, kernel.values**2)
    positions = slot_table(kernel, packing, groups, np.arange(len(groups.index))).positions
    flat = positions.ravel()
    if kernel.multiplexed:
        assert flat[: kernel.values.size].tolist() == list(range(kernel.values.size))
    else:
        # As hls4ml's Latency loops run: inputs outermost.
        assert flat.tolist() == np.arange(kernel.values.size).reshape(kernel.values.shape).T.ravel().tolist()


@pytest.mark.parametrize('packing', ['aligned', 'permuted'])
def test_aligned_and_permuted_have_a_lane_a_block_of_inputs(packing):
    kernel = make((16, 8, 4))
    groups = pack(kernel, packing, kernel.values**2)
    assert len(slot_table(kernel, packing, groups, np.arange(32)).lane_inputs) == 4
    assert len(slot_table(kernel, packing, groups, np.array([0, 4, 9])).lane_inputs) == 2


@pytest.mark.parametrize('packing', NAMED)
def test_above_n_in_one_lane_is_enough_even_where_a_slot_is_not_full(packing):
    kernel = make((16, 7, 32))
    groups = pack(kernel, packing, kernel.values**2)
    table = slot_table(kernel, packing, groups, np.arange(len(groups.index)))
    assert table.lane_inputs.tolist() == [[*range(16), *range(16)]]


def test_balanced_outputs_share_lanes():
    kernel = make((64, 32, 4))
    # Eight outputs each keep the same inputs first.
    scores = np.random.default_rng(0).exponential(size=(4, 64)).repeat(8, axis=0)
    groups = pack(kernel, 'balanced', scores)
    kept = np.flatnonzero(np.arange(len(groups.index)) % 16 < 4)
    table = slot_table(kernel, 'balanced', groups, kept)
    assert len(table.positions) == 32 * 4
    assert len(table.lane_inputs) <= 16


@pytest.mark.parametrize('way', [crude, repeated])
def test_ways_place_each_input_once(way):
    rng = np.random.default_rng(0)
    kept = [np.sort(rng.permutation(32)[: 4 * rng.integers(0, 9)]) for _ in range(12)]
    placement = way(kept, 32, 4)
    for output, inputs in enumerate(kept):
        placed = placement.inputs[placement.outputs == output]
        assert sorted(placed.ravel().tolist()) == inputs.tolist()


def test_pairs_are_counted_while_inputs_are_removed():
    rng = np.random.default_rng(0)
    has = (rng.uniform(size=(20, 12)) < 0.6).astype(np.int32)
    pairs = Pairs(has)
    for chosen in (np.array([0, 3, 5]), np.array([1, 11]), np.array([2, 3, 4, 7])):
        found = np.flatnonzero(has[:, chosen].all(axis=1))
        pairs.remove(chosen, has[found].sum(axis=0))
        has[np.ix_(found, chosen)] = 0
        expected = np.triu(has.T @ has, 1)
        assert np.array_equal(pairs.counts, expected)
        best = [expected[pair] for pair in pairs.most_common(10)]
        assert best == sorted(expected[expected > 1].tolist(), reverse=True)[:10]


@pytest.mark.parametrize(('shape', 'most'), [((64, 32, 4), 70_000), ((256, 256, 4), 540_000), ((1024, 256, 8), 2_500_000)])
def test_choice_of_cycles_takes_few_steps(shape, most):
    kernel = make(shape)
    groups = pack(kernel, 'balanced', kernel.values**2)
    kept = np.flatnonzero(np.arange(len(groups.index)) % (shape[0] // shape[2]) < shape[0] // shape[2] * 0.3)
    assert count_calls(slot_table, kernel, 'balanced', groups, kept) < most
