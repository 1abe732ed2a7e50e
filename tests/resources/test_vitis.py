"""Kernels with shared multipliers under Vitis HLS: figures of csynth reports of hls4ml 1.x, 2023.1 to 2024.2."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hls4ml_hwprune.records import Layer, Target
from hls4ml_hwprune.resources import estimate_layers, kernel_resources, selection_costs
from hls4ml_hwprune.resources.cost_model import cost_model
from hls4ml_hwprune.resources.logic import conv_overhead
from hls4ml_hwprune.resources.logic.vitis import vitis_multiplexed, vitis_shared_constants
from hls4ml_hwprune.resources.memories import line_ff, line_lut
from hls4ml_hwprune.resources.timing.layers import conv_cycles, kernel_cycles
from tests.resources import kernels

ZYNQ, ARTIX = 'xc7z020-clg400-1', 'xc7a35t-cpg236-1'


def kernel(n_in, n_out, rf, clock, part, bits, source='layer', strategy='resource'):
    found = kernels.kernel(n_in, n_out, rf, bits, source, Target(part, clock, 'Vitis HLS'), result_bits=bits[2])
    # Of 32-bit weights the last slot has none above 28 bits in the reports: the top of the memory's word is constant.
    return replace(found, strategy=strategy, codes=np.minimum(found.codes, 2**27 - 1))


# Kernel; DSP, BRAM18, LUT, FF, largest latency as reported.
DENSE = [
    (kernel(64, 16, 8, 5, ZYNQ, (16, 16, 16), 'port'), 128, 57, 28846, 46072, 19),
    (kernel(16, 64, 8, 5, ZYNQ, (16, 16, 16)), 128, 57, 4658, 15299, 12),
    (kernel(64, 16, 16, 10, ZYNQ, (16, 16, 16), 'port'), 64, 29, 10874, 2642, 18),
    (kernel(16, 64, 16, 10, ZYNQ, (16, 16, 16)), 64, 29, 4163, 3568, 18),
    (kernel(64, 16, 128, 5, ZYNQ, (32, 32, 32), 'port'), 32, 7, 6819, 9841, 139),
    (kernel(16, 64, 128, 5, ZYNQ, (32, 32, 32)), 32, 7, 6388, 8568, 134),
    (kernel(54, 1, 54, 30, ARTIX, (6, 6, 19)), 1, 1, 1314, 697, 55),
    (kernel(45, 6, 45, 30, ARTIX, (6, 6, 19), 'window'), 6, 1, 1206, 777, 46),
    (kernel(50, 4, 50, 30, ARTIX, (6, 6, 19), 'window'), 4, 1, 1280, 763, 51),
    (kernel(100, 5, 50, 30, ARTIX, (6, 6, 20), 'window'), 5, 2, 2674, 1411, 51),
    (kernel(25, 2, 50, 30, ARTIX, (8, 6, 20), 'window'), 1, 1, 988, 530, 51),
]


def name(k):
    return f'{k.n_in}x{k.n_out}_rf{k.reuse_factor}_{k.target.clock_ns:.0f}ns_{k.source}'


@pytest.mark.parametrize(('k', 'dsp', 'bram', 'lut', 'ff', 'latency'), DENSE, ids=[name(row[0]) for row in DENSE])
def test_dense_kernels(k, dsp, bram, lut, ff, latency):
    found = kernel_resources(k)
    assert (found.dsp, found.bram18) == (dsp, bram)
    assert_allclose(found.lut, lut, rtol=0.03)
    assert_allclose(found.ff, ff, rtol=0.09)
    assert kernel_cycles(k.reuse_factor, 'resource', k.n_in, k.target, depth=cost_model(k.target).depth(k))[1] == latency


@pytest.mark.parametrize('k', [row[0] for row in DENSE], ids=[name(row[0]) for row in DENSE])
def test_fewer_slots_never_cost_more(k):
    slots = np.arange(k.n_slots + 1)
    for lanes in (None, slots.astype(float)):
        lut, ff = vitis_multiplexed(k, slots, lanes)
        assert (np.diff(lut) >= 0).all() and (np.diff(ff) >= 0).all() and lut[0] == ff[0] == 0
    one_by_one = [float(vitis_multiplexed(k, int(n))[0]) for n in slots]
    assert_allclose(vitis_multiplexed(k, slots)[0], one_by_one)
    index = np.arange(k.n_slots * k.reuse_factor).reshape(k.n_slots, -1)
    assert (np.diff(selection_costs(k, index, np.ones(k.n_slots, np.int64)), axis=0) >= 0).all()


def test_selectors_are_shared_by_all_outputs():
    """One for each RF inputs, not one a slot: the same for four times the outputs."""
    few, many = (kernel(64, n_out, 8, 10, ZYNQ, (16, 16, 16)) for n_out in (8, 32))
    selectors = [float(vitis_multiplexed(k, k.n_slots, 8)[0] - vitis_multiplexed(k, k.n_slots, 0)[0]) for k in (few, many)]
    assert selectors[0] == selectors[1] == 8 * 33
    for k in (few, many):
        assert vitis_multiplexed(k, k.n_slots)[0] == vitis_multiplexed(k, k.n_slots, 8)[0]


# n_in, n_out, RF, channels, filter, image before and after padding and stride; LUT, FF, both latencies.
CONVOLUTIONS = [
    (25, 2, 50, 1, 64, 30, (8, 6, 20), 1903, 1148, 16385, 225281),
    (50, 4, 50, 2, 30, 13, (6, 6, 19), 2496, 1738, 3601, 49501),
    (100, 5, 50, 4, 13, 5, (6, 6, 20), 4502, 3208, 677, 9296),
    (45, 6, 45, 5, 5, 3, (6, 6, 19), 2450, 1863, 101, 1251),
]


@pytest.mark.parametrize('row', CONVOLUTIONS, ids=lambda row: f'{row[0]}x{row[1]}')
def test_streamed_convolutions(row):
    n_in, n_out, rf, channels, before, after, bits, lut, ff, least, most = row
    k = kernel(n_in, n_out, rf, 30, ARTIX, bits, 'window')
    around_lut, around_ff = conv_overhead(n_in, n_out, channels, bits[0], bits[2], 2, packed=True)
    lines = channels * (round((n_in / channels) ** 0.5) - 1)
    found = kernel_resources(k)
    assert_allclose(found.lut + around_lut + lines * line_lut(before), lut, rtol=0.08)
    assert_allclose(found.ff + around_ff + lines * line_ff(before), ff, rtol=0.05)
    depth = cost_model(k.target).depth(k)
    cycles = conv_cycles(rf, 'resource', n_in, before**2, after**2, 'io_stream', None, k.target, None, depth)
    assert cycles == (least, most, most)


def test_streamed_convolutions_of_constants_do_not_overlap():
    """The window of a pixel is done before the next enters: 22 x 22 pixels and 28 x 28 at a kernel of one cycle."""
    target = Target('xcu250-figd2104-2L-e', 5.0, 'Vitis HLS')
    for side, reported in ((22, 1455), (28, 2355)):
        cycles = conv_cycles(1, 'latency', 27, side**2, (side - 2) ** 2, 'io_stream', None, target, 1, None, 1)
        assert cycles == (reported, reported, reported)
        vivado = conv_cycles(
            1, 'latency', 27, side**2, (side - 2) ** 2, 'io_stream', None, replace(target, tool='Vivado HLS')
        )
        assert vivado[1] < reported / 2


# n_in, n_out, RF, part; weights that are not zero, multipliers; LUT, FF.
SHARED = [
    (32, 64, 16, 'xczu7ev-ffvc1156-2-e', 2048, 128, 59539, 22149),
    (32, 8, 16, 'xczu7ev-ffvc1156-2-e', 255, 16, 7462, 3612),
    (64, 32, 16, 'xczu7ev-ffvc1156-2-e', 2047, 128, 59511, 22329),
    (8, 6, 4, 'xc7a50t-csg324-1', 48, 12, 1532, 1884),
    (6, 3, 4, 'xc7a50t-csg324-1', 18, 5, 685, 794),
    (3, 6, 4, 'xc7a50t-csg324-1', 18, 5, 543, 801),
    (6, 8, 4, 'xc7a50t-csg324-1', 48, 12, 1474, 1903),
]


@pytest.mark.parametrize('row', SHARED, ids=lambda row: f'{row[0]}x{row[1]}')
def test_latency_kernels_with_shared_multipliers(row):
    n_in, n_out, rf, part, weights, multipliers, lut, ff = row
    k = kernel(n_in, n_out, rf, 5, part, (16, 16, 16), strategy='latency')
    assert_allclose(vitis_shared_constants(k, weights, multipliers), (lut, ff), rtol=0.18)
    counts = vitis_shared_constants(k, np.arange(weights + 1), multipliers * np.arange(weights + 1) / weights)
    assert (np.diff(counts, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ('part', 'rf', 'kind'), [(ZYNQ, 8, 'rough'), (ZYNQ, 4, 'unseen'), ('xcu250-figd2104-2L-e', 8, 'unseen')]
)
def test_kernels_that_no_report_is_of_are_marked(part, rf, kind):
    k = kernel(16, 16, rf, 5, part, (16, 16, 16))
    layer = Layer('fc', 'Dense', 'io_parallel', (), kernels=(k,), target=k.target)
    confidence = estimate_layers([layer], 'csynth').layers['fc'].confidence
    assert {confidence[figure].kind for figure in ('lut', 'ff')} == {kind}
    assert confidence['dsp'].kind == 'exact'
