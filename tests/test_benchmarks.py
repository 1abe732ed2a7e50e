"""The benchmarks run, on networks that are small enough to wait for."""

from dataclasses import replace

import pytest

from benchmarks import DATA, bench_compile, bench_large, bench_planning, bench_public, format_table
from benchmarks.bench_compile import Measurement
from benchmarks.bench_planning import Case, Rival

TINY = (16, 16, 4)
CASE = Case('ap_fixed<16,6>', {'DSP': '0.5x'}, 0.5)


@pytest.fixture(scope='module')
def tiny_keras():
    pytest.importorskip('tensorflow')
    return bench_planning.keras_model(TINY)


def test_generated_text_is_at_most_half_as_much_again_as_that_of_plain(tmp_path):
    designs = bench_compile.write_designs((16, 32, 5), tmp_path, budgets=(0.95, 0.2))
    sizes = {design: bench_compile.text_bytes(folder) for design, folder in designs.items()}
    plain = sizes['plain Resource']
    ours = [size for design, size in sizes.items() if design.startswith('ours')]
    assert plain > 10_000
    assert len(ours) == 2
    assert max(ours) <= bench_compile.MAX_BYTES * plain
    assert ours == sorted(ours, reverse=True)


def test_compile_benchmark(tmp_path):
    designs = bench_compile.write_designs(TINY, tmp_path, budgets=(0.5,))
    assert list(designs) == ['plain Resource', bench_compile.UNPRUNED, 'ours, DSP 0.5x', 'resource_unrolled, DSP 0.5x']
    (ours,) = bench_compile.measure('tiny', {'ours, DSP 0.5x': designs['ours, DSP 0.5x']}, runs=1)
    assert ours.seconds > 0
    assert list((designs['ours, DSP 0.5x'] / 'firmware').glob('*.so'))
    unrolled = Measurement('tiny', 'resource_unrolled, DSP 0.5x', 2 * ours.seconds, 2 * ours.size)
    unpruned = Measurement('tiny', bench_compile.UNPRUNED, 4 * ours.seconds, 4 * ours.size)
    rows = bench_compile.table_rows([unpruned, unrolled, ours])
    assert [row['/ unrolled'] for row in rows] == ['', '', '0.25']
    assert [row['/ same weights'] for row in rows] == ['', '', '0.50']
    table = format_table(rows).split('\n')
    assert len(table) == 5
    assert len({len(line) for line in table}) == 1


def test_compile_limits():
    plain, unrolled = Measurement('n', 'plain Resource', 1.0, 100), Measurement('n', 'resource_unrolled, DSP 0.5x', 8.0, 900)
    unpruned = Measurement('n', bench_compile.UNPRUNED, 16.0, 1800)
    good, bad = Measurement('n', 'ours, DSP 0.5x', 1.2, 140), Measurement('n', 'ours, DSP 0.5x', 2.1, 151)
    assert bench_compile.violations([plain, unpruned, good, unrolled]) == []
    assert len(bench_compile.violations([plain, unpruned, bad, unrolled])) == 3


def test_planning_benchmark(tiny_keras, tmp_path):
    ours = bench_planning.measure(tiny_keras, CASE, 1, tmp_path)
    # 16 * 16 / 8 + 16 * 4 / 8 slots.
    assert (ours.kept, ours.n_slots) == (20, 40)
    assert ours.status == 'optimal' or ours.status.startswith('feasible, gap')
    assert ours.passes > 0
    row = bench_planning.table_row(CASE, ours, Rival(9.0, 9.0, '9.00'))
    assert row['slots kept'] == '20 of 40'
    assert 'make_plan' in bench_planning.profile(tiny_keras, CASE, tmp_path, lines=60)


def test_hls4mls_own_pruning_keeps_as_many_slots(tiny_keras, capsys):
    result = bench_planning.rival_masks(TINY, CASE.precision, CASE.sparsity)
    assert result['kept'] == 20
    assert capsys.readouterr().out == 'ready\n'
    assert 'error' in bench_planning.rival_masks(TINY, 'ap_fixed<8,3>', 0.5)


@pytest.mark.parametrize(
    ('does', 'timeout', 'seconds', 'remark'),
    [
        ('echo ready; exec sleep 86400', 0.5, None, '> 0.5'),
        ('echo noise; echo ready; echo \'{"seconds": 1.5}\'', 3600, 1.5, '1.50'),
        ('echo ready; echo \'{"error": "no groups"}\'', 3600, None, 'fails'),
        ('exit 1', 3600, None, 'fails'),
    ],
)
def test_hls4mls_own_pruning_is_ended_when_it_takes_too_long(does, timeout, seconds, remark, tmp_path, monkeypatch):
    python = tmp_path / 'python'
    python.write_text(f'#!/bin/sh\n{does}\n')
    python.chmod(0o755)
    monkeypatch.setattr(bench_planning.sys, 'executable', str(python))
    theirs = bench_planning.rival(TINY, CASE.precision, CASE.sparsity, timeout=timeout)
    assert (theirs.seconds, theirs.remark) == (seconds, remark)


def test_planning_limits():
    good = bench_planning.Measurement(1.0, 1.5, 0.2, 0.1, 20, 40, 80.0, 'optimal', True)
    assert bench_planning.violations(CASE, good, None) == []
    assert bench_planning.violations(CASE, good, Rival(9.0, 9.0, '9.00')) == []
    assert len(bench_planning.violations(CASE, good, Rival(7.0, 7.0, '7.00'))) == 1
    # Where hls4ml did not finish there is no ratio to hold.
    assert bench_planning.violations(CASE, good, Rival(None, 1.0, '> 1')) == []
    slow = replace(good, added=2.5, fits=False)
    assert len(bench_planning.violations(CASE, slow, None)) == 2
    assert len(bench_planning.violations(replace(CASE, max_planning=0.1), good, None)) == 1


def test_large_benchmark(tmp_path):
    case = bench_large.Large((16, 16, 4), 8, {'Budget': {'DSP': '0.5x'}}, 0.0)
    row, broken = bench_large.measure(case, tmp_path)
    assert (row['network'], row['weights'], row['RF']) == ('16-16-4', '320', '8')
    assert broken.startswith('16-16-4, Budget')
    assert bench_large.measure(replace(case, max_seconds=86400), tmp_path)[1] == ''


def test_magnitude_pruning_of_the_public_table_is_reproduced():
    if not (DATA / 'models').is_dir():
        pytest.skip('the shared data are not here')
    digits = bench_public.Digits.read(DATA, everything=True)
    assert len(digits.y) == 8_500
    for share, known in bench_public.MAGNITUDE.items():
        assert digits.by_magnitude(share) == pytest.approx(known, abs=0.05)
