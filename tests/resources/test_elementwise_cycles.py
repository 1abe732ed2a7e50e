"""Cycles of layers without a kernel: real csynth reports quoted as numbers."""

import pytest

from hls4ml_hwprune.records import Target
from hls4ml_hwprune.resources.elementwise_cycles import elementwise_cycles
from hls4ml_hwprune.resources.logic import ELEMENTWISE_KINDS

ZYNQ = Target('xc7z020-clg400-1', 5.0, 'Vivado HLS')


def test_streamed_elementwise_layers_lie_within():
    # RishThakkar/PokerML: relu and pooling of 62 x 62; Spehic/Diplomska-hls4ml: pooling of 26 x 26 (two cycles a pixel).
    for kind, pixels, latency in (('relu', 62 * 62, 3847), ('pooling', 62 * 62, 3847), ('pooling', 26 * 26, 1355)):
        low, high, _ = elementwise_cycles(kind, pixels, 'io_stream')
        assert low <= latency <= high


@pytest.mark.parametrize(
    ('kind', 'pixels', 'latency'),
    # Vitis HLS reports, 2023.2 and 2024.2, of two networks.
    [
        ('pooling', 576, 1155),
        ('pooling', 64, 131),
        ('pooling', 4096, 8195),
        ('pooling', 1024, 2051),
    ],
)
def test_new_tools_pool_a_pixel_in_two_cycles(kind, pixels, latency):
    low, high, ii = elementwise_cycles(kind, pixels, 'io_stream', 4, Target('xc7a35tcpg236-1', 10.0, 'Vitis HLS'))
    assert high == ii == latency
    assert low == pixels + 3  # up to 2023.1


@pytest.mark.parametrize(
    ('kind', 'pixels', 'latency'),
    # Vitis HLS reports, 2022.1 to 2024.2, of six networks on Artix-7 and UltraScale+.
    [
        ('padding', 4356, 4367),
        ('padding', 324, 335),
        ('padding', 484, 497),
        ('padding', 100, 113),
        ('relu_saturated_stream', 900, 901),
        ('relu_saturated_stream', 1024, 1026),
        ('relu_stream', 16, 19),
        ('relu_saturated_stream', 4096, 4099),
    ],
)
def test_streams_of_vitis_lie_within(kind, pixels, latency):
    low, high, _ = elementwise_cycles(kind, pixels, 'io_stream', 4, Target('xc7a35tcpg236-1', 10.0, 'Vitis HLS'))
    assert low <= latency <= high <= low + 2


@pytest.mark.parametrize('kind', ELEMENTWISE_KINDS)
def test_elementwise_cycles_are_sane(kind):
    for io_type in ('io_parallel', 'io_stream'):
        for pixels in (1, 2, 100):
            low, high, ii = elementwise_cycles(kind, pixels, io_type)
            assert 0 <= low <= high
            assert ii >= 1
    assert elementwise_cycles('relu', 1) == (0, 0, 1)


def test_softmax_lies_within():
    # Whole rows: ArgyKokk/hls4ml_MLP_estimator, RishThakkar/PokerML, CestMerNeil/FPGA_Accelerator4NN_Inference.
    for io_type, n, target, latency in (
        ('io_parallel', 5, ZYNQ, 16),
        ('io_stream', 13, ZYNQ, 43),
        ('io_stream', 10, Target('xczu7ev', 5.0, 'Vitis HLS'), 8),
        ('io_stream', 10, Target('xc7a200tfbg676-2', 10.0, 'Vitis HLS'), 16),  # Vitis HLS 2023.1
    ):
        low, high, _ = elementwise_cycles('softmax', 1, io_type, n, target)
        assert low <= latency <= high
