"""LUT and FF of layers without a kernel: real csynth reports quoted as numbers, and the shape of the curves."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hls4ml_hwprune.records import Target
from hls4ml_hwprune.resources.logic.elementwise import ELEMENTWISE_KINDS, dense_stream_logic, elementwise_logic

ULTRASCALE, ZYNQ = Target('xczu5ev-sfvc784-2LV-e', 5.0, 'Vivado HLS'), Target('xc7z020-clg400-1', 5.0, 'Vivado HLS')
SLOW_VITIS = Target('xc7a200tfbg676-2', 10.0, 'Vitis HLS')
VITIS = Target('xczu7ev-ffvc1156-2-e', 5.0, 'Vitis HLS')


@pytest.mark.parametrize(
    ('kind', 'n', 'bits', 'result_bits', 'target', 'lut', 'ff'),
    [
        ('relu', 8, 16, 16, VITIS, 304, 0),  # Vitis HLS 2025.1
        ('relu', 64, 38, 16, VITIS, 3904, 0),  # 2024.1
        ('relu', 6, 16, 16, SLOW_VITIS, 228, 0),  # 2023.2
        ('relu', 8, 6, 6, VITIS, 144, 0),  # 2023.2
        ('relu_stream', 32, 16, 16, SLOW_VITIS, 1249, 482),  # 2023.1
        ('relu_stream', 8, 16, 16, SLOW_VITIS, 389, 130),
        ('relu_saturated_stream', 32, 16, 6, VITIS, 3169, 205),  # 2023.1
        ('pooling', 4, 16, 16, SLOW_VITIS, 1105, 644),  # 2023.1
        ('relu_saturated', 64, 16, 6, ZYNQ, 4698, 0),  # coms6424-s24/SecurityMLonFPGA
        ('relu_saturated_stream', 24, 16, 6, ULTRASCALE, 2484, 159),  # RishThakkar/PokerML
        ('relu_saturated_stream', 24, 16, 6, ZYNQ, 2516, 679),
        ('softmax', 10, 18, 16, Target('xc7z007s-clg225-2', 5.0, 'Vitis HLS'), 1513, 2082),  # ArgyKokk/hls4ml_MLP_estimator
        ('softmax_stream', 10, 16, 16, ULTRASCALE, 2719, 1241),  # RishThakkar/PokerML
        ('pooling', 16, 6, 16, ULTRASCALE, 3223, 1591),
        ('pooling', 64, 16, 16, VITIS, 8458, 8377),  # CestMerNeil/FPGA_Accelerator4NN_Inference
        # Vitis HLS 2023.2, tanh of an 8-bit network: a convolution's 6 channels, and a flat layer.
        ('hard_activation_saturated_stream', 6, 22, 8, VITIS, 1165, 228),
        ('hard_activation_saturated_stream', 16, 34, 8, VITIS, 3728, 1094),
        ('hard_activation_saturated_stream', 1, 16, 8, VITIS, 247, 48),  # SpAllen0726, Vitis HLS 2023.1
        ('batchnorm_shared', 64, 16, 16, ZYNQ, 4136, 2209),  # RishThakkar/PokerML
        ('padding', 16, 16, 16, VITIS, 430, 305),  # CestMerNeil/FPGA_Accelerator4NN_Inference
    ],
)
def test_reports(kind, n, bits, result_bits, target, lut, ff):
    got = elementwise_logic(kind, n, bits, result_bits, target)
    assert_allclose(got[0], lut, rtol=0.15)
    assert_allclose(got[1], ff, rtol=0.2)


@pytest.mark.parametrize('target', [None, ULTRASCALE, ZYNQ, Target('xc7z020', 3.0)])
@pytest.mark.parametrize('kind', ELEMENTWISE_KINDS)
def test_curves_rise_from_nothing(kind, target):
    n = np.arange(65)
    for curve in elementwise_logic(kind, n, 16, 8, target):
        assert curve.shape == n.shape
        assert curve[0] == 0
        assert np.all(np.diff(curve) >= 0)
    for widths in ((n, 8), (16, n)):
        assert all(np.all(np.diff(curve) >= 0) for curve in elementwise_logic(kind, 10, *widths, target))


def test_unknown_kinds_are_named():
    with pytest.raises(ValueError, match='garnet'):
        elementwise_logic('garnet', 4, 16)


@pytest.mark.parametrize(
    ('n_in', 'n_out', 'bits', 'result_bits', 'lut', 'ff'),
    # dense_array less dense_wrapper: CestMerNeil/FPGA_Accelerator4NN_Inference, RishThakkar/PokerML (two), Spehic.
    [(64, 30, 16, 16, 436, 1527), (42, 64, 6, 16, 1005, 1283), (784, 13, 16, 16, 275, 12779), (800, 32, 4, 19, 698, 3829)],
)
def test_reading_a_stream(n_in, n_out, bits, result_bits, lut, ff):
    got = dense_stream_logic(n_in, n_out, bits, result_bits)
    assert_allclose(got[0], lut, rtol=0.35)
    assert_allclose(got[1], ff, rtol=0.05)
