"""Every kind of network that hls4ml takes is read: pruned where it can be, left alone and estimated where not."""

import numpy as np
import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import both_outputs, convert, zero_like
from tests.turns import in_turn

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers


def sequential(*stack):
    return keras.Sequential(list(stack))


def branches():
    inputs = layers.Input((6,))
    a = layers.Dense(4, activation='relu', name='a')(inputs)
    b = layers.Dense(4, activation='tanh', name='b')(inputs)
    joined = layers.Concatenate()([layers.Add()([a, b]), layers.Multiply()([a, b])])
    return keras.Model(inputs, layers.Dense(3, activation='softmax', name='c')(joined))


NETWORKS = {
    'branches': (branches, 3),
    'pooling': (
        lambda: sequential(
            layers.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation='relu', name='a'),
            layers.MaxPooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(4, 3, name='b'),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, name='c'),
        ),
        3,
    ),
    'depthwise': (
        lambda: sequential(
            layers.Input((6, 6, 3)),
            layers.DepthwiseConv2D(3),
            layers.Conv2D(4, 1, name='a'),
            layers.Flatten(),
            layers.Dense(2, name='b'),
        ),
        3,
    ),
    'separable': (
        lambda: sequential(layers.Input((8, 3)), layers.SeparableConv1D(4, 3), layers.Flatten(), layers.Dense(2, name='a')),
        3,
    ),
    'recurrent': (
        lambda: sequential(
            layers.Input((5, 3)), layers.LSTM(4, return_sequences=True), layers.GRU(3), layers.Dense(2, name='a')
        ),
        5,
    ),
    'embedding': (
        lambda: sequential(
            layers.Input((4,)), layers.Embedding(7, 3, input_length=4), layers.Flatten(), layers.Dense(2, name='a')
        ),
        1,
    ),
    'dense on a sequence': (lambda: sequential(layers.Input((5, 4)), layers.Dense(6, name='a'), layers.ReLU()), 1),
    'upsampling': (
        lambda: sequential(
            layers.Input((4, 4, 2)),
            layers.UpSampling2D(2),
            layers.ZeroPadding2D(1),
            layers.Conv2D(2, 3, name='a'),
        ),
        1,
    ),
    'activations': (
        lambda: sequential(
            layers.Input((4,)),
            layers.Dense(4, activation='sigmoid', name='a'),
            layers.LeakyReLU(),
            layers.ELU(),
            layers.PReLU(),
            layers.Dense(3, activation='hard_sigmoid', name='b'),
            layers.Dense(2, activation='softplus', name='c'),
        ),
        3,
    ),
}


@pytest.mark.parametrize(
    ('network', 'strategy', 'io_type'), in_turn(list(NETWORKS), ['Resource', 'Latency'], ['io_parallel', 'io_stream'])
)
def test_any_network_converts_and_is_estimated(network, strategy, io_type, tmp_path):
    make, n_kernels = NETWORKS[network]
    model = make()
    if network in ('depthwise', 'separable') and strategy == 'Resource' and io_type == 'io_parallel':
        pytest.skip('hls4ml has no such depthwise convolution')
    config = {
        'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 2 if strategy == 'Resource' else 1, 'Strategy': strategy}
    }
    plain = convert(model, config, tmp_path / 'plain', backend='Vitis', io_type=io_type)
    dense = hls4ml_hwprune.estimate(plain, 'vsynth')
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'LUT': round(0.99 * dense.total.lut)})
    sparse = convert(model, config, tmp_path / 'sparse', backend='Vitis', io_type=io_type)
    plan = hls4ml_hwprune.get_plan(sparse)
    assert len(plan.kernels) == n_kernels
    assert plan.before == dense.total
    assert plan.after == hls4ml_hwprune.estimate(sparse).total
    assert plan.after.lut <= round(0.99 * dense.total.lut)
    assert dense.design.latency_max > 0
    assert dense.design.ii > 0
    with_weights = {layer.name for layer in plain.get_layers() if layer.weights}
    assert with_weights == {kernel.layer for kernel in plan.kernels} | set(plan.not_pruned)


@pytest.mark.parametrize(
    'network', ['branches', 'pooling', 'dense on a sequence', 'upsampling', 'depthwise', 'separable', 'recurrent']
)
def test_pruned_networks_compile_and_stay_bit_exact(network, tmp_path):
    model = NETWORKS[network][0]()
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 2, 'Strategy': 'Resource'}}
    plain = convert(model, config, tmp_path / 'plain', backend='Vitis', io_type='io_stream')
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '0.6x'})
    sparse = convert(model, config, tmp_path / 'sparse', backend='Vitis', io_type='io_stream')
    zero_like(plain, hls4ml_hwprune.get_plan(sparse))
    x = np.random.default_rng(1).normal(0, 1, (10, *model.input_shape[1:])).astype(np.float32)
    np.testing.assert_array_equal(*both_outputs(sparse, plain, x))


def test_excluded_layers_are_named_and_unrolled_ones_taken_over(tmp_path):
    model = sequential(layers.Input((6,)), layers.Dense(4, name='a'), layers.Dense(4, name='b'), layers.Dense(2, name='c'))
    config = {
        'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 1, 'Strategy': 'Latency'},
        'LayerName': {'a': {'Strategy': 'resource_unrolled', 'ReuseFactor': 2}, 'b': {'HWPrune': {'Exclude': True}}},
    }
    hls4ml_hwprune.enable(config, backend='Vitis')
    plan = hls4ml_hwprune.get_plan(convert(model, config, tmp_path / 'p', backend='Vitis'))
    # hls4ml's unrolled code is taken over.
    assert [(kernel.layer, kernel.strategy) for kernel in plan.kernels] == [('a', 'resource'), ('c', 'latency')]
    assert 'excluded' in plan.not_pruned['b']


def test_weights_that_cannot_be_zero_are_not_pruned(tmp_path):
    qkeras = pytest.importorskip('qkeras')
    model = sequential(
        layers.Input((6,)),
        qkeras.QDense(
            5, kernel_quantizer=qkeras.binary(alpha=1), bias_quantizer=qkeras.quantized_bits(4, 0, alpha=1), name='bits'
        ),
        qkeras.QDense(
            4, kernel_quantizer=qkeras.quantized_po2(4), bias_quantizer=qkeras.quantized_bits(4, 0, alpha=1), name='po2'
        ),
        qkeras.QDense(
            4, kernel_quantizer=qkeras.ternary(alpha=1), bias_quantizer=qkeras.quantized_bits(4, 0, alpha=1), name='three'
        ),
    )
    from hls4ml.utils import config_from_keras_model

    config = config_from_keras_model(model, granularity='name', backend='Vitis')
    hls4ml_hwprune.enable(config, backend='Vitis')
    plan = hls4ml_hwprune.get_plan(convert(model, config, tmp_path / 'p', backend='Vitis'))
    assert [kernel.layer for kernel in plan.kernels] == ['three']
    assert 'binary' in plan.not_pruned['bits']
    assert 'powers of two' in plan.not_pruned['po2']
