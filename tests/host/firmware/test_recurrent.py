"""Sparse recurrent layers against plain hls4ml with the same weights set to zero, bit for bit."""

import copy

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.host.node.weights import bias_role
from tests.host.firmware.projects import both_outputs, convert, select, zero_like

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers

# Strategy, reuse factor, and share of the slots that each kernel of a layer keeps, in turn.
CASES = {
    'lanes': ('Resource', 3, (0.5, 0.4)),
    'turns': ('Resource', 24, (0.3, 0.6)),
    'constants': ('Latency', 1, (0.4, 0.5)),
    'shared': ('Latency', 2, (0.7, 1.0)),
    'one': ('Resource', 2, (0.5, 0.0)),
    'other': ('Resource', 2, (0.0, 0.5)),
    'none': ('Latency', 1, (0.0, 0.0)),
}
ONE_WAY = {
    'lstm': lambda name, all_steps: layers.LSTM(4, return_sequences=all_steps, name=name),
    'gru': lambda name, all_steps: layers.GRU(4, return_sequences=all_steps, name=name),
}
BOTH_WAYS = {
    'both': lambda name, all_steps: layers.Bidirectional(layers.LSTM(4, return_sequences=all_steps), name=name),
    'both_gru': lambda name, all_steps: layers.Bidirectional(layers.GRU(4, return_sequences=all_steps), name=name),
}
# hls4ml has Bidirectional layers in io_parallel alone.
KINDS = {'io_parallel': ONE_WAY | BOTH_WAYS, 'io_stream': ONE_WAY}


# Back end, interface and cases of the everyday suite; `test_bit_exact_everywhere` has all combinations.
EVERYDAY = [
    ('Vivado', 'io_parallel', ('lanes', 'other', 'none')),
    ('Vitis', 'io_parallel', ('turns', 'constants')),
    ('Vivado', 'io_stream', ('shared', 'one', 'lanes')),
]


def on_a_processor(layer):
    """A layer of which Keras traces no gradients for graphics cards, which is most of its time here."""
    for one in (layer.forward_layer, layer.backward_layer) if isinstance(layer, layers.Bidirectional) else (layer,):
        one._could_use_gpu_kernel = False
    return layer


def build(kinds, cases):
    """Every kind of layer in every case, side by side; one stream has seven readers at most."""
    inputs = [layers.Input((4, 6), name=f'x_{kind}') for kind in kinds]
    made = [
        on_a_processor(make(f'{kind}_{case}', number % 2 == 0))(x)
        for x, (kind, make) in zip(inputs, kinds.items(), strict=True)
        for number, case in enumerate(cases)
    ]
    model = keras.Model(inputs, made)
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def configuration(kinds, cases):
    names = {}
    for kind in kinds:
        for number, case in enumerate(cases):
            strategy, factor, _ = CASES[case]
            names[f'{kind}_{case}'] = {'Strategy': strategy, 'ReuseFactor': factor, 'static': number % 3 > 0}
    return {'Model': {'Precision': 'ap_fixed<14,5>', 'ReuseFactor': 1, 'Strategy': 'Latency'}, 'LayerName': names}


def kept(kernel, n_groups):
    """Groups that a kernel keeps, of the input and of the state by turns."""
    layer, _, role = kernel.partition('.')
    shares = CASES[layer.split('_')[-1]][2]
    return round(shares['recurrent' in role] * n_groups)


def check(backend, io_type, cases, tmp_path, monkeypatch):
    kinds = KINDS[io_type]
    model, config = build(kinds, cases), configuration(kinds, cases)
    plain = convert(model, copy.deepcopy(config), tmp_path / 'plain', backend=backend, io_type=io_type)
    select(monkeypatch, kept)
    hls4ml_hwprune.enable(config, backend=backend)
    sparse = convert(model, config, tmp_path / 'sparse', backend=backend, io_type=io_type)
    plan = hls4ml_hwprune.get_plan(sparse)
    assert {kernel.layer for kernel in plan.kernels} == set(config['LayerName'])
    assert len(plan.kernels) == sum(4 if kind.startswith('both') else 2 for kind in kinds) * len(cases)
    zero_like(plain, plan)
    x = [np.random.default_rng(3).normal(0, 2, (30, 4, 6)).astype(np.float32)] * len(kinds)
    for name, ours, theirs in zip(sparse.outputs, *both_outputs(sparse, plain, x), strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
        assert np.ptp(theirs) > 0
    for kernel in plan.kernels:
        variable = sparse.graph[kernel.layer].weights[kernel.role]
        held = tmp_path / 'sparse' / 'firmware' / 'weights' / f'{variable.name}.txt'
        assert len(held.read_text().split(',')) == max(1, kernel.mask.sum())
        assert bias_role(kernel.role) in sparse.graph[kernel.layer].weights


@pytest.mark.parametrize(('backend', 'io_type', 'cases'), EVERYDAY)
def test_bit_exact(backend, io_type, cases, tmp_path, monkeypatch):
    check(backend, io_type, cases, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize('io_type', KINDS)
@pytest.mark.parametrize('backend', ['Vivado', 'Vitis'])
def test_bit_exact_everywhere(backend, io_type, tmp_path, monkeypatch):
    check(backend, io_type, tuple(CASES), tmp_path, monkeypatch)


def test_reuse_factors_that_hls4ml_does_not_round_are_rounded(tmp_path, caplog):
    """hls4ml checks the factors of a bidirectional layer, and writes others."""
    inputs = layers.Input((4, 6))
    model = keras.Model(inputs, layers.Bidirectional(layers.LSTM(4), name='both')(inputs))
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 4, 'Strategy': 'Resource'}}
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '0.8x'})
    converted = convert(model, config, tmp_path / 'p', backend='Vitis', io_type='io_parallel')
    plan = hls4ml_hwprune.get_plan(converted)
    assert [kernel.reuse_factor for kernel in plan.kernels] == [3, 4, 3, 4]
    # hls4ml's own function would not run, even with all slots.
    assert converted.graph['both'].class_name == 'SparseBidirectional'
