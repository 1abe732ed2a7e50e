"""DSP rules: facts from csynth reports, and limits."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from hls4ml_hwprune.resources.multipliers import (
    allocated_dsp,
    constant_bits,
    constant_dsp,
    csd_digits,
    first_sums,
    first_uses,
    multiplier_dsp,
    multiplier_limit,
)


# Operand widths, kept bits of the product (None: all), DSPs: instances in reports of Vivado HLS 2019.2 to Vitis HLS 2025.1.
@pytest.mark.parametrize(
    ('a', 'b', 'kept', 'dsp'),
    [
        (16, 4, None, 0),
        (3, 16, None, 0),
        (10, 10, None, 0),
        (8, 10, None, 0),
        (5, 14, None, 1),
        (6, 11, None, 1),
        (16, 16, None, 1),
        (21, 6, None, 1),
        (25, 25, None, 2),
        (32, 15, None, 2),
        (32, 16, None, 2),
        (14, 32, None, 2),
        (32, 32, 48, 4),
        (32, 32, 32, 3),
        (34, 34, None, 4),
        (53, 11, None, 2),
    ],
)
def test_reported_multipliers(a, b, kept, dsp):
    assert multiplier_dsp(a, b, kept) == multiplier_dsp(b, a, kept) == dsp


def test_binding():
    assert multiplier_dsp(8, 5, binding='dsp') == 1
    assert multiplier_dsp(16, 16, binding='fabric') == 0
    assert_array_equal(constant_dsp(np.array([3, 11, 12]), 8, 'dsp'), [0, 1, 0])
    assert_array_equal(constant_dsp(np.array([3, 1707]), 16, 'fabric'), [0, 0])


def test_csd_digits():
    assert_array_equal(
        csd_digits(np.array([0, 1, -4, 3, 6, 7, 11, -11, 13, 21, 0b10101010101])), [0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 6]
    )


def test_constant_bits():
    codes = np.array([[0, 1, -1], [11, -16, 1023]])
    assert_array_equal(constant_bits(codes), [[1, 2, 1], [5, 5, 11]])
    assert_array_equal(constant_bits(codes, sign_bit=False), [[0, 1, 1], [4, 5, 10]])


def test_narrow_inputs_need_wide_constants():
    # RishThakkar/PokerML, 6-bit inputs: DSPs are the constants of 11 bits and more.
    assert_array_equal(constant_dsp(np.array([11, 555, -555, -1024, -1001, 1365, 0]), 6), [0, 1, 1, 0, 1, 1, 0])
    assert_array_equal(constant_dsp(np.array([11, 13, -11, 21]), 16), [1, 1, 1, 1])
    assert_array_equal(constant_dsp(np.array([11, 13, -11, 21]), 16, sign_bit=False), [0, 0, 1, 1])
    assert constant_dsp(np.array([], dtype=np.int64), 16).shape == (0,)


def test_first_uses_and_sums():
    codes = np.array([11, 11, 3, 3, 11, -11, 2, 0, 3])
    inputs = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    assert_array_equal(first_uses(codes, inputs), np.isin(np.arange(9), [0, 4, 5]))
    assert_array_equal(first_sums(codes, inputs), np.isin(np.arange(9), [2, 8]))


# n_in, n_out, RF, zeros, distinct products, reported DSPs: ArgyKokk/hls4ml_MLP_estimator, Vitis HLS 2021.1, bound to DSPs.
@pytest.mark.parametrize(
    ('n_in', 'n_out', 'rf', 'zeros', 'products', 'dsp'),
    [
        (32, 5, 2, 27, 85, 67),
        (5, 3, 2, 5, 7, 6),
        (16, 64, 100, 165, 247, 10),
        (64, 32, 100, 930, 275, 12),
        (196, 56, 100, 5100, 120, 59),
        (561, 20, 100, 4381, 33, 33),
        (32, 5, 1, 27, 85, 85),
    ],
)
def test_allocation_limit(n_in, n_out, rf, zeros, products, dsp):
    assert allocated_dsp(products, products, multiplier_limit(n_in, n_out, rf, zeros)) == dsp


def test_limit_never_adds_blocks():
    assert_array_equal(allocated_dsp(np.array([0, 3, 554]), np.array([0, 0, 168]), 5), [0, 0, 5])
    assert allocated_dsp(10, 20, 4) == 8
    assert_array_equal(multiplier_limit(4, 4, 4, np.arange(0, 17, 4)), [4, 3, 2, 1, 0])
