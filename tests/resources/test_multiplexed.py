"""LUT and FF of time-multiplexed kernels: shape of the curves, and agreement with real csynth reports."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hls4ml_hwprune.records import Target
from hls4ml_hwprune.resources import kernel_resources, selection_costs
from hls4ml_hwprune.resources.logic import multiplexed_logic
from hls4ml_hwprune.resources.logic.operators import multiplexer_lut, product_lut
from tests.resources.kernels import kernel

SLOW = Target('xc7z020-clg400-1', 5.0, 'Vivado HLS')


# RF below, at, twice and far above n_in, all weights in turn, a power of two or not, one output, one input.
KERNELS = [
    kernel(16, 64, 4),
    kernel(16, 64, 16, source='stream'),
    kernel(120, 50, 30),
    kernel(784, 4, 196, (16, 6, 32), 'stream'),
    kernel(64, 32, 64, (8, 6, 12), target=SLOW),
    kernel(256, 32, 512, (16, 14, 16), 'port'),
    kernel(32, 160, 1024, (16, 4, 16), 'port'),
    kernel(6, 360, 30),
    kernel(27, 4, 108, source='window'),
    kernel(64, 1, 32),
    kernel(1, 64, 2),
    kernel(64, 64, 16, (16, 16, 16), 'state', multiplexer_ways=10),
]


@pytest.mark.parametrize('k', KERNELS, ids=lambda k: f'{k.n_in}x{k.n_out}_rf{k.reuse_factor}')
def test_curves_are_monotone_and_vectorised(k):
    slots = np.arange(k.n_slots + 1)
    for free in (None, slots):
        curves = multiplexed_logic(k, slots, n_multiplexers=free)
        for curve in curves:
            assert curve.shape == slots.shape
            assert curve[0] == 0
            assert np.all(np.diff(curve) >= 0)
            assert curve[-1] > 0
    one_by_one = [multiplexed_logic(k, int(s), n_multiplexers=int(s)) for s in slots]
    assert_allclose(np.transpose(one_by_one), curves)


@pytest.mark.parametrize('stage', ['csynth', 'vsynth'])
@pytest.mark.parametrize('k', KERNELS, ids=lambda k: f'{k.n_in}x{k.n_out}_rf{k.reuse_factor}')
def test_costs_of_a_selection_grow_to_those_of_the_dense_kernel(k, stage):
    size = k.reuse_factor
    index = np.arange(k.n_slots * size).reshape(k.n_slots, size) % (k.n_in * k.n_out)
    costs = selection_costs(k, index, np.ones(k.n_slots, np.int64), stage)
    # A weight memory that outgrows LUTs gives some back.
    assert np.all(np.diff(costs[:, :3], axis=0) >= 0)
    assert_allclose(costs[0], 0)
    assert_allclose(costs[-1], kernel_resources(k, stage).as_array())


# (n_in, n_out, RF, weight bits, LUT, FF): Dendendelen/wa-hls4ml-search, Vivado HLS 2020.1, designs of one dense layer.
CAMPAIGN = [
    (256, 256, 512, 14, 24294, 6008),
    (256, 256, 512, 4, 24925, 4200),
    (256, 224, 1024, 6, 95836, 4587),
    (32, 128, 512, 12, 14260, 2285),
    (96, 64, 384, 14, 14013, 1388),
    (32, 32, 1024, 14, 7333, 1152),
]


@pytest.mark.parametrize(('n_in', 'n_out', 'rf', 'weight_bits', 'lut', 'ff'), CAMPAIGN)
def test_designs_of_one_layer(n_in, n_out, rf, weight_bits, lut, ff):
    k = kernel(n_in, n_out, rf, (16, weight_bits, 16), 'port')
    assert_allclose(multiplexed_logic(k, k.n_slots), (lut, ff), rtol=0.02)


REPORTS = [
    # RishThakkar/PokerML, Vivado HLS 2019.2: dense_wrapper on two parts, and the kernel inside a convolution.
    (kernel(784, 13, 784, (16, 6, 32), 'stream', Target('xczu5ev-sfvc784-2LV-e')), 29522, 38376),
    (kernel(784, 13, 784, (16, 6, 32), 'stream', SLOW), 20153, 26299),
    (kernel(27, 4, 108, (16, 6, 32), 'window'), 685, 450),
    # Spehic/Diplomska-hls4ml, Vivado HLS 2020.1.
    (kernel(32, 10, 64, (4, 4, 14), 'stream', SLOW), 1463, 687),
    # uw-acme/HLS4ML_VS_MANUAL, Vivado HLS 2019.2: hands its results over in registers; 64-input multiplexer last.
    (kernel(128, 384, 32, source='stream', multiplexer_ways=64), 455521, 43025),
    (kernel(256, 128, 32, source='stream', multiplexer_ways=64), 307564, 32790),
    # mgrailoo/HLS4ML_Poisioned_CPP_HDL_9b_FashionMNIST, Vivado HLS 2020.1.1: 10-input multiplexer last.
    (kernel(100, 100, 10000, multiplexer_ways=10), 5154, 3338),
    (kernel(100, 10, 1000, multiplexer_ways=10), 830, 447),
]


@pytest.mark.parametrize(('k', 'lut', 'ff'), REPORTS)
def test_layers_of_other_projects(k, lut, ff):
    assert_allclose(multiplexed_logic(k, k.n_slots), (lut, ff), rtol=0.11)


def test_where_inputs_come_from_matters():
    at = {source: multiplexed_logic(kernel(64, 32, 64, source=source), 32) for source in ('layer', 'stream', 'window')}
    assert at['window'][0] < at['layer'][0] < at['stream'][0]
    assert at['window'][1] < at['layer'][1] < at['stream'][1]


def test_one_figure_for_all_multiplexers_of_a_design():
    own = kernel(64, 32, 16)
    assert multiplexed_logic(replace(own, multiplexer_ways=4), 128)[0] < multiplexed_logic(own, 128)[0]


def test_operators():
    assert_allclose(multiplexer_lut([1, 4, 5, 10, 13, 16, 64]), [0, 17, 27, 55, 65, 65, 273], atol=6)
    assert np.all(np.diff(multiplexer_lut(np.arange(1, 600))) >= 0)
    assert [product_lut(8, b) for b in (4, 5, 8, 10)] == [5, 40, 40, 62]
    assert product_lut(16, 16) == 0
