"""Cycles: real csynth reports quoted as numbers."""

import pytest

from hls4ml_hwprune.records import Target
from hls4ml_hwprune.resources.timing.layers import (
    conv_cycles,
    dense_stream_cycles,
    kernel_cycles,
)

ULTRASCALE, ZYNQ = Target('xczu5ev-sfvc784-2LV-e', 5.0, 'Vivado HLS'), Target('xc7z020-clg400-1', 5.0, 'Vivado HLS')


@pytest.mark.parametrize(
    ('n_in', 'reuse_factor', 'expected'),
    [
        (256, 1024, (1025, 1026, 1024)),  # Dendendelen/wa-hls4ml-search
        (784, 196, (197, 198, 196)),  # RishThakkar/PokerML
        (100, 1000, (1001, 1002, 1000)),  # mgrailoo/HLS4ML_Poisioned_CPP_HDL_9b_FashionMNIST
    ],
)
def test_resource_kernels(n_in, reuse_factor, expected):
    assert kernel_cycles(reuse_factor, 'Resource', n_in) == expected


@pytest.mark.parametrize(('n_in', 'latency'), [(64, 1), (4, 4), (8, 5), (42, 5)])
def test_unrolled_kernels_lie_within(n_in, latency):
    # nrp-nautilus/6nrp-hls4ml; Thifjj/Iris_hls4ml_pynqZ2 (two); RishThakkar/PokerML.
    for strategy in ('latency', 'resource'):
        low, high, ii = kernel_cycles(1, strategy, n_in)
        assert low <= latency <= high
        assert ii == 1


def test_kernels_slow_down_with_the_reuse_factor():
    for strategy in ('latency', 'resource'):
        cycles = [kernel_cycles(rf, strategy, 64) for rf in (2, 4, 8, 64, 128)]
        assert cycles == sorted(cycles)
        assert all(low <= high and ii >= 1 for low, high, ii in cycles)


def test_streamed_convolution_with_reuse():
    # RishThakkar/PokerML: 3x3 on 64x64x3 at RF 108.
    assert conv_cycles(108, 'resource', 27, 64 * 64, 62 * 62, 'io_stream') == (12289, 462849, 462849)


def test_streamed_convolution_without_reuse():
    # RishThakkar/PokerML: 3x3 on 32x32x3; CestMerNeil/FPGA_Accelerator4NN_Inference: 3x3 on 34x34x3.
    for in_pixels, out_pixels, latency in ((32 * 32, 30 * 30, 1033), (34 * 34, 32 * 32, 1160)):
        low, high, _ = conv_cycles(1, 'latency', 27, in_pixels, out_pixels, 'io_stream')
        assert low <= latency <= high


def test_parallel_convolution_repeats_its_kernel():
    assert conv_cycles(4, 'resource', 27, 100, 64, n_partitions=1) == kernel_cycles(4, 'resource', 27)
    assert conv_cycles(4, 'resource', 27, 100, 64, n_partitions=16) == (65, 66, 64)
    assert conv_cycles(4, 'resource', 27, 100, 64) == conv_cycles(4, 'resource', 27, 100, 64, n_partitions=64)


def test_slow_fabric_takes_more_stages():
    # RishThakkar/PokerML: 27 x 4 at RF 108, and its convolution of 64 x 64.
    assert kernel_cycles(108, 'resource', 27, ZYNQ) == (112, 113, 108)
    assert kernel_cycles(108, 'resource', 27, ULTRASCALE) == (109, 110, 108)
    assert conv_cycles(108, 'resource', 27, 4096, 3844, 'io_stream', target=ZYNQ) == (20481, 487425, 487425)


@pytest.mark.parametrize(('n_in', 'target', 'latency'), [(32, ULTRASCALE, 1), (96, ZYNQ, 6), (30, ZYNQ, 4)])
def test_unrolled_kernels_lie_within_by_part(n_in, target, latency):
    # Hector-Plata/hls4ml-tutorial, RishThakkar/PokerML, CestMerNeil/FPGA_Accelerator4NN_Inference.
    low, high, _ = kernel_cycles(1, 'latency', n_in, target)
    assert low <= latency <= high


def test_huge_kernels_fill_their_index_first():
    # fastmachinelearning/hls4ml-live-demo: 2048 x 10 at RF 20480.
    assert kernel_cycles(20480, 'resource', 2048) == (40964, 40964, 40964)


def test_latency_kernels_with_few_multipliers():
    # RishThakkar/PokerML: 64 x 10 with 558 products at RF 256; a convolution of 32 x 32 whose kernel reaches interval 14.
    assert kernel_cycles(256, 'latency', 64, ULTRASCALE, interval=186)[0] == 185
    assert conv_cycles(256, 'latency', 27, 1024, 900, 'io_stream', interval=14) == (15362, 15362, 15362)


@pytest.mark.parametrize(
    ('kernel', 'packs', 'expected'),
    # RishThakkar/PokerML, Spehic/Diplomska-hls4ml, coms6424-s24/SecurityMLonFPGA.
    [((785, 786, 784), 196, (985, 986, 986)), ((66, 67, 64), 1, (68, 69, 69)), ((26, 27, 20), 25, (55, 56, 56))],
)
def test_dense_layers_read_their_stream_first(kernel, packs, expected):
    assert dense_stream_cycles(kernel, packs) == expected
