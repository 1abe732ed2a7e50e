"""The Quartus dialect against projects of plain hls4ml with the plan's weights, bit for bit."""

import re

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.backends.base import QUARTUS, VIVADO
from hls4ml_hwprune.host.firmware.dialects import DIALECTS
from tests import models
from tests.host.firmware.cases import (
    FAMILIES,
    IO_TYPES,
    PRECISIONS,
    cases,
    check,
    check_together,
    few_cases,
    keras,
    layers,
    legal_reuse_factors,
    pair,
    some_cases,
)
from tests.host.firmware.projects import both_outputs, convert, outputs, select, zero_like

# Quartus has no depthwise convolutions.
SPOKEN = [family for family in FAMILIES if not family.startswith('depthwise')]
# One family of each kind; `test_bit_exact_everywhere` has all.
EVERYDAY = ('dense', 'conv1d_same', 'conv2d_strided', 'pointwise2d')


@pytest.mark.parametrize('io_type', IO_TYPES)
def test_bit_exact(io_type, tmp_path, monkeypatch):
    pairs = [
        pair(family, some_cases(family, turn), 'Quartus', io_type, tmp_path / family, monkeypatch)
        for turn, family in enumerate(EVERYDAY)
    ]
    check_together(pairs)


def test_packings_and_pixels_side_by_side(tmp_path, monkeypatch):
    place, parallel = ('Quartus', 'io_parallel'), {'ParallelizationFactor': 3}
    pairs = [pair('conv2d', few_cases('conv2d'), *place, tmp_path / 'pixels', monkeypatch, parallel)]
    for family, packing in (('dense', 'balanced'), ('conv1d', 'permuted')):
        wrapping = [case for case in some_cases(family) if case.precision != 'saturating']
        options = {'packing': packing, 'budget': {'DSP': '1x'}}
        pairs.append(pair(family, wrapping, *place, tmp_path / packing, monkeypatch, **options))
    check_together(pairs)
    # hls4ml unrolls columns first: three of three.
    assert {kernel.copies for kernel in hls4ml_hwprune.get_plan(pairs[0].sparse).kernels} == {3}


@pytest.mark.parametrize('reuse_factor', [3, 96])
def test_memories_of_many_weights_are_of_the_kept_slots(reuse_factor, tmp_path, monkeypatch):
    """hls4ml pads dense layers of more than 2,048 weights to powers of two; and convolutions of so many it cannot write."""
    # The ninth network loses a channel, after which no reuse factor divides the weights of the dense layer.
    keras.utils.set_random_seed(9)
    inputs = layers.Input((8, 8, 2), name='x')
    x = layers.Conv2D(96, 4, strides=4, name='conv')(inputs)
    model = keras.Model(inputs, layers.Dense(12, name='fc')(layers.Flatten()(x)))
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': reuse_factor, 'Strategy': 'Resource'}}
    config['LayerName'] = {'conv': {'ReuseFactor': 2}}
    reference = {**config, 'LayerName': {'conv': {'ReuseFactor': 1}}}
    select(monkeypatch, lambda kernel, n_groups: n_groups // 3, seed=9)
    hls4ml_hwprune.enable(config, backend='Quartus', budget={'DSP': '1x'})
    sparse = convert(model, config, tmp_path / 'sparse', backend='Quartus')
    plan = hls4ml_hwprune.get_plan(sparse)
    plain = convert(model, reference, tmp_path / 'plain', backend='Quartus')
    zero_like(plain, plan)
    x = np.random.default_rng(1).normal(0, 1, (20, 8, 8, 2)).astype(np.float32)
    for ours, theirs in zip(*both_outputs(sparse, plain, x), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for kernel in plan.kernels:
        name = plain.graph[kernel.layer].weights['weight'].name
        text = (tmp_path / 'sparse' / 'firmware' / 'weights' / f'{name}.h').read_text()
        row = 1 << (kernel.reuse_factor - 1).bit_length()
        assert f'[{kernel.n_kept * row}]' in text
        banks = int(re.search(r'hls_numbanks\((\d+)\)', text)[1])
        assert banks & (banks - 1) == 0
        assert kernel.n_kept <= 2 * banks < 2 * kernel.n_kept


def test_large_convolutions_that_hls4ml_cannot_write_are_written_or_refused(tmp_path):
    rng = np.random.default_rng(0)
    network = [models.input_layer((6, 6, 8)), models.conv2d('conv', rng.uniform(0.05, 1.0, (3, 3, 8, 32)), (6, 6))]
    config = models.hls_config({'Budget': {'DSP': '1x'}}, ['quartus:hwprune'])
    model = models.convert(network, config, tmp_path / 'project', 'Quartus')
    assert not hls4ml_hwprune.get_plan(model).pruned
    model.write()
    assert (tmp_path / 'project' / 'firmware' / 'nnet_utils' / 'nnet_conv_sparse.h').exists()
    config['Model']['HWPrune']['Exclude'] = ['conv']
    with pytest.raises(ConfigError, match="layer 'conv': hls4ml cannot write a convolution of 2304 weights for Quartus"):
        models.convert(network, config, tmp_path / 'excluded', 'Quartus')


@pytest.mark.parametrize(
    ('layers', 'io_type', 'expected'),
    [
        (models.mlp(), 'io_parallel', set()),
        (models.mlp(), 'io_stream', {'nnet_dense_sparse_stream.h'}),
        (models.cnn()[:3], 'io_parallel', {'nnet_conv_sparse.h'}),
        (models.cnn()[:3], 'io_stream', {'nnet_conv_sparse_stream.h'}),
    ],
    ids=['dense', 'dense stream', 'conv', 'conv stream'],
)
def test_a_project_has_the_headers_of_its_dialect(layers, io_type, expected, tmp_path):
    config = models.hls_config({'Budget': {'DSP': '0.5x'}}, ['quartus:hwprune'], ReuseFactor=2)
    models.convert(layers, config, tmp_path / 'project', 'Quartus', io_type=io_type).write()
    folder, headers = tmp_path / 'project' / 'firmware' / 'nnet_utils', DIALECTS[QUARTUS].headers
    found = {path.name: path.read_text() for path in folder.glob('*.h') if path.name in headers}
    assert set(found) == {'nnet_dense_sparse.h', 'nnet_sparse_common.h', 'nnet_sparse_slots.h'} | expected
    assert all(text == headers[name].read_text() for name, text in found.items())


def test_headers_of_all_dialects_have_names_of_vivado():
    # The writer takes those of an earlier project away, whatever its back end was.
    assert all(set(dialect.headers) <= set(DIALECTS[VIVADO].headers) for dialect in DIALECTS.values())


@pytest.mark.parametrize('name', sorted(DIALECTS[QUARTUS].headers))
def test_every_function_declares_as_many_weights_as_there_are(name):
    text = DIALECTS[QUARTUS].headers[name].read_text()
    declared = re.findall(r'weight_t\s+weights\[([^\]]*)\]', text)
    assert set(declared) <= {'CONFIG_T::n_weights', 'CONFIG_T::mult_config::n_weights'}
    assert '#pragma HLS' not in text


def test_answers_are_evaluated_after_conversion(tmp_path):
    config = models.hls_config({'Budget': {'DSP': '1x'}}, ['quartus:hwprune'])
    model = models.convert(models.mlp(), config, tmp_path / 'project', 'Quartus')
    x = np.random.default_rng(0).normal(0, 1, (30, 16)).astype(np.float32)
    found = hls4ml_hwprune.evaluate(model, x)
    assert found.agreement == 1
    assert found.loss == 0


def test_a_plan_of_another_tool_is_applied(tmp_path):
    """Masks and slots are of the network: a plan for Vitis gives the same answers on Quartus."""
    config = models.hls_config({'Budget': {'DSP': '0.5x'}}, ['vitis:hwprune'])
    vitis = models.convert(models.mlp(), config, tmp_path / 'vitis')
    hls4ml_hwprune.get_plan(vitis).save(tmp_path / 'plan.json')
    config = models.hls_config({'Plan': str(tmp_path / 'plan.json')}, ['quartus:hwprune'])
    quartus = models.convert(models.mlp(), config, tmp_path / 'quartus', 'Quartus')
    plan = hls4ml_hwprune.get_plan(quartus)
    assert plan.after.dsp == hls4ml_hwprune.get_plan(vitis).after.dsp
    assert plan.unknown
    x = np.random.default_rng(0).normal(0, 1, (30, 16)).astype(np.float32)
    np.testing.assert_array_equal(outputs(quartus, x), outputs(vitis, x))


@pytest.mark.slow
@pytest.mark.parametrize('precision', PRECISIONS)
@pytest.mark.parametrize('io_type', IO_TYPES)
@pytest.mark.parametrize('family', SPOKEN)
def test_bit_exact_everywhere(family, io_type, precision, tmp_path, monkeypatch):
    """All legal reuse factors, precisions and shares."""
    _, _, n_in, n_out = FAMILIES[family]
    every = list(cases(n_in, n_out, legal_reuse_factors(n_in, n_out), every=True))
    check(family, [c for c in every if c.precision == precision], 'Quartus', io_type, tmp_path, monkeypatch)
