"""Properties of slot tables: every kept weight once, indices in range, and the product of the masked matrix."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hls4ml_hwprune.packing import shrunk_slots, slot_table
from tests.properties.kernels import kernels, kernels_by_channel, packed


def product(table, weights, x):
    """Multiply by a slot table as firmware does: in each cycle, each slot its weight with what its lane brings."""
    n_in = weights.shape[1]
    found = np.zeros(len(weights), np.int64)
    for slot, lane in zip(table.positions, table.lane_of, strict=True):
        for position, brought in zip(slot, table.lane_inputs[lane], strict=True):
            if position >= 0:
                found[position // n_in] += weights.flat[position] * x[brought]
    return found


def inputs_of(n_in):
    # Powers of a base above all sums: a wrong input shows.
    return 3 ** np.arange(n_in)


def check_ranges(table, n_in, n_out, cycles):
    n_lanes = len(table.lane_inputs)
    assert table.positions.shape == (len(table.lane_of), cycles)
    assert table.lane_inputs.shape[1:] == table.streams.shape[1:] == (cycles,)
    for array, least, below in (
        (table.positions, -1, n_in * n_out),
        (table.lane_inputs, -1, n_in),
        (table.lane_of, 0, n_lanes),
        (table.streams, -1, n_in),
    ):
        assert ((array >= least) & (array < below)).all()
    assert np.unique(table.lane_of).size == n_lanes
    assert len(table.legs) == n_lanes + len(table.streams)
    assert ((table.positions >= 0).any(axis=1)).all()


def check_table(made):
    kernel, table, mask = made.kernel, made.table, made.mask
    check_ranges(table, kernel.n_in, kernel.n_out, kernel.group_reuse)
    served = table.positions[table.positions >= 0]
    assert np.array_equal(np.sort(served), np.flatnonzero(mask))
    x = inputs_of(kernel.n_in)
    assert np.array_equal(product(table, kernel.codes, x), np.where(mask, kernel.codes, 0) @ x)


@settings(max_examples=200)
@given(packed())
def test_every_kept_weight_is_served_once(made):
    check_table(made)


@given(packed(kernels_by_channel()))
def test_kernels_of_a_channel_each(made):
    check_table(made)
    outputs = made.table.positions // made.kernel.n_in
    assert ((outputs == outputs[:, :1]) | (made.table.positions < 0)).all()


@given(packed(kernels(any_reuse_factor=True)))
def test_reuse_factors_that_hls4ml_does_not_allow(made):
    check_table(made)


@given(packed(), st.randoms(use_true_random=False))
def test_the_order_of_kept_groups_does_not_matter(made, random):
    kept = made.kept.tolist()
    random.shuffle(kept)
    again = slot_table(made.kernel, made.packing, made.groups, np.array(kept, np.int64))
    assert all(np.array_equal(array, getattr(again, name)) for name, array in vars(made.table).items())


def some_of(draw, n):
    """Draw at least one of `n` rows or columns."""
    stays = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    assume(any(stays))
    return np.flatnonzero(stays)


def left_of(kernel, rows, columns):
    left = np.zeros_like(kernel.kept)
    left[np.ix_(rows, columns)] = kernel.kept[np.ix_(rows, columns)]
    return left


def pruned_kernel(made):
    kernel = made.kernel
    return replace(kernel, kept=made.mask, slots=made.table, codes=np.where(made.mask, kernel.codes, 0))


def smaller(kernel, rows, columns):
    """Return a kernel with these rows and columns alone, its slots those of the larger one."""
    left = left_of(kernel, rows, columns)
    return replace(
        kernel,
        n_in=len(columns),
        n_out=len(rows),
        designed=kernel.designed or (kernel.n_out, kernel.n_in),
        kept=left[rows][:, columns],
        codes=kernel.codes[rows][:, columns],
        slots=shrunk_slots(kernel, left, rows, columns),
    )


@st.composite
def shrinking(draw):
    """Draw a kernel, and rows and columns that stay; all columns where slots serve outputs in turn, as is required."""
    made = draw(packed())
    kernel = pruned_kernel(made)
    assume(kernel.multiplexed)
    rows = some_of(draw, kernel.n_out)
    return kernel, rows, np.arange(kernel.n_in) if kernel.in_turn else some_of(draw, kernel.n_in)


@given(shrinking())
def test_shrinking_commutes_with_the_deletion_of_rows_and_columns(made):
    kernel, rows, columns = made
    found = smaller(kernel, rows, columns)
    check_ranges(found.slots, found.n_in, found.n_out, kernel.reuse_factor)
    x = inputs_of(kernel.n_in)
    whole = np.where(left_of(kernel, rows, columns), kernel.codes, 0) @ x
    assert np.array_equal(product(found.slots, found.codes, x[columns]), whole[rows])
    served = found.slots.positions[found.slots.positions >= 0]
    assert np.unique(served).size == served.size
    assert set(np.flatnonzero(found.kept)) <= set(served)
    # Slots that serve outputs in turn read all inputs of each; others do what is left and nothing else.
    assert kernel.in_turn or np.array_equal(np.sort(served), np.flatnonzero(found.kept))


@settings(max_examples=60)
@given(st.data(), shrinking())
def test_shrinking_twice_is_shrinking_once(data, made):
    kernel, rows, columns = made
    first = smaller(kernel, rows, columns)
    again = some_of(data.draw, first.n_out)
    further = np.arange(first.n_in) if kernel.in_turn or first.in_turn else some_of(data.draw, first.n_in)
    twice, once = smaller(first, again, further), smaller(kernel, rows[again], columns[further])
    assert np.array_equal(twice.kept, once.kept)
    x = inputs_of(twice.n_in)
    assert np.array_equal(product(twice.slots, twice.codes, x), product(once.slots, once.codes, x))
    assert len(twice.slots.positions) == len(once.slots.positions)
