"""Networks of Keras 3, converted at half of their DSPs: bit for bit the plain project with the plan's weights."""

import copy

import numpy as np
import pytest

import hls4ml_hwprune
from tests.host.firmware.projects import both_outputs, convert, zero_like

keras = pytest.importorskip('keras', minversion='3')
layers = keras.layers


def mixer():
    inputs = layers.Input((6, 5))
    a = layers.EinsumDense('bnc,cd->bnd', output_shape=(6, 8), bias_axes='d', activation='relu')(inputs)
    b = layers.EinsumDense('bnc,nm->bmc', output_shape=(4, 8), bias_axes='m')(a)
    return keras.Model(inputs, layers.Dense(5)(layers.Flatten()(b)))


def gru():
    inputs = layers.Input((6, 5))
    return keras.Model(inputs, layers.Dense(5)(layers.GRU(8)(inputs)))


def lstm():
    inputs = layers.Input((6, 5))
    return keras.Model(inputs, layers.Dense(5)(layers.LSTM(8)(inputs)))


def two_ways():
    """Two inputs, two outputs, and a connection that skips a layer."""
    a, b = layers.Input((8,), name='a'), layers.Input((8,), name='b')
    joined = layers.Add()([layers.Dense(8, activation='relu')(a), b])
    return keras.Model([a, b], [layers.Dense(3)(joined), layers.Dense(2)(layers.Dense(6, activation='relu')(joined))])


CASES = [(mixer, 'io_parallel', 'Latency', 1)]
CASES += [
    (network, *place)
    for network in (gru, lstm, two_ways)
    for place in (('io_parallel', 'Latency', 1), ('io_stream', 'Resource', 2))
]


@pytest.mark.parametrize(('network', 'io_type', 'strategy', 'reuse_factor'), CASES)
def test_half_of_the_multipliers(network, io_type, strategy, reuse_factor, tmp_path):
    keras.utils.set_random_seed(0)
    model = network()
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': reuse_factor, 'Strategy': strategy}}
    own, options = copy.deepcopy(config), {'backend': 'Vitis', 'io_type': io_type}
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '0.5x'})
    sparse = convert(model, config, tmp_path / 'sparse', **options)
    plan = hls4ml_hwprune.get_plan(sparse)
    assert not plan.not_pruned
    assert plan.after.dsp <= plan.before.dsp / 2
    plain = convert(model, own, tmp_path / 'plain', **options)
    zero_like(plain, plan)
    rng = np.random.default_rng(1)
    x = [rng.normal(0, 1, (20, *variable.shape)).astype(np.float32) for variable in plain.get_input_variables()]
    for ours, theirs in zip(*both_outputs(sparse, plain, x if len(x) > 1 else x[0]), strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert np.ptp(theirs) > 0
