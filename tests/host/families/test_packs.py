"""Packs that a dense layer reads from a stream that was flattened before it."""

import pytest

import hls4ml_hwprune
from hls4ml_hwprune.host.graph import read_layers
from tests.host.firmware.projects import convert

layers = pytest.importorskip('tensorflow.keras.layers')


def flattened(folder, backend, io_type='io_stream', between=()):
    from tensorflow import keras

    stack = [layers.Input((4, 4, 16)), layers.ReLU(), *between, layers.Flatten(), layers.Dense(16, name='fc')]
    config = {'Model': {'Precision': 'ap_fixed<8,4>', 'ReuseFactor': 1, 'Strategy': 'Latency'}}
    options = {'backend': backend, 'io_type': io_type, 'part': 'xczu9eg-ffvb1156-2-e', 'clock_period': 5}
    return convert(keras.Sequential(stack), config, folder, **options)


@pytest.mark.parametrize('backend', ['Vivado', 'Vitis'])
def test_a_dense_layer_behind_flatten_reads_a_pack_a_pixel(tmp_path, backend):
    model = flattened(tmp_path, backend)
    assert next(layer for layer in read_layers(model) if layer.name == 'fc').in_pixels == 16
    # Vitis HLS 2023.2 reports 25 cycles: 18 to read the 16 packs, 4 of the kernel, 3 around them.
    found = hls4ml_hwprune.estimate(model)
    assert found.layers['fc'].latency_max == pytest.approx(25, rel=0.2)
    assert found.layers['fc'].ii == found.layers['fc'].latency_max
    # It reads while the layer before it writes: the design takes little more than the dense layer.
    assert found.layers['fc'].latency_max < found.design.latency_max <= found.layers['fc'].latency_max + 8


def test_reshaping_twice_keeps_the_packs_of_the_last_real_stream(tmp_path):
    model = flattened(tmp_path, 'Vitis', between=[layers.Reshape((8, 2, 16))])
    assert next(layer for layer in read_layers(model) if layer.name == 'fc').in_pixels == 16


def test_parallel_designs_read_a_vector(tmp_path):
    model = flattened(tmp_path, 'Vitis', 'io_parallel')
    assert next(layer for layer in read_layers(model) if layer.name == 'fc').in_pixels == 1
