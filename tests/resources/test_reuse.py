"""Legal reuse factors are those that hls4ml finds, and the multiplexer that Vivado HLS lists is that of the last kernel."""

from dataclasses import replace

import numpy as np
import pytest
from hls4ml.backends import get_backend

from hls4ml_hwprune.records import Kernel, Layer, Target
from hls4ml_hwprune.resources import legal_reuse_factors, mark_multiplexers


@pytest.mark.parametrize(('n_in', 'n_out'), [(1, 1), (1, 7), (16, 64), (64, 5), (27, 16), (31, 13), (144, 24), (10, 12)])
def test_as_hls4ml_has_them(n_in, n_out):
    assert legal_reuse_factors(n_in, n_out) == get_backend('Vitis').get_valid_reuse_factors(n_in, n_out)


def layer(name, n_in, n_out, reuse_factor, tool):
    codes = np.ones((n_out, n_in), np.int64)
    kernel = Kernel(name, 'weight', n_in, n_out, reuse_factor, 'resource', 1, codes / 1.0, codes, 16, 16, 32)
    return Layer(name, 'Dense', 'io_parallel', kernels=(kernel,), target=Target('', 5.0, tool))


def ways(layers):
    return [layer.kernels[0].multiplexer_ways for layer in mark_multiplexers(layers)]


def test_the_last_multiplexer_of_vivado_counts():
    layers = [layer('a', 16, 64, 4, 'Vivado HLS'), layer('b', 64, 32, 8, 'Vivado HLS'), layer('c', 32, 5, 1, 'Vivado HLS')]
    assert ways(layers) == [64, 64, 64]
    beyond = replace(layers[1], kernels=(replace(layers[1].kernels[0], reuse_factor=128),))
    assert ways([layers[0], beyond, layers[2]]) == [32, 32, 32]
    assert ways(layers[2:]) == [0]
    assert ways([layer('a', 16, 64, 4, 'Vitis HLS')]) == [0]
    assert mark_multiplexers([]) == ()
