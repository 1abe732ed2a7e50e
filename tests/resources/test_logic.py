"""LUT and FF formulas: shape of the curves, and agreement with real csynth reports."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hls4ml_hwprune.resources.logic import (
    ELEMENTWISE_KINDS,
    coefficients,
    constant_logic,
    constant_terms,
    elementwise_logic,
    elementwise_terms,
    multiplexed_logic,
    multiplexed_terms,
)

# n_in, n_out, RF, input, weight and accumulator bits: RF below, at, twice and far above n_in.
KERNELS = [(16, 64, 4, 16, 16, 16), (64, 32, 64, 8, 6, 12), (256, 32, 512, 16, 14, 16), (32, 160, 1024, 16, 4, 16)]


def dense_slots(n_in: int, n_out: int, reuse_factor: int) -> int:
    return -(-n_in * n_out // reuse_factor)


@pytest.mark.parametrize(('n_in', 'n_out', 'rf', 'a', 'w', 'acc'), KERNELS)
def test_multiplexed_curve_is_monotone_and_vectorised(n_in, n_out, rf, a, w, acc):
    slots = np.arange(dense_slots(n_in, n_out, rf) + 1)
    for free in (None, slots):
        curves = multiplexed_logic(n_in, n_out, rf, slots, a, w, acc, n_multiplexers=free)
        for curve in curves:
            assert curve.shape == slots.shape
            assert curve[0] == 0
            assert np.all(np.diff(curve) >= 0)
            assert curve[-1] > 0
    one_by_one = [multiplexed_logic(n_in, n_out, rf, int(s), a, w, acc, n_multiplexers=int(s)) for s in slots]
    assert_allclose(np.transpose(one_by_one), curves)


def test_slots_that_choose_their_inputs_need_more_multiplexers():
    shared, _ = multiplexed_logic(16, 64, 16, 32, 16, 16, 16)
    free, _ = multiplexed_logic(16, 64, 16, 32, 16, 16, 16, n_multiplexers=32)
    assert free > shared


def test_constant_curve_is_monotone_and_vectorised():
    weights = np.arange(16 * 64 + 1)
    for dsp in (0 * weights, weights // 2, weights):
        for reuse_factor in (1, 4):
            curves = constant_logic(16, 64, weights, dsp, 16, 16, 16, reuse_factor)
            for curve in curves:
                assert curve[0] == 0
                assert np.all(np.diff(curve) >= 0)
            at = constant_logic(16, 64, 300, int(dsp[300]), 16, 16, 16, reuse_factor)
            assert_allclose(at, [curve[300] for curve in curves])


def test_a_product_costs_more_luts_than_a_dsp():
    in_luts, _ = constant_logic(16, 64, 500, 0, 16, 16, 16)
    in_dsps, _ = constant_logic(16, 64, 500, 500, 16, 16, 16)
    assert in_luts > in_dsps


@pytest.mark.parametrize('kind', ELEMENTWISE_KINDS)
def test_elementwise(kind):
    n = np.arange(65)
    for curve in elementwise_logic(kind, n, 16):
        assert np.all(curve >= 0)
        assert np.all(np.diff(curve) >= 0)
    assert_allclose([elementwise_logic(kind, int(i), 16) for i in n], np.transpose(elementwise_logic(kind, n, 16)))
    assert np.all(np.diff(elementwise_logic(kind, 10, n)[0]) >= 0)


def test_unknown_kind_is_named():
    with pytest.raises(ValueError, match='garnet'):
        elementwise_logic('garnet', 4, 16)


# Dendendelen/wa-hls4ml-search, Vivado HLS 2020.1: one dense layer; the design around the kernel adds 'campaign_offset' LUTs.
@pytest.mark.parametrize(
    ('n_in', 'n_out', 'rf', 'weight_bits', 'lut', 'ff'),
    [(256, 256, 512, 14, 24294, 6008), (256, 224, 1024, 6, 95836, 4587), (32, 128, 512, 12, 14260, 2285)],
)
def test_multiplexed_dense_layers(n_in, n_out, rf, weight_bits, lut, ff):
    got = multiplexed_logic(n_in, n_out, rf, dense_slots(n_in, n_out, rf), 16, weight_bits, 16)
    offset = coefficients()['multiplexed']['lut']['campaign_offset']
    assert_allclose(got[0] + offset, lut, rtol=0.15)
    assert_allclose(got[1], ff, rtol=0.25)


def test_multiplexed_stream_layer():
    # Spehic/Diplomska-hls4ml, Vivado HLS 2020.1, dense_wrapper 800 x 32 at RF 50.
    lut, ff = multiplexed_logic(800, 32, 50, 512, 4, 4, 19)
    assert_allclose(lut, 41790, rtol=0.2)
    assert_allclose(ff, 14635, rtol=0.2)


@pytest.mark.parametrize(
    ('n_in', 'n_out', 'n_nonzero', 'n_dsp', 'lut'),
    # nrp-nautilus/6nrp-hls4ml, Vitis HLS 2022.2, dense_latency.
    [(16, 64, 984, 719, 28385), (64, 32, 1803, 1097, 53363), (32, 5, 153, 122, 4344)],
)
def test_constant_dense_layers(n_in, n_out, n_nonzero, n_dsp, lut):
    assert_allclose(constant_logic(n_in, n_out, n_nonzero, n_dsp, 16, 16, 16)[0], lut, rtol=0.25)


def test_coefficients_are_complete():
    terms = {
        'multiplexed': multiplexed_terms(4, 4, 2, 8, 8, 8, 8),
        'constant': constant_terms(4, 4, 8, 8, 8, 8, 8),
        **{
            kind: elementwise_terms(4, 8) for kind in ('relu', 'relu_saturated', 'softmax', 'pooling', 'batchnorm', 'stream')
        },
    }
    assert coefficients().keys() == terms.keys()
    for name, model in coefficients().items():
        assert model['rows'] > 0
        for quantity in ('lut', 'ff'):
            assert model[quantity]['coefficients'].keys() == terms[name].keys()
            assert min(model[quantity]['coefficients'].values()) >= 0
            assert {'cross_validated_median_error', 'cross_validated_p90_error', 'fit_median_error'} <= model[
                quantity
            ].keys()
