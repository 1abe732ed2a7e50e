"""Memories: real csynth reports quoted as numbers, and the shape of the curves."""

import numpy as np
import pytest

from hls4ml_hwprune.resources import memories


@pytest.mark.parametrize(
    ('words', 'bits', 'blocks'),
    [
        (1024, 18, 1),  # softmax tables
        (864, 5, 1),  # fastmachinelearning/hls4ml-live-demo
        (9216, 5, 5),
        (256, 4, 1),  # YanLunHuang/DeepCalo_full_model: 1,024 bits are the first in a block
        (256, 3, 0),
        (144, 6, 0),  # coms6424-s24/SecurityMLonFPGA
    ],
)
def test_blocks_of_memories(words, bits, blocks):
    assert memories.bram18(words, bits) == blocks


@pytest.mark.parametrize(('words', 'bits', 'lut'), [(256, 3, 12), (144, 6, 14), (108, 2, 4), (16, 58, 15), (12, 6, 2)])
def test_small_memories_are_luts(words, bits, lut):
    assert memories.memory_lut(words, bits) == lut
    assert memories.memory_ff(words, bits) == bits
    assert memories.memory_lut(1024, 18) == memories.memory_ff(1024, 18) == 0


@pytest.mark.parametrize(
    ('n_in', 'reuse_factor', 'shape'),
    [(27, 108, (108, 2)), (288, 9216, (9216, 5)), (100, 10000, (10000, 7)), (64, 64, (0, 0)), (2048, 20480, (20480, 32))],
)
def test_index_memories(n_in, reuse_factor, shape):
    # RishThakkar/PokerML, fastmachinelearning/hls4ml-live-demo, mgrailoo/HLS4ML_Poisioned_CPP_HDL_9b_FashionMNIST.
    assert memories.index_memory(n_in, reuse_factor) == shape


def test_copies_of_tables():
    assert memories.table_copies(128) == 64  # YanLunHuang/LFADS: gates of 64 states
    assert memories.table_copies(5, 'Vivado HLS', softmax=True) == 3  # Hector-Plata/hls4ml-tutorial
    assert memories.table_copies(10, 'Vivado HLS', softmax=True, stream=True) == 1  # RishThakkar/PokerML


@pytest.mark.parametrize(
    ('classes', 'stream', 'blocks'),
    # Vitis HLS reports: 2025.1, 2022.2 (two layers, each block listed twice), 2023.1 and 2023.2 (two networks).
    [(3, False, 3), (5, False, 8 // 2), (5, True, 8 // 2), (10, True, 10 // 2), (10, True, 5)],
)
def test_vitis_reads_softmax_tables_through_both_ports(classes, stream, blocks):
    # One block a copy of the exponentials, and one of the inverses.
    assert memories.table_copies(classes, 'Vitis HLS', softmax=True, stream=stream) + memories.table_copies(1) == blocks


def test_image_lines_are_shift_registers():
    assert list(memories.line_lut([5, 32, 62, 128])) == [32, 32, 64, 128]
    assert list(memories.line_ff([5, 128])) == [64, 64]


@pytest.mark.parametrize(
    ('words', 'bits', 'tool', 'blocks', 'ff'),
    [
        (2, 16, 'Vivado HLS', 0, 5),
        (16, 16, 'Vivado HLS', 0, 7),
        (99, 16, 'Vivado HLS', 1, 36),
        (2, 4704, 'Vivado HLS', 262, 4714),  # mgrailoo/HLS4ML_CPP_HDL_MNIST_
        (3072, 8, 'Vivado HLS', 2, None),  # fastmachinelearning/hls4ml-live-demo
        (1, 2048, 'Vitis HLS', 0, 99),  # MagiPrince/CNNandMLP
        (4, 512, 'Vitis HLS', 29, 147),
        (4761, 48, 'Vitis HLS', 24, 163),
        (40, 1408, 'Vitis HLS', 79, 153),  # SpAllen0726/HG-DREAM-Pulse-Detection-Project
    ],
)
def test_fifos(words, bits, tool, blocks, ff):
    assert memories.fifo_bram18(words, bits) == blocks
    if ff is not None:
        assert memories.fifo_ff(words, bits, tool) == ff


@pytest.mark.parametrize('bits', [4, 16])
def test_luts_of_small_fifos(bits):
    assert memories.fifo_lut(2, bits, 'Vivado HLS') == bits + 12


CURVES = [
    memories.line_lut,
    memories.line_ff,
    *(
        lambda n, f=f, fixed=fixed, tool=tool: f(n, fixed, tool)
        for f in (memories.fifo_lut, memories.fifo_ff)
        for fixed in (1, 16, 200)
        for tool in ('Vivado HLS', 'Vitis HLS')
    ),
    *(
        lambda n, f=f, fixed=fixed: f(fixed, n)
        for f in (memories.bram18, memories.fifo_bram18)
        for fixed in (1, 2, 40, 3000)
    ),
    *(lambda n, fixed=fixed: memories.fifo_bram18(n, fixed) for fixed in (1, 16, 200)),
]


@pytest.mark.parametrize('curve', CURVES)
def test_more_is_never_cheaper(curve):
    n = np.arange(20000)
    values = curve(n)
    assert values.shape == n.shape
    assert values[0] == 0
    assert np.all(np.diff(values) >= 0)
