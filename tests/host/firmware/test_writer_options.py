"""What else hls4ml can do with a project still works with a pruned one."""

import tarfile

import numpy as np
import pytest
from hls4ml.utils.serialization import deserialize_model

import hls4ml_hwprune
from tests.host.firmware.projects import convert, outputs, zero_like

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers

BUDGET = {'DSP': '0.4x'}


@pytest.fixture(scope='module')
def network():
    inputs = layers.Input((6, 6, 2), name='image')
    x = layers.Conv2D(4, 3, activation='relu', name='conv')(inputs)
    x = layers.Conv2D(3, 1, activation='relu', name='point')(x)
    x = layers.Dense(8, activation='relu', name='hidden')(layers.Flatten(name='flat')(x))
    model = keras.Model(inputs, layers.Dense(3, name='scores')(x))
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.5, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope='module')
def images():
    return np.random.default_rng(6).normal(0, 1, (20, 6, 6, 2)).astype(np.float32)


def configuration(prune=True, **layer_options):
    config = {
        'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 2, 'Strategy': 'Resource'},
        'LayerName': {name: dict(layer_options) for name in ('conv', 'hidden')},
    }
    if prune:
        hls4ml_hwprune.enable(config, backend='Vitis', budget=BUDGET)
    return config


def pruned(network, output, prune=True, layer_options=None, **options):
    config = configuration(prune, **(layer_options or {}))
    options = {'backend': 'Vitis', 'io_type': 'io_stream'} | options
    return convert(network, config, output, **options)


@pytest.fixture(scope='module')
def expected(network, images, tmp_path_factory):
    """Outputs of the plain project with zeroed weights."""
    folder = tmp_path_factory.mktemp('reference')
    plan = hls4ml_hwprune.get_plan(pruned(network, folder / 'sparse'))
    plain = pruned(network, folder / 'plain', prune=False)
    zero_like(plain, plan)
    return outputs(plain, images)[0]


@pytest.mark.parametrize(
    'options',
    [{}, {'write_weights_txt': False}, {'namespace': 'tagger'}, {'namespace': 'tagger', 'write_weights_txt': False}],
)
def test_namespace_and_weights_in_headers(network, images, expected, options, tmp_path):
    model = pruned(network, tmp_path / 'project', **options)
    np.testing.assert_array_equal(outputs(model, images)[0], expected)
    texts = list((tmp_path / 'project/firmware/weights').glob('*.txt'))
    assert bool(texts) == options.get('write_weights_txt', True)


def test_archive_holds_headers_and_report(network, tmp_path):
    pruned(network, tmp_path / 'project', write_tar=True).write()
    with tarfile.open(tmp_path / 'project.tar.gz') as archive:
        names = archive.getnames()
    assert {'hwprune_report.json', 'firmware/nnet_utils/nnet_dense_sparse.h'} <= set(names)


def test_trace(network, images, expected, tmp_path):
    model = pruned(network, tmp_path / 'project', layer_options={'Trace': True})
    y, trace = model.trace(images)
    np.testing.assert_array_equal(y, expected)
    assert {'conv', 'hidden'} <= set(trace)
    assert trace['conv'].shape == (20, 4, 4, 4)


def test_save_and_load(network, images, expected, tmp_path):
    model = pruned(network, tmp_path / 'project')
    plan = hls4ml_hwprune.get_plan(model)
    model.save(str(tmp_path / 'model.fml'))
    loaded = deserialize_model(str(tmp_path / 'model.fml'))
    loaded.config.config['OutputDir'] = str(tmp_path / 'loaded')
    again = hls4ml_hwprune.get_plan(loaded)
    assert again == plan
    for ours, theirs in zip(again.kernels, plan.kernels, strict=True):
        np.testing.assert_array_equal(ours.mask, theirs.mask)
    np.testing.assert_array_equal(outputs(loaded, images)[0], expected)
    assert (tmp_path / 'loaded/hwprune_report.json').exists()


def test_flow_applied_again_changes_nothing(network, images, expected, tmp_path):
    model = pruned(network, tmp_path / 'project')
    plan = hls4ml_hwprune.get_plan(model)
    model.apply_flow('vitis:hwprune_prune')
    model.apply_flow('vitis:hwprune_pack')
    model.apply_flow('vivado:apply_templates')
    assert hls4ml_hwprune.get_plan(model) == plan
    np.testing.assert_array_equal(outputs(model, images)[0], expected)


def test_strategy_given_by_layer_type_keeps_the_pipeline_style(network, tmp_path):
    """hls4ml looks the strategy up by class name when it chooses the pipeline style; sparse classes must not hide it."""
    config = {
        'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 1, 'Strategy': 'Latency'},
        'LayerType': {'Dense': {'Strategy': 'Resource', 'ReuseFactor': 2}},
    }
    inputs = layers.Input((8,))
    model = keras.Model(inputs, layers.Dense(4, name='only')(inputs))
    plain = convert(model, config, tmp_path / 'plain', backend='Vitis')
    hls4ml_hwprune.enable(config, backend='Vitis', budget=BUDGET)
    sparse = convert(model, config, tmp_path / 'sparse', backend='Vitis')
    assert plain.config.pipeline_style == sparse.config.pipeline_style == 'dataflow'


def test_vivado_accelerator_project(tmp_path):
    inputs = layers.Input((8,))
    model = keras.Model(inputs, layers.Dense(4, name='only')(inputs))
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 2, 'Strategy': 'Resource'}}
    hls4ml_hwprune.enable(config, backend='VivadoAccelerator', budget={'DSP': '0.5x'})
    sparse = convert(model, config, tmp_path / 'p', backend='VivadoAccelerator', board='pynq-z2', io_type='io_stream')
    plan = hls4ml_hwprune.get_plan(sparse)
    assert plan.device == 'xc7z020'
    assert plan.kernels[0].n_kept == 8
    sparse.compile()
    assert (tmp_path / 'p/hwprune_report.json').exists()


def test_every_layer_is_accounted_for(tmp_path):
    """Layers with weights are in the plan: pruned, or listed with a reason."""
    inputs = layers.Input((8, 3))
    x = layers.BatchNormalization(name='norm')(layers.LSTM(4, return_sequences=True, name='memory')(inputs))
    x = layers.Dense(2, name='head')(layers.PReLU(name='slope')(layers.Flatten()(x)))
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 2, 'Strategy': 'Resource'}}
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '0.9x'})
    model = convert(keras.Model(inputs, x), config, tmp_path / 'p', backend='Vitis')
    plan = hls4ml_hwprune.get_plan(model)
    assert [kernel.layer for kernel in plan.kernels] == ['memory', 'memory', 'head']
    assert {'norm', 'slope'} == set(plan.not_pruned)
    model.compile()
