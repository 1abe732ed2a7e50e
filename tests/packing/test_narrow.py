"""Two products in one multiplication: the arithmetic, over all weights, and the powers of two of slots."""

import numpy as np
import pytest

from hls4ml_hwprune.packing.narrow import (
    LEAST_BITS,
    MOST_BITS,
    most_bits,
    most_bits_of,
    narrowed,
    narrowed_matrix,
    shifts,
    slot_units,
    words,
)
from hls4ml_hwprune.records import Target
from tests.resources.kernels import kernel

# Operand bits and most bits of a weight: DSP48E1 (25 x 18) and DSP48E2 (27 x 18).
WIDEST = {25: {8: 9, 10: 8, 12: 7, 14: 6, 16: 5, 18: 4}, 27: {8: 10, 10: 9, 12: 8, 14: 7, 16: 6, 18: 5}}


def sign_extended(number, bits):
    return (number & (2**bits - 1)) - ((number >> (bits - 1)) & 1) * 2**bits


def unpacked(data, word, data_bits, bits):
    """Both products as the firmware takes them from one: the lower bits less half a unit of the upper product, and those."""
    low_bits = data_bits + bits - 1
    low, high = sign_extended(word, bits), word >> bits
    factor = high * 2**low_bits + (low & (2**low_bits - 1))
    both = data * factor + 2 ** (low_bits - 1)
    return factor, sign_extended(both ^ 2 ** (low_bits - 1), low_bits), both >> low_bits


@pytest.mark.parametrize('dsp_bits', WIDEST)
def test_the_widest_weights_are_those_that_fit(dsp_bits):
    for data_bits in range(2, 19):
        bits = most_bits(data_bits, dsp_bits)
        assert LEAST_BITS <= bits <= MOST_BITS
        assert bits == WIDEST[dsp_bits].get(data_bits, bits)
        assert 2 * bits + data_bits <= dsp_bits + 1 < 2 * (bits + 1) + data_bits
    assert most_bits(19, dsp_bits) == most_bits(0, dsp_bits) == most_bits(16, 0) == 0


@pytest.mark.parametrize(('dsp_bits', 'data_bits'), [(dsp, bits) for dsp in WIDEST for bits in range(2, 19)])
def test_two_products_are_exact(dsp_bits, data_bits):
    """All pairs of weights up to eight bits, and the extremes of wider ones, times random and extreme data."""
    bits, rng = most_bits(data_bits, dsp_bits), np.random.default_rng(data_bits)
    most = 2 ** (bits - 1) - 1
    some = np.arange(-most, most + 1)
    if bits > 8:
        some = np.unique([-most, 1 - most, -1, 0, 1, most, *rng.integers(-most, most, 99)])
    low, high = (side.ravel() for side in np.meshgrid(some, some))
    word = words(np.stack([low, high], axis=1)[:, :, None], bits)[:, 0]
    assert -(2 ** (2 * bits - 1)) <= word.min() and word.max() < 2 ** (2 * bits - 1)
    extremes = [-(2 ** (data_bits - 1)), 2 ** (data_bits - 1) - 1, -1, 0, 1]
    for data in [*extremes, *rng.integers(extremes[0], extremes[1], 6)]:
        factor, of_low, of_high = unpacked(int(data), word, data_bits, bits)
        assert -(2 ** (dsp_bits - 1)) <= factor.min() and factor.max() < 2 ** (dsp_bits - 1)
        np.testing.assert_array_equal(of_low, data * low)
        np.testing.assert_array_equal(of_high, data * high)


def test_slots_have_the_least_power_of_two_that_holds_their_weights():
    codes = np.array([[31, -31, 0], [32, 0, 1], [63, 2, -2], [64, 1, 1], [-1000, 8, 3], [0, 0, 0]])
    # 63 / 2 rounds to 32, which six bits lack without the most negative number.
    np.testing.assert_array_equal(shifts(codes, 6), [0, 1, 2, 2, 5, 0])
    held = narrowed(codes, 6)
    np.testing.assert_array_equal(held, [[31, -31, 0], [32, 0, 0], [64, 0, 0], [64, 0, 0], [-992, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(narrowed(held, 6), held)
    assert (np.abs(held // 2 ** shifts(held, 6)[:, None]) <= 31).all()


def test_weights_of_a_matrix_are_rounded_by_slot():
    codes = np.array([[100, 3, 7], [1, 2, 90]])
    positions = np.array([[0, 1], [3, -1]])
    np.testing.assert_array_equal(narrowed_matrix(codes, positions, 6), [[100, 4, 0], [1, 0, 0]])
    np.testing.assert_array_equal(slot_units(codes, positions, 6), [[4, 4, 1], [1, 1, 1]])


def test_kernels_without_room_have_no_pairs():
    assert most_bits_of(kernel(16, 4, 4, operand_bits=16)) == 6
    assert most_bits_of(kernel(16, 4, 4, (16, 4, 16), operand_bits=16)) == 4
    assert most_bits_of(kernel(16, 4, 4, operand_bits=16, target=Target('xc7k160t', 5.0, 'Vivado HLS'))) == 5
    assert not most_bits_of(kernel(16, 4, 4, operand_bits=16, target=Target('', 5.0, 'Vivado HLS')))
    for more in (
        {},
        {'operand_bits': 30},
        {'operand_bits': 16, 'per_channel': True},
        {'operand_bits': 16, 'external': True},
    ):
        assert not most_bits_of(kernel(16, 4, 4, **more))
    # Weights of one bit, constants, and slots that end within an output.
    assert not most_bits_of(kernel(16, 4, 4, (16, 1, 16), operand_bits=16))
    assert not most_bits_of(kernel(16, 4, 1, operand_bits=16))
    assert not most_bits_of(kernel(18, 4, 4, operand_bits=16))
