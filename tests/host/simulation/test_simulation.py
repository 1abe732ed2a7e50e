"""C simulation with changing weights: the same bits as plain hls4ml's own, and a model that is left as it was."""

import gc
import logging
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from hls4ml.backends import get_backend
from hls4ml.model.types import Serializable

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.host.node.weights import set_bias, set_weights
from hls4ml_hwprune.host.simulation import Simulation
from hls4ml_hwprune.host.simulation.runs import _side_by_side
from hls4ml_hwprune.passes.plan import PlanToBudget
from tests import models
from tests.host.firmware.projects import compile_quickly
from tests.host.graph import graphs
from tests.keys import keyed

BUDGET = {'DSP': '0.5x'}
LATENCY = {'LayerName': {'fc2': {'Strategy': 'Latency', 'ReuseFactor': 1}}}


@pytest.fixture(autouse=True)
def _no_keras(monkeypatch):
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """Where temporary folders go."""
    path = tmp_path / 'temporary'
    path.mkdir()
    monkeypatch.setattr(tempfile, 'tempdir', str(path))
    return path


@pytest.fixture
def in_the_flow(monkeypatch, tmp_path):
    """Convert with the hwprune flow, and call `act(model)` where pruning starts; returns the pruned model."""
    real = PlanToBudget.transform
    count = iter(range(10))

    def run(layers, act, backend='Vitis', io_type='io_parallel', extra=(), block=(), **model):
        config = models.hls_config(**model) | dict(extra)
        hls4ml_hwprune.enable(config, backend=backend, budget=BUDGET)
        config['Model']['HWPrune'].update(block)
        with monkeypatch.context() as patch:
            patch.setattr(PlanToBudget, 'transform', lambda self, model: (act(model), real(self, model))[1])
            return models.convert(layers, config, tmp_path / f'pruned{next(count)}', backend, io_type=io_type)

    return run


def plain(layers, output, x, weights=(), backend='Vitis', io_type='io_parallel', extra=(), biases=(), **model):
    """Outputs of a project of plain hls4ml with the given weights and biases."""
    project = models.convert(layers, models.hls_config(**model) | dict(extra), output, backend, io_type=io_type)
    for layer, matrix in dict(weights).items():
        set_weights(project.graph[layer], matrix)
    for layer, bias in dict(biases).items():
        set_bias(project.graph[layer], bias)
    compile_quickly(project)
    return project.predict(x)


def samples(*shape, seed=1):
    return np.random.default_rng(seed).uniform(-4, 4, shape)


def state(value):
    """What an object says of itself, in a form that can be compared."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Serializable):
        return state(value.serialize())
    if isinstance(value, dict):
        return {key: state(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [state(item) for item in value]
    return value


def whole_state(model):
    nodes = {
        name: (type(node), id(node), node.model is model, node.inputs, node.outputs, state(dict(node.attributes)))
        for name, node in model.graph.items()
    }
    variables = {name: id(variable) for name, variable in model.output_vars.items()}
    return nodes, variables, state(model.config), state(model), model._top_function_lib


def loaded_libraries(folder):
    maps = Path('/proc/self/maps')
    lines = maps.read_text().splitlines() if maps.exists() else []
    return {line.split(str(folder))[1] for line in lines if str(folder) in line}


def test_dense_layers_of_both_strategies(in_the_flow, tmp_path, folder, caplog):
    # Enough for two copies of the library, one after the other in the samples.
    layers, x = models.mlp((16, 12, 8, 5)), samples(81, 16)
    rng = np.random.default_rng(2)
    # More digits than the type has: hls4ml's own rounding decides.
    zeroed = {'fc1': np.where(rng.random((12, 16)) < 0.5, 0, rng.normal(size=(12, 16))), 'fc2': np.zeros((8, 12))}
    found = {}

    def act(model):
        before = whole_state(model)
        caplog.set_level(logging.DEBUG, 'hls4ml_hwprune')
        with Simulation(model) as simulation:
            found['first'] = simulation.predict((x,))
            found['zeroed'] = simulation.predict((x,), keyed(zeroed))
            found['fc2'] = simulation.predict((x,), keyed({'fc2': zeroed['fc2']}))
            found['again'] = simulation.predict((x,))
            found['one'] = simulation.predict((x[:1],), keyed(zeroed))
            found['loaded'] = loaded_libraries(folder)
            for weights, words in (
                ({'fc9': zeroed['fc1']}, "the network has no layer 'fc9' with weights"),
                ({'relu1': zeroed['fc1']}, "the network has no layer 'relu1' with weights"),
                ({'fc1': zeroed['fc1'].T}, r'weights of fc1 have the shape \(12, 16\), got \(16, 12\)'),
            ):
                with pytest.raises(ConfigError, match=words):
                    simulation.predict((x,), keyed(weights))
            with pytest.raises(ConfigError, match=r'1 input\(s\), got 2 array'):
                simulation.predict((x, x))
            with pytest.raises(ConfigError, match=r'has the shape \(16,\), got \(15,\)'):
                simulation.predict((x[:, :15],))
        assert list(folder.iterdir()) == []
        assert whole_state(model) == before

    pruned = in_the_flow(layers, act, extra=LATENCY)
    assert 'nothing was pruned' not in caplog.text
    assert [output.shape for output in found['first']] == [(81, 5)]
    assert [output.shape for output in found['one']] == [(1, 5)]
    np.testing.assert_array_equal(found['first'][0], plain(layers, tmp_path / 'plain', x, extra=LATENCY))
    np.testing.assert_array_equal(found['zeroed'][0], plain(layers, tmp_path / 'zeroed', x, zeroed, extra=LATENCY))
    np.testing.assert_array_equal(found['again'][0], found['first'][0])
    np.testing.assert_array_equal(found['one'][0], found['zeroed'][0][:1])
    # The last layer's bias is all that is left of it.
    assert len(np.unique(found['fc2'][0], axis=0)) == 1
    assert len(np.unique(found['first'][0], axis=0)) == 81
    # The first one may stay, as the C++ library that came with it does.
    assert len(found['loaded']) <= 1
    # Going through a simulation is as if there had been none.
    untouched = in_the_flow(layers, lambda model: None, extra=LATENCY)
    projects = []
    for model in (pruned, untouched):
        model.write()
        output = Path(model.config.get_output_dir())
        files = models.project_files(output, model.config.config['Stamp'])
        projects.append({name: data.replace(output.name.encode(), b'OUT') for name, data in files.items()})
    assert projects[0] == projects[1]


@pytest.mark.parametrize('strategy', ['Resource', 'Latency'])
def test_streamed_convolution(in_the_flow, tmp_path, strategy):
    layers, x = models.cnn(), samples(20, 6, 6, 2)
    options = {'backend': 'Vivado', 'io_type': 'io_stream', 'Strategy': strategy, 'ReuseFactor': 2}
    zeroed = {'conv': np.where(samples(4, 18) < 0, 0, samples(4, 18, seed=3)), 'fc': samples(3, 64) / 8}
    found = {}

    def act(model):
        before = whole_state(model)
        with Simulation(model) as simulation:
            found['first'] = simulation.predict((x,))
            found['zeroed'] = simulation.predict((x,), keyed(zeroed))
            found['again'] = simulation.predict((x,))
        assert whole_state(model) == before

    in_the_flow(layers, act, **options)
    np.testing.assert_array_equal(found['first'][0], plain(layers, tmp_path / 'plain', x, **options))
    np.testing.assert_array_equal(found['zeroed'][0], plain(layers, tmp_path / 'zeroed', x, zeroed, **options))
    np.testing.assert_array_equal(found['again'][0], found['first'][0])


def eighths(rng, shape, most=8):
    """Numbers whose products and sums are exact in the types here."""
    return rng.integers(-most, most + 1, shape) / 8


def test_a_trace_and_other_biases(tmp_path, folder):
    rng = np.random.default_rng(3)
    last = models.dense('fc2', eighths(rng, (6, 3)))
    layers = [
        models.input_layer((4,)),
        models.dense('fc1', eighths(rng, (4, 6)), eighths(rng, 6)),
        models.relu('relu'),
        models.flatten('shape', 6) | {'target_shape': [2, 3]},
        models.flatten('flat', 6),
        last | {'use_bias': False, 'bias_data': None},
    ]
    options = {'backend': 'Vivado', 'ReuseFactor': 2}
    model = models.convert(layers, models.hls_config(flows=graphs.FLOWS, ReuseFactor=2), tmp_path / 'model', 'Vivado')
    x, exact = samples(70, 4), eighths(rng, (9, 4))
    # More digits than the types have, and one that no type holds.
    weights, biases = {'fc1': rng.normal(size=(6, 4))}, {'fc1': np.array([0.3, -0.7, 1 / 3, 5, -40.0, 0])}
    before = whole_state(model)
    with Simulation(model, traced=True) as simulation:
        first = simulation.trace((exact,))
        one = simulation.trace((exact[:1],))
        kept = simulation.predict((x,))
        changed = simulation.predict((x,), keyed(weights), keyed(biases))
        traced = simulation.trace((x,), keyed(weights), keyed(biases))
        moved = simulation.trace((exact,), biases=keyed({'fc1': np.full(6, 9.0)}))
        again, unchanged = simulation.trace((exact,)), simulation.predict((x,))
        for wrong, words in (
            ({'relu': np.zeros(6)}, "the network has no layer 'relu' with weights"),
            ({'fc1': np.zeros(4)}, r'biases of fc1 have the shape \(6,\), got \(4,\)'),
            ({'fc1': np.zeros((6, 1))}, r'got \(6, 1\)'),
        ):
            with pytest.raises(ConfigError, match=words):
                simulation.predict((x,), biases=keyed(wrong))
        with pytest.raises(ConfigError, match=r'has the shape \(4,\), got \(5,\)'):
            simulation.trace((np.zeros((3, 5)),))
    assert whole_state(model) == before
    assert list(folder.iterdir()) == []
    w1, b1, w2 = layers[1]['weight_data'], layers[1]['bias_data'], last['weight_data']
    hidden = exact @ w1 + b1
    held = np.maximum(hidden, 0)
    expected = {'x': exact, 'fc1': hidden, 'relu': held, 'shape': held.reshape(9, 2, 3), 'flat': held, 'fc2': held @ w2}
    assert list(first) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(first[name], values)
        np.testing.assert_array_equal(one[name], values[:1])
        np.testing.assert_array_equal(again[name], values)
    np.testing.assert_array_equal(moved['fc1'], exact @ w1 + 9)
    np.testing.assert_array_equal(changed[0], plain(layers, tmp_path / 'plain', x, weights, biases=biases, **options))
    np.testing.assert_array_equal(traced['fc2'], changed[0])
    np.testing.assert_array_equal(unchanged[0], kept[0])
    assert (changed[0] != kept[0]).any(axis=1).all()


def test_a_trace_of_a_stream_with_two_readers(tmp_path):
    rng = np.random.default_rng(4)
    layers = [
        models.input_layer((4, 4, 2)),
        models.conv2d('conv', eighths(rng, (2, 2, 2, 3)), (4, 4)),
        models.relu('relu'),
        models.conv2d('point', eighths(rng, (1, 1, 3, 3)), (3, 3)),
        {'class_name': 'Merge', 'name': 'add', 'op': 'add', 'inputs': ['relu', 'point'], 'outputs': ['add'], 'n_in': 2},
        models.flatten('flat', 27),
        models.dense('fc', 8 * eighths(rng, (27, 2), most=2)),
    ]
    config = models.hls_config(flows=graphs.FLOWS, Precision={'default': 'fixed<24,12>'}, ReuseFactor=3)
    model = models.convert(layers, config, tmp_path / 'model', 'Vivado', io_type='io_stream')
    x = eighths(rng, (7, 4, 4, 2))
    bias = np.array([0.5, -0.25, 1])
    with Simulation(model, traced=True) as simulation:
        found = simulation.trace((x,), biases=keyed({'conv': bias}))
        outputs = simulation.predict((x,), biases=keyed({'conv': bias}))
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(1, 2))
    conv = np.einsum('nhwcij,ijcf->nhwf', windows, layers[1]['weight_data'].astype(float)) + bias
    relu = np.maximum(conv, 0)
    point = relu @ layers[3]['weight_data'][0, 0]
    flat = (relu + point).reshape(7, 27)
    expected = {'x': x, 'conv': conv, 'relu': relu, 'clone_relu': relu, 'point': point, 'add': relu + point, 'flat': flat}
    expected['fc'] = flat @ layers[6]['weight_data']
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)
    np.testing.assert_array_equal(outputs[0], found['fc'])


def test_weights_that_hls4ml_would_make_code_for(in_the_flow):
    """Unrolled layers are taken over, so that their weights can be replaced too."""
    found = {}

    def act(model):
        x = (samples(5, 16),)
        with Simulation(model) as simulation:
            found['own'], found['none'] = (
                simulation.predict(x, weights)[0] for weights in (None, keyed({'fc1': np.zeros((4, 16))}))
            )

    unrolled = {'LayerName': {'fc1': {'Strategy': 'ResourceUnrolled', 'ReuseFactor': 4}}}
    in_the_flow(models.mlp((16, 4, 32)), act, extra=unrolled)
    assert np.ptp(found['own'], axis=0).any()
    assert not np.ptp(found['none'], axis=0).any()


def test_a_reuse_factor_that_ends_the_process_in_plain_hls4ml(in_the_flow, tmp_path):
    layers, x = models.cnn(), samples(10, 6, 6, 2)
    found = {}

    def act(model):
        assert model.graph['conv'].get_attr('reuse_factor') == 36
        with Simulation(model) as simulation:
            found['first'] = simulation.predict((x,))
        assert model.graph['conv'].get_attr('reuse_factor') == 36

    in_the_flow(layers, act, 'Vivado', ReuseFactor=36)
    np.testing.assert_array_equal(found['first'][0], plain(layers, tmp_path / 'plain', x, backend='Vivado', ReuseFactor=18))


def test_a_compiler_that_fails(in_the_flow, folder, monkeypatch, capsys):
    class Reached(Exception):
        pass

    def act(model):
        before = whole_state(model)
        with monkeypatch.context() as patch:
            # A header is missing.
            patch.setattr(get_backend('Vitis').writer, 'write_defines', lambda model: None)
            with pytest.raises(HWPruneError, match=r'cannot be simulated: Failed to compile project.*defines\.h'):
                Simulation(model).__enter__()
        assert list(folder.iterdir()) == []
        assert whole_state(model) == before
        raise Reached

    with pytest.raises(Reached):
        in_the_flow(models.mlp(), act)
    assert capsys.readouterr().out == ''


def test_an_exception_within(in_the_flow, folder):
    def act(model):
        with Simulation(model):
            assert len(list(folder.iterdir())) == 1
            raise KeyError('within')

    with pytest.raises(KeyError, match='within'):
        in_the_flow(models.mlp((4, 3)), act)
    gc.collect()
    assert list(folder.iterdir()) == []


def test_no_place_for_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / 'nowhere'))
    block = {'Budget': {'DSP': '0.5x'}, 'Calibration': samples(20, 16)}
    with pytest.raises(HWPruneError, match=r'folder for temporary files \(TMPDIR\): No such file'):
        models.convert(models.mlp(), models.hls_config(block, ['vitis:hwprune']), tmp_path / 'project')
    assert not (tmp_path / 'project').exists()


def test_a_run_that_is_interrupted_ends_soon():
    """One thread is interrupted in the middle, and the other does not go through all of its samples."""
    seen = []

    def run(library, samples):
        for sample in samples:
            seen.append(sample)
            if sample == 3:
                raise KeyboardInterrupt
            time.sleep(0.002)

    with pytest.raises(KeyboardInterrupt):
        _side_by_side([None, None], 20_000, run)
    assert len(seen) < 10_000
