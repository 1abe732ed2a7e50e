"""Activations of wide and of rounded types: clamps that saturate, and softmax tables that are filled at run time."""

import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import convert

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers


def project(stack, folder, precisions, backend='Vitis', io_type='io_stream'):
    names = {name: {'Precision': {'result': precision}} for name, precision in precisions.items()}
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 1, 'Strategy': 'Latency'}, 'LayerName': names}
    options = {'backend': backend, 'io_type': io_type, 'part': 'xczu9eg-ffvb1156-2-e', 'clock_period': 5}
    return convert(keras.Sequential(list(stack)), config, folder, **options)


@pytest.mark.parametrize(
    ('shape', 'precision', 'lut'), [((24, 24, 6), 'ap_fixed<22,14>', 1165), ((16,), 'ap_fixed<34,19>', 3728)]
)
def test_quantised_tanh_of_wide_sums(tmp_path, shape, precision, lut):
    # Vitis HLS 2023.2, an 8-bit network.
    qkeras = pytest.importorskip('qkeras')
    stack = [layers.Input(shape, name='i'), qkeras.QActivation(qkeras.quantized_tanh(8), name='t')]
    precisions = {'i': precision, 't': 'ap_fixed<8,1,AP_RND_CONV,AP_SAT>'}
    found = hls4ml_hwprune.estimate(project(stack, tmp_path, precisions), 'csynth').layers['t']
    assert found.resources.lut == pytest.approx(lut, rel=0.25)


def softmax(folder, bits, **options):
    stack = [layers.Input((8,)), layers.Dense(2, name='out'), layers.Softmax(name='sm')]
    precisions = {name: f'ap_fixed<{bits},16>' for name in ('out', 'out_linear')}
    return hls4ml_hwprune.estimate(project(stack, folder, precisions, **options), 'csynth')


def test_softmax_of_wide_logits_fills_its_table_at_run_time(tmp_path):
    # Vitis HLS 2024.2: DSP 9, LUT 3446, FF 1169, latency 1053, and 1054 is the interval of the design.
    found = softmax(tmp_path, 36)
    layer = found.layers['sm']
    assert layer.resources.dsp == 9
    assert layer.resources.lut == pytest.approx(3446, rel=0.05)
    assert layer.resources.ff == pytest.approx(1169, rel=0.05)
    assert layer.latency_max == pytest.approx(1053, rel=0.01)
    assert found.design.ii == pytest.approx(1054, rel=0.01)
    assert layer.confidence['dsp'].kind == 'rough'


@pytest.mark.parametrize('options', [{'bits': 33}, {'bits': 36, 'backend': 'Vivado'}])
def test_other_softmax_tables_are_constants(tmp_path, options):
    found = softmax(tmp_path, **options).layers['sm']
    assert found.resources.dsp == 2
    assert found.latency_max < 50


def test_blocks_of_softmax_tables_are_not_certain_with_vitis(tmp_path):
    # They differ by version, which nothing in a project tells.
    assert softmax(tmp_path / 'vitis', 16).layers['sm'].confidence['bram18'].kind == 'rough'
    found = softmax(tmp_path / 'vivado', 16, backend='Vivado').layers['sm']
    assert found.confidence['bram18'].kind == 'exact'
