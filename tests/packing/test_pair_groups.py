"""Pairs of slots: groups of two that read the same inputs, and their layout."""

import numpy as np
import pytest

from hls4ml_hwprune.packing import own_slots, pack, slot_table
from hls4ml_hwprune.packing.paired import matched_outputs
from hls4ml_hwprune.resources import kernel_resources, selection_costs
from tests.resources.kernels import kernel


def paired(n_in, n_out, rf, **more):
    return kernel(n_in, n_out, rf, operand_bits=16, slot_bits=6, **more)


def scores_of(n_in, n_out, seed=3):
    return np.random.default_rng(seed).gamma(0.4, size=(n_out, n_in))


@pytest.mark.parametrize('packing', ['aligned', 'balanced', 'permuted'])
@pytest.mark.parametrize(('n_in', 'n_out', 'rf'), [(16, 6, 4), (16, 5, 4), (12, 1, 3), (8, 6, 16), (8, 5, 8)])
def test_groups_are_two_slots_that_read_the_same_inputs(packing, n_in, n_out, rf):
    one = paired(n_in, n_out, rf)
    groups = pack(one, packing, scores_of(n_in, n_out))
    both = groups.index.reshape(len(groups.index), 2, rf)
    np.testing.assert_array_equal(groups.slots, (both >= 0).any(axis=2).sum(axis=1))
    flat = both[both >= 0]
    assert np.array_equal(np.sort(flat), np.arange(n_in * n_out))
    together = (both >= 0).all(axis=1)
    if not one.in_turn:
        np.testing.assert_array_equal((both % n_in)[:, 0][together], (both % n_in)[:, 1][together])


@pytest.mark.parametrize('packing', ['aligned', 'balanced'])
@pytest.mark.parametrize(('n_in', 'n_out', 'rf'), [(16, 6, 4), (16, 5, 4), (12, 1, 3), (24, 7, 6)])
def test_a_layout_takes_as_many_multipliers_as_its_groups(packing, n_in, n_out, rf):
    one, rng = paired(n_in, n_out, rf), np.random.default_rng(1)
    groups = pack(one, packing, scores_of(n_in, n_out))
    for n_kept in range(len(groups.index) + 1):
        kept = rng.permutation(len(groups.index))[:n_kept]
        slots = slot_table(one, packing, groups, kept)
        np.testing.assert_array_equal(
            np.sort(slots.positions, axis=None), np.sort(groups.index[kept][groups.index[kept] >= 0])
        )
        left = kernel(n_in, n_out, rf, operand_bits=16, slot_bits=6, slots=slots)
        # Slots alone in their groups may share a multiplier once they are in one lane.
        assert left.n_multipliers <= n_kept
        assert left.n_multipliers >= -(-len(slots.positions) // 2)
        assert kernel_resources(left, 'vsynth').dsp == left.n_multipliers
        brought = slots.lane_inputs[slots.lane_of]
        used = slots.positions >= 0
        np.testing.assert_array_equal(brought[used], slots.positions[used] % n_in)


def test_a_group_is_a_dsp_block_and_a_word_of_two_weights():
    one, wide = paired(64, 8, 32), kernel(64, 8, 32)
    groups = pack(one, 'aligned', scores_of(64, 8))
    costs = selection_costs(
        one, groups.index, groups.slots, 'vsynth', lanes=np.minimum(np.arange(len(groups.index) + 1), 2.0)
    )
    np.testing.assert_array_equal(costs[:, 0], np.arange(9))
    assert kernel_resources(wide, 'vsynth').dsp == 16
    whole = kernel(64, 8, 32, operand_bits=16, slot_bits=6, slots=own_slots(wide))
    assert whole.n_multipliers == 8
    memory = kernel_resources(kernel(64, 8, 512, operand_bits=16), 'vsynth').bram18
    assert kernel_resources(paired(64, 8, 512, slots=own_slots(kernel(64, 8, 512))), 'vsynth').bram18 <= memory


def test_outputs_that_value_the_same_inputs_are_paired():
    scores = np.zeros((5, 8))
    scores[[0, 3], :4] = [[4, 3, 2, 1], [3, 3, 3, 1]]
    scores[[1, 4], 4:] = [[1, 1, 1, 1], [2, 1, 1, 1]]
    scores[2, 0] = 0.1
    np.testing.assert_array_equal(matched_outputs(scores), [[0, 3], [1, 4], [2, -1]])
