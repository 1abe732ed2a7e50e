"""Firmware of slots that are not hls4ml's own (permuted, balanced): bit for bit, and its tables read back."""

import re

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.graph import read_layers
from tests.host.firmware.cases import BACKENDS, FAMILIES, cases, check, check_together, legal_reuse_factors, pair, some_cases
from tests.models import conv2d, convert, dense, hls_config, input_layer, mlp

LAYOUTS = ('permuted', 'balanced')


# Both write the same tables, so each takes half of the combinations here; `test_bit_exact_everywhere` has all.
EVERYDAY = [
    ('permuted', 'dense', 'Vivado', 'io_parallel'),
    ('balanced', 'dense', 'Vitis', 'io_stream'),
    ('balanced', 'conv2d', 'Vitis', 'io_parallel'),
    ('permuted', 'conv2d', 'Vivado', 'io_stream'),
    ('balanced', 'conv1d_same', 'Vivado', 'io_parallel'),
    ('permuted', 'pointwise2d', 'Vitis', 'io_stream'),
]


@pytest.mark.parametrize('backend', BACKENDS)
def test_bit_exact(backend, tmp_path, monkeypatch):
    pairs = []
    for packing, family, where, io_type in EVERYDAY:
        if where == backend:
            # Accumulators that saturate are refused: see below.
            chosen = [case for case in some_cases(family) if case.precision != 'saturating']
            folder = tmp_path / f'{family}_{packing}'
            pairs.append(pair(family, chosen, backend, io_type, folder, monkeypatch, packing=packing))
    if backend == 'Vitis':
        pairs.append(parallel_pixels(tmp_path / 'parallel_pixels', monkeypatch))
    check_together(pairs)


def parallel_pixels(folder, monkeypatch):
    _, _, n_in, n_out = FAMILIES['conv2d']
    every = cases(n_in, n_out, [6, 18, 36], every=False)
    chosen = [case for case in every if case.precision != 'saturating' and case.strategy == 'Resource']
    extra = {'ParallelizationFactor': 3}
    return pair('conv2d', chosen, 'Vitis', 'io_parallel', folder, monkeypatch, extra=extra, packing='balanced')


@pytest.mark.slow
@pytest.mark.parametrize('packing', LAYOUTS)
@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
@pytest.mark.parametrize('backend', ['Vivado', 'Vitis'])
@pytest.mark.parametrize('family', FAMILIES)
def test_bit_exact_everywhere(packing, family, backend, io_type, tmp_path, monkeypatch):
    _, _, n_in, n_out = FAMILIES[family]
    every = cases(n_in, n_out, legal_reuse_factors(n_in, n_out), every=True)
    chosen = [case for case in every if case.precision != 'saturating' and case.strategy == 'Resource']
    check(family, chosen, backend, io_type, tmp_path, monkeypatch, packing=packing)


def table(text, name):
    """Numbers of a table of the generated configuration."""
    (values,) = re.findall(rf'::{name}\[\] = \{{([^}}]*)\}}', text)
    return np.array([int(value) for value in values.split(',')])


def lane_inputs(text, n_in, rf):
    """Input that each lane brings in each cycle, read directly or through streams; at most RF to choose from."""
    if '::lane_inputs[]' in text:
        return table(text, 'lane_inputs').reshape(-1, rf)
    streams, select = table(text, 'stream_inputs').reshape(-1, rf), table(text, 'lane_leg').reshape(-1, rf)
    groups = [tuple(map(int, found)) for found in re.findall(r'LaneGroups<(\d+), (\d+), (\d+), (\d+),', text)]
    n_legs = np.concatenate([np.full(last - first, legs) for legs, first, last, _ in groups])
    assert len(n_legs) == len(select)
    assert np.all(np.diff([legs for legs, *_ in groups]) > 0)
    assert n_legs.max() <= rf
    assert np.all(select.max(axis=1) < n_legs)
    begin = np.cumsum(n_legs) - n_legs
    assert [leg for *_, leg in groups] == [begin[first] for _, first, _, _ in groups]
    chosen = table(text, 'leg_source')[begin[:, None] + select]
    brought = streams[np.maximum(chosen - n_in, 0), np.arange(rf)]
    return np.where(chosen < n_in, chosen, brought)


def weights(header):
    values = re.search(r'\{([^}]*)\};', header.read_text())
    return np.array([float(value) for value in values[1].split(',')])


@pytest.mark.parametrize('packing', LAYOUTS)
@pytest.mark.parametrize(('n_in', 'n_out', 'rf'), [(16, 8, 4), (16, 8, 8), (16, 8, 32), (16, 1, 4), (1, 16, 4), (12, 6, 12)])
def test_tables_hold_every_kept_weight_once(packing, n_in, n_out, rf, tmp_path):
    rng = np.random.default_rng(n_in + rf)
    values = (
        rng.choice((-1.0, 1.0), (n_in, n_out)) * rng.permutation(np.arange(1, n_in * n_out + 1)).reshape(n_in, n_out) / 64
    )
    layers = [input_layer((n_in,)), dense('fc', values)]
    block = {'Budget': {'DSP': '0.5x'}, 'Packing': packing}
    model = convert(layers, hls_config(block, ['vitis:hwprune'], ReuseFactor=rf), tmp_path / 'project')
    model.write()
    (plan,) = hls4ml_hwprune.get_plan(model).kernels
    assert 0 < plan.n_kept <= -(-n_in * n_out // rf) // 2 or plan.n_slots == 1
    firmware = tmp_path / 'project' / 'firmware'
    text = (firmware / 'parameters.h').read_text()
    held = weights(firmware / 'weights' / 'w2.h').reshape(plan.n_kept, rf)
    found = np.zeros((n_out, n_in))
    if rf <= n_in:
        lanes = lane_inputs(text, n_in, rf)
        inputs = lanes[table(text, 'lane_of')]
        outputs = np.repeat(table(text, 'out_index'), rf).reshape(-1, rf)
        assert np.all(np.bincount(table(text, 'lane_of'), minlength=len(lanes)) > 0)
    else:
        inputs = np.tile(np.arange(n_in), rf // n_in * plan.n_kept).reshape(-1, rf)
        outputs = np.repeat(table(text, 'out_index'), n_in).reshape(-1, rf)
    np.add.at(found, (outputs, inputs), held)
    expected = np.where(plan.mask, values.T, 0)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert np.unique(np.stack([outputs.ravel(), inputs.ravel()]), axis=1).shape[1] == plan.mask.sum()


@pytest.mark.parametrize('packing', LAYOUTS)
@pytest.mark.parametrize('accum', ['ap_fixed<16,6,AP_RND,AP_SAT>', 'ap_fixed<16,6,AP_TRN,AP_WRAP,2>', 'float'])
@pytest.mark.parametrize(
    ('configured', 'block'),
    [(4, {}), (1, {'ReuseFactor': 4}), (1, {'ReuseFactor': 'auto'})],
    ids=['own', 'asked', 'auto'],
)
def test_saturating_accumulators_are_refused(configured, block, accum, packing, tmp_path):
    config = hls_config({'Budget': {'DSP': '0.5x'}, 'Packing': packing}, ['vitis:hwprune'], ReuseFactor=configured)
    config['LayerName'] = {'fc1': {'Precision': {'accum': accum}, 'HWPrune': block}}
    with pytest.raises(ConfigError, match=r'Packing.*fc1.*saturates.*aligned'):
        convert(mlp(), config, tmp_path / 'project')
    assert not (tmp_path / 'project').exists()


@pytest.mark.parametrize('packing', LAYOUTS)
def test_plan_report_and_estimate_agree(packing, tmp_path):
    layers = [input_layer((6, 6, 2)), conv2d('conv', np.random.default_rng(0).normal(0, 0.5, (3, 3, 2, 4)), (6, 6))]
    for number, network in enumerate((mlp((16, 64, 32, 5)), layers)):
        config = hls_config(
            {'Budget': {'DSP': '0.4x'}, 'Packing': packing}, ['vitis:hwprune'], ReuseFactor=6 if number else 4
        )
        model = convert(network, config, tmp_path / f'project{number}')
        plan = hls4ml_hwprune.get_plan(model)
        assert plan.after == hls4ml_hwprune.estimate(model).total
        assert plan.after.dsp <= 0.4 * plan.before.dsp
        for kernel, layer in zip(plan.kernels, (layer for layer in read_layers(model) if layer.kernels), strict=True):
            assert kernel.packing == packing
            assert layer.kernels[0].slots is not None
            assert len(layer.kernels[0].slots.positions) == kernel.n_kept
