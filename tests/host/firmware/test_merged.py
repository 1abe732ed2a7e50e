"""Convolutions that QKeras merges with a batch normalisation: pruned, and right where plain hls4ml has wrong sums."""

import copy

import hls4ml
import numpy as np
import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import both_outputs, convert, outputs, select, zero_like

keras = pytest.importorskip('tensorflow.keras')
qkeras = pytest.importorskip('qkeras')


def network():
    quantizer = {name: qkeras.quantized_bits(8, 2, alpha=1) for name in ('kernel_quantizer', 'bias_quantizer')}
    inputs = keras.layers.Input((5, 5, 2))
    a = qkeras.QActivation('quantized_relu(8,4)')(qkeras.QConv2DBatchnorm(4, 3, **quantizer, name='a')(inputs))
    b = keras.layers.Flatten()(qkeras.QConv2DBatchnorm(4, 1, **quantizer, name='b')(a))
    model = keras.Model(inputs, qkeras.QDense(3, **quantizer, name='c')(b))
    rng = np.random.default_rng(0)
    for layer in model.layers:
        # Variances are positive, and the count of batches is one number.
        layer.set_weights(
            [
                w if not w.shape else rng.uniform(0.5, 1, w.shape) if w.ndim == 1 else rng.normal(0, 0.5, w.shape)
                for w in layer.get_weights()
            ]
        )
    return model


@pytest.mark.parametrize(('backend', 'io_type'), [('Vivado', 'io_stream'), ('Vitis', 'io_parallel')])
def test_bit_exact(backend, io_type, tmp_path, caplog, monkeypatch):
    model = network()
    config = hls4ml.utils.config_from_keras_model(model, granularity='name', default_precision='ap_fixed<24,10>')
    for scope in (config['Model'], *config['LayerName'].values()):
        scope |= {'Strategy': 'Resource', 'ReuseFactor': 2}
    # Of the two back ends, Vitis alone has right sums of its own, and no other arithmetic.
    plain = convert(model, copy.deepcopy(config), tmp_path / 'plain', backend='Vitis', io_type=io_type)
    select(monkeypatch, lambda kernel, n_groups: n_groups // 2)
    hls4ml_hwprune.enable(config, backend=backend)
    sparse = convert(model, config, tmp_path / 'sparse', backend=backend, io_type=io_type)
    plan = hls4ml_hwprune.get_plan(sparse)
    assert [kernel.layer for kernel in plan.kernels] == ['a', 'b', 'c']
    assert all(kernel.replaced for kernel in plan.kernels)
    zero_like(plain, plan)
    x = np.random.default_rng(1).normal(0, 1, (30, *model.input_shape[1:])).astype(np.float32)
    if backend == 'Vitis':
        (ours,), (theirs,) = both_outputs(sparse, plain, x)
    else:
        (ours,), (theirs,) = outputs(sparse, x), outputs(plain, x)
    np.testing.assert_array_equal(ours, theirs)
    warned = [record.getMessage() for record in caplog.records if 'transposes the weights' in record.getMessage()]
    assert len(warned) == (2 if backend == 'Vivado' else 0)


def test_the_whole_network_is_right_where_plain_hls4ml_is_not(tmp_path):
    model = network()
    config = hls4ml.utils.config_from_keras_model(model, granularity='name', default_precision='ap_fixed<24,10>')
    for scope in (config['Model'], *config['LayerName'].values()):
        scope |= {'Strategy': 'Resource', 'ReuseFactor': 1}
    plain = convert(model, copy.deepcopy(config), tmp_path / 'plain', backend='Vivado', io_type='io_parallel')
    assert hls4ml_hwprune.estimate(plain).total.dsp > 0
    hls4ml_hwprune.enable(config, backend='Vivado', budget={'DSP': '1x'})
    kept = convert(model, config, tmp_path / 'kept', backend='Vivado', io_type='io_parallel')
    x = np.random.default_rng(1).normal(0, 1, (30, *model.input_shape[1:])).astype(np.float32)
    wanted = model.predict(x, verbose=0)
    np.testing.assert_allclose(outputs(kept, x)[0], wanted, atol=0.1)
    assert np.abs(outputs(plain, x)[0] - wanted).max() > 0.5
