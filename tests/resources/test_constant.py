"""LUT, FF and stages of kernels of constants: shape of the curves, and agreement with csynth reports."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hls4ml_hwprune.resources.logic.constant import constant_terms
from hls4ml_hwprune.resources.logic.convolution import conv_overhead
from hls4ml_hwprune.resources.logic.fitted import evaluate
from hls4ml_hwprune.resources.timing.constant import constant_cycles, constant_stages

VITIS, VIVADO = 3.65, 4.375


def constant_logic(*shape, **options):
    return evaluate('constant', constant_terms(*shape, **options))


@pytest.mark.parametrize('slow', [False, True])
@pytest.mark.parametrize('stage_ns', [1.5, VITIS, VIVADO, 8.75])
@pytest.mark.parametrize('resource', [False, True])
@pytest.mark.parametrize(('dsp_each', 'product_each'), [(0, 0), (0, 1), (0.5, 0.5), (1, 1)])
def test_curves_are_monotone_and_vectorised(slow, stage_ns, resource, dsp_each, product_each):
    weights = np.arange(16 * 64 + 1)
    dsp, products = (weights * dsp_each).astype(int), (weights * product_each).astype(int)
    options = {'stage_ns': stage_ns, 'slow_fabric': slow, 'resource': resource}
    curves = constant_logic(64, weights, dsp, 16, 11, 16, n_multipliers=products, n_sums=weights // 4, **options)
    for curve in curves:
        assert curve.shape == weights.shape
        assert curve[0] == 0
        assert np.all(np.diff(curve) >= 0)
    one = constant_logic(64, 300, dsp[300], 16, 11, 16, n_multipliers=products[300], n_sums=75, **options)
    assert_allclose(one, [curve[300] for curve in curves])


def test_waiting_products_are_monotone_at_a_constant_limit():
    weights = np.arange(1025)
    for products in (weights, weights // 4):
        for curve in constant_logic(32, weights, products, 16, 11, 16, 64, n_multipliers=products, limit=16):
            assert np.all(np.diff(curve) >= -1e-9)


def test_a_slower_clock_and_a_faster_fabric_need_fewer_registers():
    def ff(**options):
        return float(constant_logic(32, 1800, 1100, 16, 11, 16, **options)[1])

    assert ff(stage_ns=2.0) > ff(stage_ns=VITIS) > ff(stage_ns=VIVADO) > ff(stage_ns=8.75)
    assert ff(slow_fabric=True) > 2 * ff()
    assert constant_stages(32, True, 2.0) > constant_stages(32, True, 8.75)


# n_in, n_out, weights, DSPs, distinct products, distinct sums, input and accumulator bits, stage, 7-series; LUT, FF, cycles.
LAYERS = [
    # Vitis HLS 2022.2, nrp-nautilus/6nrp-hls4ml.
    ((16, 64, 984, 719, 719, 158, 16, 16, VITIS, False), (28385, 5814, 1)),
    ((64, 32, 1803, 1097, 1097, 390, 16, 16, VITIS, False), (53363, 8686, 1)),
    ((32, 32, 928, 614, 614, 147, 16, 16, VITIS, False), (26236, 4895, 1)),
    # Vitis HLS 2025.1, Thifjj/Iris_hls4ml_pynqZ2.
    ((8, 8, 64, 56, 56, 6, 16, 16, VITIS, True), (1957, 6149, 5)),
    # Vivado HLS 2019.2, RishThakkar/PokerML and CestMerNeil/FPGA_Accelerator4NN_Inference.
    ((96, 42, 1732, 14, 14, 462, 16, 16, VIVADO, True), (47237, 38040, 6)),
    ((64, 30, 1408, 0, 0, 97, 16, 12, VIVADO, True), (19914, 16948, 5)),
    # Vivado HLS 2019.2.1, astitwlathe/example-hls4ml.
    ((32, 5, 160, 128, 129, 24, 16, 16, VIVADO, False), (4195, 481, 1)),
]


@pytest.mark.parametrize(('kernel', 'reported'), LAYERS)
def test_reported_layers(kernel, reported):
    _, n_out, weights, dsp, products, sums, a, accum, stage_ns, slow = kernel
    options = {'n_multipliers': products, 'n_sums': sums, 'stage_ns': stage_ns, 'slow_fabric': slow}
    got = constant_logic(n_out, weights, dsp, a, 11, accum, **options)
    assert_allclose(got, reported[:2], rtol=0.3)
    assert constant_stages(weights / n_out, products > 0, stage_ns, slow) == reported[2]


def test_small_kernels_are_combinational():
    # Hector-Plata/hls4ml-tutorial, 40 weights of 6 bits: latency 0 and no FF.
    assert constant_logic(5, 40, 0, 6, 6, 16, n_multipliers=2, n_sums=18)[1] == 0
    assert constant_stages(8, True) == 0


def test_terms_default_to_sums():
    terms = constant_terms(4, 10, 4, 16, 16, 16)
    assert terms['sums'] == 6 * 16
    assert terms['fabric_products'] == 0


def test_convolution_around_its_kernel():
    # RishThakkar/PokerML, Vivado HLS 2019.2, 3x3x16 -> 16: registers of compute_output_buffer and of the loop around it.
    lut, ff = conv_overhead(144, 16, 16, 16, 16, packed=False)
    assert_allclose(ff, 4126 + 48, rtol=0.1)
    assert_allclose(lut, 354 + 311 + 32 + 596, rtol=0.3)
    # SpAllen0726/HG-DREAM-Pulse-Detection-Project, Vitis HLS 2023.1, one dimension, 32 filters.
    assert_allclose(conv_overhead(96, 32, 32, 6, 22, 1)[0], 238 + 82 + 40 + 127, rtol=0.1)
    assert conv_overhead(96, 32, 32, 6, 22)[0] > conv_overhead(96, 32, 32, 6, 22, 1)[0]


# Addends, distinct products, limit, RF, stage, 7-series; latency, interval. Campaign of Dendendelen/wa-hls4ml-search (Vivado
# HLS 2020.1), ArgyKokk/hls4ml_MLP_estimator (Vitis HLS 2021.1).
@pytest.mark.parametrize(
    ('addends', 'products', 'limit', 'rf', 'slow', 'latency', 'ii'),
    [
        (32, 878, 2, 512, False, 440, 441),
        (64, 1687, 4, 512, False, 425, 426),
        (13.4, 247, 10, 100, True, 28, 29),
        (26.6, 85, 2, 100, True, 47, 48),
        (13.4, 247, 430, 2, True, 5, 2),
        (29.8, 109, 80, 2, False, 1, 2),
        (12.8, 0, 2, 512, False, 0, 1),
    ],
)
def test_reported_cycles(addends, products, limit, rf, slow, latency, ii):
    got = constant_cycles(addends, products, limit, rf, slow_fabric=slow)
    assert abs(got[0] - latency) <= max(4, 0.05 * latency)
    assert abs(got[1] - ii) <= max(4, 0.05 * ii)
    assert got[1] <= rf
