"""Slots of kernels that lose inputs and outputs: every weight that is left is used once, in its slot and cycle."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.packing import pack, shrunk_slots, slot_table
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources import kernel_resources

SHAPES = [(16, 8, 4), (16, 8, 8), (12, 6, 12), (12, 6, 3), (24, 4, 2)]


def make(n_in, n_out, reuse_factor, rng):
    codes = rng.integers(1, 100, (n_out, n_in)) * rng.choice((-1, 1), (n_out, n_in))
    return Kernel('fc', 'weight', n_in, n_out, reuse_factor, 'resource', 1, codes / 64.0, codes, 16, 16, 32)


def pruned(kernel, packing, rng):
    """Keep some slots of `kernel`; those of hls4ml's own layout have no table."""
    groups = pack(kernel, packing, np.abs(kernel.values))
    kept = rng.permutation(len(groups.index))[: max(2, round(0.6 * len(groups.index)))]
    mask = groups.mask(kept, (kernel.n_out, kernel.n_in))
    slots = None if packing == 'aligned' else slot_table(kernel, packing, groups, kept)
    return replace(kernel, kept=mask, slots=slots, codes=np.where(mask, kernel.codes, 0))


@pytest.mark.parametrize('packing', ['aligned', 'balanced', 'permuted'])
@pytest.mark.parametrize(('n_in', 'n_out', 'reuse_factor'), SHAPES)
@pytest.mark.parametrize('seed', range(4))
def test_what_is_left_is_used_once_and_in_the_same_cycle(packing, n_in, n_out, reuse_factor, seed):
    rng = np.random.default_rng(seed)
    kernel = pruned(make(n_in, n_out, reuse_factor, rng), packing, rng)
    rows, columns = (np.sort(rng.permutation(n)[: max(1, round(share * n))]) for n, share in ((n_out, 0.7), (n_in, 0.5)))
    kept = np.zeros_like(kernel.kept)
    kept[np.ix_(rows, columns)] = kernel.kept[np.ix_(rows, columns)]
    table = shrunk_slots(kernel, kept, rows, columns)
    flat = table.positions[table.positions >= 0]
    smaller = kept[rows][:, columns]
    np.testing.assert_array_equal(np.sort(flat), np.flatnonzero(smaller))
    assert (table.positions >= 0).any(axis=1).all()
    # The lanes bring what the slots need, and nothing else; none is without a slot.
    inputs = np.where(table.positions < 0, -1, table.positions % len(columns))
    brought = table.lane_inputs[table.lane_of]
    assert np.all((inputs < 0) | (inputs == brought))
    for lane, row in enumerate(table.lane_inputs):
        assert np.all((row < 0) | (inputs[table.lane_of == lane] >= 0).any(axis=0))
    # Weights stay in their cycles.
    before = kernel.slots.positions if kernel.slots is not None else np.arange(n_in * n_out).reshape(-1, reuse_factor)
    cycle = {int(p): c for slot in before for c, p in enumerate(slot) if p >= 0}
    for c in range(reuse_factor):
        here = table.positions[table.positions[:, c] >= 0, c]
        old = rows[here // len(columns)] * n_in + columns[here % len(columns)]
        assert {cycle[int(p)] for p in old} <= {c}
    # Smaller kernels are never priced higher, but for memories that become too small for a block RAM.
    shrunk = replace(
        kernel, n_in=len(columns), n_out=len(rows), slots=table, kept=smaller, codes=kernel.codes[rows][:, columns]
    )
    for stage in ('csynth', 'vsynth'):
        less = kernel_resources(kernel, stage) - kernel_resources(shrunk, stage)
        assert less.dsp >= 0
        assert less.bram18 >= 0
        assert less.lut >= 0 or less.bram18 > 0
    assert not shrunk.in_turn


@pytest.mark.parametrize('packing', ['aligned', 'permuted'])
def test_slots_that_serve_outputs_in_turn_keep_all_inputs(packing):
    rng = np.random.default_rng(1)
    kernel = pruned(make(4, 12, 8, rng), packing, rng)
    assert kernel.in_turn
    rows = np.array([0, 2, 3, 5, 7, 8, 11])
    kept = kernel.kept.copy()
    kept[np.setdiff1d(np.arange(12), rows)] = False
    kept[3, 1] = False
    table = shrunk_slots(kernel, kept, rows, np.arange(4))
    turns = table.positions.reshape(len(table.positions), 2, 4)
    # A turn is whole or gone, also where one of its weights has nothing to do any more.
    assert np.all((turns >= 0).all(axis=2) | (turns < 0).all(axis=2))
    assert np.all(np.diff(np.sort(turns % 4, axis=2), axis=2)[(turns >= 0).all(axis=2)] == 1)
    assert set(np.flatnonzero(kept[rows])) <= set(table.positions.ravel().tolist())
