"""What logic synthesis builds of a kernel: the model against RTL twins, and between its bounds."""

import csv
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources.logic import multiplexed_logic, multiplexed_synthesis
from hls4ml_hwprune.resources.logic.synthesis import multiplexer_blocks, structure_lut

TWINS = Path(__file__).resolve().parents[2] / 'benchmarks' / 'rtl' / 'twins.csv'


def kernel(n_in, n_out, rf, bits=16, accum_bits=16):
    codes = np.ones((n_out, n_in), np.int64)
    return Kernel('fc', 'weight', n_in, n_out, rf, 'resource', 1, codes.astype(float), codes, bits, bits, accum_bits)


def twins():
    with TWINS.open() as file:
        return [row for row in csv.DictReader(file) if row['n_in'] and row['packing'] in KINDS]


def twin_kernel(row):
    return kernel(*(int(row[name]) for name in SHAPE))


def whole_multiplexers(row):
    """Multiplexers of min(RF, n_in) inputs as dear as those of a twin."""
    return int(row['blocks']) / multiplexer_blocks(min(int(row['RF']), int(row['n_in'])))


KINDS = ('dense', 'aligned', 'permuted', 'balanced', 'turns')
SHAPE = ('n_in', 'n_out', 'RF', 'bits', 'accum_bits')


def test_the_twins_are_all_there():
    rows = twins()
    assert len(rows) > 70
    assert {row['packing'] for row in rows} == set(KINDS)
    for packing in ('dense', 'aligned', 'turns'):
        assert any(row['packing'] == packing and int(row['RF']) > int(row['n_in']) for row in rows)


@pytest.mark.parametrize('packing', KINDS)
def test_adders_and_multiplexers_are_those_of_the_twins(packing):
    errors = []
    for row in (row for row in twins() if row['packing'] == packing):
        found = float(structure_lut(twin_kernel(row), int(row['n_kept']), whole_multiplexers(row)))
        errors.append(abs(found / int(row['LUT']) - 1))
    assert np.median(errors) < 0.03
    assert max(errors) < 0.1


def estimated(row):
    lut, _ = multiplexed_synthesis(twin_kernel(row), int(row['n_kept']), whole_multiplexers(row))
    return float(lut)


def test_the_order_of_twins_is_that_of_the_estimates():
    n_pairs = 0
    for a, b in permutations(twins(), 2):
        if all(a[name] == b[name] for name in SHAPE) and int(a['LUT']) < 0.97 * int(b['LUT']):
            assert estimated(a) < estimated(b), (a, b)
            n_pairs += 1
    assert n_pairs > 200


@pytest.mark.parametrize(('n_in', 'n_out', 'rf'), [(64, 32, 4), (64, 32, 64), (64, 32, 128), (16, 64, 2)])
def test_less_is_built_than_reported(n_in, n_out, rf):
    k = kernel(n_in, n_out, rf)
    slots = np.arange(k.n_slots + 1)
    lut, ff = multiplexed_synthesis(k, slots)
    assert lut[0] == ff[0] == 0
    assert np.all(np.diff(lut) >= 0)
    assert np.all(np.diff(ff) >= 0)
    if rf < n_in:
        assert lut[-1] < multiplexed_logic(k, k.n_slots)[0]
