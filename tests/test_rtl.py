"""RTL twins: selections lose no weight, the Verilog computes what its schedule says, yosys counts what was built."""

import shutil

import numpy as np
import pytest

from benchmarks.rtl import bench_rtl, cases, cycles, fit_rtl
from benchmarks.rtl.cases import Case
from benchmarks.rtl.selections import Shape, aligned, balanced, kept_inputs, paired, permuted, random_weights
from benchmarks.rtl.simulate import expected, simulated
from benchmarks.rtl.verilog import legs, multiplexers, slot_sources, verilog
from benchmarks.rtl.yosys import find_yosys, read_cells, synthesise
from hls4ml_hwprune.packing.layout.multiplexers import blocks, cost
from hls4ml_hwprune.packing.layout.slots import place

SHAPES = (Shape(16, 8, 2, 12), Shape(16, 8, 4, 12), Shape(16, 8, 8, 12), Shape(32, 8, 16, 12), Shape(10, 6, 5, 12))
FOLDED = Shape(8, 8, 16, 12)  # more cycles than inputs
UNEVEN = Shape(4, 9, 6, 12)  # a slot of which ends in the middle of an output
WAYS = ('aligned', 'permuted', *cycles.CHOICES)


def make(shape, how, share=0.5):
    return Case(shape, share, how).schedule()


def matrix(schedule):
    """Weights that the slots hold; fails where one is there twice."""
    there = schedule.outputs >= 0
    places = schedule.outputs[there] * schedule.n_in + schedule.inputs[there]
    assert len(set(places.tolist())) == len(places)
    dense = np.zeros(schedule.n_out * schedule.n_in, np.int64)
    dense[places] = schedule.weights[there]
    return dense.reshape(schedule.n_out, schedule.n_in)


@pytest.mark.parametrize('how', WAYS)
@pytest.mark.parametrize('shape', SHAPES, ids=str)
def test_slots_hold_weights_of_the_kernel_once_each(shape, how):
    weights = random_weights(shape)
    for share in (0.25, 0.5, 1.0):
        schedule = make(shape, how, share)
        held = matrix(schedule)
        assert schedule.inputs.shape == (Case(shape, share, how).n_kept, shape.reuse_factor)
        assert np.array_equal(held, np.where(held != 0, weights, 0))
        assert (held != 0).sum() == schedule.n_kept * shape.reuse_factor
        assert max(len(set(row.tolist()) - {-1}) for row in schedule.inputs) <= shape.reuse_factor
    assert np.array_equal(held, weights)


@pytest.mark.parametrize('shape', SHAPES, ids=str)
def test_choices_of_cycles_keep_the_same_weights_and_no_fewer_than_aligned(shape):
    weights = random_weights(shape)
    n_kept = shape.n_slots // 2
    held = {how: np.abs(matrix(balanced(shape, weights, n_kept, how))) for how in cycles.CHOICES}
    assert np.array_equal(held['random'], held['crude'])
    assert np.array_equal(held['random'], held['shared'])
    permuted_sum, aligned_sum = (np.abs(matrix(way(shape, weights, n_kept))).sum() for way in (permuted, aligned))
    assert aligned_sum <= permuted_sum <= held['random'].sum()


@pytest.mark.parametrize(('inputs', 'rf', 'share'), [(64, 4, 0.3), (64, 16, 0.5), (16, 8, 0.5)])
def test_shared_multiplexers_cost_less(inputs, rf, share):
    shape = Shape(inputs, 32, rf)
    kept = kept_inputs(shape, random_weights(shape), round(share * shape.n_slots))
    costs = {name: cost(way(kept, inputs, rf)) for name, way in cycles.CHOICES.items()}
    assert costs['shared'] < 0.75 * costs['random']


def test_blocks_of_four_legs():
    assert [blocks(n) for n in (0, 1, 2, 4, 5, 8, 9, 16, 32, 64, 128, 256)] == [
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        4,
        8,
        17,
        33,
        66,
    ]


def test_cost_is_that_of_the_multiplexers_that_are_written():
    for shape in (Shape(64, 32, 4), Shape(64, 32, 16), Shape(32, 32, 8)):
        case = Case(shape, 0.5, 'shared')
        placed = place(kept_inputs(shape, random_weights(shape), case.n_kept), shape.n_in, shape.reuse_factor)
        assert cases.describe(case, case.schedule())['blocks'] == cost(placed)


@pytest.mark.parametrize('how', WAYS)
def test_multiplexers_bring_the_right_input(how):
    schedule = make(Shape(32, 8, 16, 12), how)
    for row, sources in zip(schedule.inputs, slot_sources(schedule), strict=True):
        assert sources in multiplexers(schedule)
        assert len(legs(sources)) <= schedule.reuse_factor
        for cycle, (wanted, source) in enumerate(zip(row, sources, strict=True)):
            number = int(source[1:])
            assert (number if source[0] == 'i' else schedule.streams[number, cycle]) == wanted


def test_balanced_needs_as_many_inputs_as_cycles():
    with pytest.raises(ValueError, match='at most 8'):
        make(FOLDED, 'shared')


@pytest.mark.skipif(not (shutil.which('iverilog') and shutil.which('vvp')), reason='Icarus Verilog is not installed')
@pytest.mark.parametrize(
    ('shape', 'n_kept', 'bits'), [(Shape(16, 8, 4), 12, 6), (Shape(32, 6, 8), 8, 5), (Shape(12, 4, 3, 12), 6, 8)]
)
def test_two_slots_in_one_multiplier_are_bit_exact(shape, n_kept, bits, tmp_path):
    schedule = paired(shape, random_weights(shape), n_kept, bits)
    limit = 2 ** (shape.bits - 1)
    data = np.random.default_rng(6).integers(-limit, limit, (40, shape.n_in))
    data[0], data[1] = -limit, limit - 1
    found, _ = simulated(schedule, data, tmp_path)
    np.testing.assert_array_equal(found, [expected(schedule, row) for row in data])
    assert verilog(schedule).count(' * $signed(') == n_kept // 2


@pytest.mark.skipif(find_yosys() is None, reason='yosys is not installed')
def test_two_slots_in_a_dsp_block_take_half_of_them_and_no_more_luts():
    shape = Shape(16, 8, 4)
    wide, both = (synthesise(find_yosys(), verilog(paired(shape, random_weights(shape), 12, bits))) for bits in (0, 6))
    assert (wide.dsp, both.dsp) == (12, 6)
    assert both.lut <= 1.05 * wide.lut


@pytest.mark.parametrize('how', WAYS)
def test_schedule_computes_the_product_of_the_weights_it_holds(how):
    schedule = make(Shape(16, 8, 4, 12), how)
    data = np.random.default_rng(4).integers(-2048, 2048, 16)
    assert np.array_equal(expected(schedule, data), matrix(schedule) @ data)


@pytest.mark.skipif(not (shutil.which('iverilog') and shutil.which('vvp')), reason='Icarus Verilog is not installed')
@pytest.mark.parametrize(
    ('shape', 'how'),
    [
        *((shape, how) for shape in (Shape(16, 8, 4, 12), Shape(32, 8, 16, 12)) for how in WAYS),
        (Shape(10, 6, 5, 12), 'shared'),
        (Shape(16, 8, 2, 12), 'shared'),
        (Shape(48, 4, 48, 12), 'aligned'),
        (Shape(16, 8, 4, 12, accum_bits=14), 'shared'),
        (FOLDED, 'aligned'),
        (FOLDED, 'turns'),
        (UNEVEN, 'aligned'),
    ],
    ids=str,
)
def test_verilog_is_bit_exact(shape, how, tmp_path):
    schedule = make(shape, how)
    data = np.random.default_rng(4).integers(-2048, 2048, (4, shape.n_in))
    data[0] = -2048
    found, latency = simulated(schedule, data, tmp_path)
    assert np.array_equal(found, [expected(schedule, row) for row in data])
    assert latency == shape.reuse_factor + 2


def test_cells_are_read():
    usage = read_cells(
        '   Number of cells: 9\n     LUT2      3\n     LUT6   4\n     FDRE  5\n     RAMB36E2 2\n     RAMB18E2 1\n'
    )
    assert (usage.dsp, usage.lut, usage.ff, usage.bram) == (0, 7, 5, 5)


def test_benchmark_says_that_yosys_is_missing(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(bench_rtl, 'find_yosys', lambda: None)
    monkeypatch.setattr('sys.argv', ['bench_rtl', '--output', str(tmp_path / 'twins.csv')])
    assert bench_rtl.main() == 1
    assert 'yosys is not on the PATH' in caplog.text
    assert not (tmp_path / 'twins.csv').exists()


def test_formula_describes_the_table():
    rows = fit_rtl.read(bench_rtl.TWINS)
    assert len(rows) == len(cases.KERNELS)
    coefficients, errors = fit_rtl.fit(rows)
    assert coefficients[:3] == pytest.approx(1, abs=0.03)
    assert np.abs(errors).max() < 0.03
    ratios = {(row['n_in'], row['RF'], row['n_kept'], row['accum_bits']): row for row in fit_rtl.ratios(rows)}
    wide, deep = ratios['64', '4', '154', '38'], ratios['64', '16', '64', '38']
    assert float(wide['shared']) < 1.45
    assert float(deep['shared']) < 2.0
    assert float(wide['permuted']) == pytest.approx(1, abs=0.02)
    assert float(deep['permuted']) == pytest.approx(1, abs=0.02)


def test_table_describes_the_selections_that_are_made_now():
    for row, case in zip(fit_rtl.read(bench_rtl.TWINS), cases.KERNELS, strict=True):
        if case.shape.n_slots <= 128:
            what = cases.describe(case, case.schedule())
            assert {key: row[key] for key in what} == {key: str(value) for key, value in what.items()}


@pytest.mark.skipif(find_yosys() is None, reason='yosys is not on the PATH')
def test_yosys_counts_what_was_built():
    case = Case(Shape(16, 8, 4, 12), 0.5, 'shared')
    schedule = case.schedule()
    usage = synthesise(find_yosys(), verilog(schedule))
    assert usage.dsp == case.n_kept == 16
    assert usage.bram > 0
    what = cases.describe(case, schedule)
    adders = (what['terms'] - what['live_outputs']) * 25 + what['live_outputs'] * what['accum_bits']
    assert usage.lut == pytest.approx(12 * what['blocks'] + adders, rel=0.1)
