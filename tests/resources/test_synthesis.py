"""What logic synthesis builds of a kernel: the model against RTL twins, and between its bounds."""

import csv
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
        rows = [row for row in csv.DictReader(file) if row['n_in'] and row['packing'] in ('dense', *PACKINGS)]
    return [row for row in rows if int(row['RF']) <= int(row['n_in']) and int(row['bits']) > 10]


PACKINGS = ('aligned', 'permuted', 'balanced')


def test_the_twins_are_all_there():
    rows = twins()
    assert len(rows) > 40
    assert {row['packing'] for row in rows} == {'dense', *PACKINGS}


@pytest.mark.parametrize('packing', ['dense', *PACKINGS])
def test_adders_and_multiplexers_are_those_of_the_twins(packing):
    errors = []
    for row in (row for row in twins() if row['packing'] == packing):
        k = kernel(int(row['n_in']), int(row['n_out']), int(row['RF']), int(row['bits']), int(row['accum_bits']))
        whole = int(row['blocks']) / multiplexer_blocks(k.reuse_factor)
        errors.append(abs(float(structure_lut(k, int(row['n_kept']), whole)) / int(row['LUT']) - 1))
    assert np.median(errors) < 0.03
    assert max(errors) < 0.1


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
