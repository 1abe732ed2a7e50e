"""C simulation with changing weights: the same bits as plain hls4ml's own, and a model that is left as it was."""

import gc
import logging
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hls4ml.backends import get_backend
from hls4ml.model.types import Serializable

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.ir.weights import set_weights
from hls4ml_hwprune.passes.prune import PruneToBudget
from hls4ml_hwprune.simulation import Simulation
from tests import models

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
    real = PruneToBudget.transform
    count = iter(range(10))

    def run(layers, act, backend='Vitis', io_type='io_parallel', extra=(), block=(), **model):
        config = models.hls_config(**model) | dict(extra)
        hls4ml_hwprune.enable(config, backend=backend, budget=BUDGET)
        config['Model']['HWPrune'].update(block)
        with monkeypatch.context() as patch:
            patch.setattr(PruneToBudget, 'transform', lambda self, model: (act(model), real(self, model))[1])
            return models.convert(layers, config, tmp_path / f'pruned{next(count)}', backend, io_type=io_type)

    return run


def plain(layers, output, x, weights=(), backend='Vitis', io_type='io_parallel', extra=(), **model):
    """Outputs of a project of plain hls4ml with the given weights."""
    project = models.convert(layers, models.hls_config(**model) | dict(extra), output, backend, io_type=io_type)
    for layer, matrix in dict(weights).items():
        set_weights(project.graph[layer], matrix)
    project.compile()
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
    layers, x = models.mlp((16, 12, 8, 5)), samples(40, 16)
    rng = np.random.default_rng(2)
    # More digits than the type has: hls4ml's own rounding decides.
    zeroed = {'fc1': np.where(rng.random((12, 16)) < 0.5, 0, rng.normal(size=(12, 16))), 'fc2': np.zeros((8, 12))}
    found = {}

    def act(model):
        before = whole_state(model)
        caplog.set_level(logging.DEBUG, 'hls4ml_hwprune')
        with Simulation(model) as simulation:
            found['first'] = simulation.predict((x,))
            found['zeroed'] = simulation.predict((x,), zeroed)
            found['fc2'] = simulation.predict((x,), {'fc2': zeroed['fc2']})
            found['again'] = simulation.predict((x,))
            found['one'] = simulation.predict((x[:1],), zeroed)
            found['loaded'] = loaded_libraries(folder)
            for weights, words in (
                ({'fc9': zeroed['fc1']}, "the network has no layer 'fc9' with weights"),
                ({'relu1': zeroed['fc1']}, "the network has no layer 'relu1' with weights"),
                ({'fc1': zeroed['fc1'].T}, r'weights of fc1 have the shape \(12, 16\), got \(16, 12\)'),
            ):
                with pytest.raises(ConfigError, match=words):
                    simulation.predict((x,), weights)
            with pytest.raises(ConfigError, match=r'1 input\(s\), got 2 array'):
                simulation.predict((x, x))
            with pytest.raises(ConfigError, match=r'has the shape \(16,\), got \(15,\)'):
                simulation.predict((x[:, :15],))
        assert list(folder.iterdir()) == []
        assert whole_state(model) == before

    pruned = in_the_flow(layers, act, extra=LATENCY)
    assert 'nothing was pruned' not in caplog.text
    assert [output.shape for output in found['first']] == [(40, 5)]
    assert [output.shape for output in found['one']] == [(1, 5)]
    np.testing.assert_array_equal(found['first'][0], plain(layers, tmp_path / 'plain', x, extra=LATENCY))
    np.testing.assert_array_equal(found['zeroed'][0], plain(layers, tmp_path / 'zeroed', x, zeroed, extra=LATENCY))
    np.testing.assert_array_equal(found['again'][0], found['first'][0])
    np.testing.assert_array_equal(found['one'][0], found['zeroed'][0][:1])
    # The last layer's bias is all that is left of it.
    assert len(np.unique(found['fc2'][0], axis=0)) == 1
    assert len(np.unique(found['first'][0], axis=0)) == 40
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
            found['zeroed'] = simulation.predict((x,), zeroed)
            found['again'] = simulation.predict((x,))
        assert whole_state(model) == before

    in_the_flow(layers, act, **options)
    np.testing.assert_array_equal(found['first'][0], plain(layers, tmp_path / 'plain', x, **options))
    np.testing.assert_array_equal(found['zeroed'][0], plain(layers, tmp_path / 'zeroed', x, zeroed, **options))
    np.testing.assert_array_equal(found['again'][0], found['first'][0])


def test_weights_that_code_is_made_for(in_the_flow):
    def act(model):
        with (
            Simulation(model) as simulation,
            pytest.raises(ConfigError, match='fc1 cannot be replaced: strategy "resource_unr'),
        ):
            simulation.predict((samples(2, 16),), {'fc1': np.zeros((4, 16))})

    unrolled = {'LayerName': {'fc1': {'Strategy': 'ResourceUnrolled', 'ReuseFactor': 4}}}
    in_the_flow(models.mlp((16, 4, 32)), act, extra=unrolled)


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
