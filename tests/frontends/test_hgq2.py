"""HGQ2 networks at half of their LUTs: the firmware gives the answers of the network with the pruned weights at zero."""

import copy

import numpy as np
import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import convert, outputs

keras = pytest.importorskip('keras', minversion='3')
scopes, hgq = (pytest.importorskip(f'hgq.{name}') for name in ('config', 'layers'))
layers = keras.layers


def mlp():
    inputs = layers.Input((16,))
    return keras.Model(inputs, hgq.QDense(5)(hgq.QDense(24, activation='relu')(inputs)))


def mixer():
    inputs = layers.Input((8, 6))
    a = hgq.QEinsumDenseBatchnorm('bnc,cd->bnd', (8, 8), bias_axes='d', activation='relu')(inputs)
    b = hgq.QEinsumDense('bnc,nm->bmc', (4, 8), bias_axes='m')(a)
    return keras.Model(inputs, hgq.QDense(5)(layers.Flatten()(b)))


def cnn():
    inputs = layers.Input((6, 6, 2))
    return keras.Model(inputs, hgq.QDense(5)(layers.Flatten()(hgq.QConv2D(4, 3, activation='relu')(inputs))))


def made(network):
    """Network with weights and types, which a first call settles, and inputs."""
    keras.utils.set_random_seed(0)
    types = scopes.QuantizerConfigScope(place='all', default_q_type='kbi', b0=6, i0=2)
    with types, scopes.LayerConfigScope(enable_ebops=True, beta0=1e-5):
        model = network()
    x = np.random.default_rng(1).normal(0, 1, (40, *model.input_shape[1:])).astype(np.float32)
    model(x)
    return model, x


def zero(model, plan):
    """Set the weights that a plan prunes to zero in Keras."""
    for kernel in plan.kernels:
        variable = next(variable for variable in model.get_layer(kernel.layer).weights if variable.name == 'kernel')
        variable.assign(np.where(kernel.mask.T.reshape(variable.shape), variable, 0))


CASES = [
    (network, 'io_parallel', strategy) for network in (mlp, mixer, cnn) for strategy in ('Latency', 'distributed_arithmetic')
]
CASES += [(cnn, 'io_stream', 'distributed_arithmetic')]


@pytest.mark.parametrize(('network', 'io_type', 'strategy'), CASES)
def test_half_of_the_luts(network, io_type, strategy, tmp_path):
    if strategy == 'distributed_arithmetic':
        pytest.importorskip('da4ml')
    model, x = made(network)
    config = {'Model': {'Precision': 'ap_fixed<-1,0>', 'ReuseFactor': 1, 'Strategy': strategy}}
    options = {'backend': 'Vitis', 'io_type': io_type}
    dense = hls4ml_hwprune.estimate(convert(model, copy.deepcopy(config), tmp_path / 'dense', **options))
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'LUT': '0.5x'})
    sparse = convert(model, config, tmp_path / 'sparse', **options)
    plan = hls4ml_hwprune.get_plan(sparse)
    assert not plan.not_pruned
    assert plan.after.lut <= plan.before.lut / 2
    # By the adders that da4ml counts, where there are any.
    assert hls4ml_hwprune.estimate(sparse).total.lut <= 0.55 * dense.total.lut
    zero(model, plan)
    wanted = np.asarray(model(x))
    np.testing.assert_array_equal(outputs(sparse, x)[0].reshape(wanted.shape), wanted)
    assert np.ptp(wanted) > 0
