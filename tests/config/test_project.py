"""Keys of hls4ml that are wrong: said in one line that names them, before anything is done."""

import copy

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.config import check_project
from hls4ml_hwprune.errors import ConfigError, DeviceError
from tests import models

BLOCK = {'Budget': {'DSP': '0.5x'}}


@pytest.mark.parametrize('flow', ['vitis:hwprune', 'vitis:hwprune_estimate'])
@pytest.mark.parametrize(
    ('model', 'project', 'words'),
    [
        (
            {'ReuseFactor': 'auto'},
            {},
            'Model.ReuseFactor: .* got .auto.; .*Model.HWPrune.ReuseFactor: auto',
        ),
        ({'ReuseFactor': 0}, {}, 'Model.ReuseFactor: .* got 0$'),
        ({'ReuseFactor': '4'}, {}, "Model.ReuseFactor: .* got '4'$"),
        ({'ReuseFactor': 2.5}, {}, 'Model.ReuseFactor: .* got 2.5$'),
        ({'ReuseFactor': True}, {}, 'Model.ReuseFactor: .* got True$'),
        ({'Strategy': 'Resoruce'}, {}, "Model.Strategy: 'Resoruce' is not one of .*did you mean Resource\\?"),
        ({'Strategy': 'RESOURCE'}, {}, "Model.Strategy: 'RESOURCE' is not one of .*did you mean Resource\\?"),
        ({'Strategy': 'DA'}, {}, "Model.Strategy: 'DA' is not one of .*did you mean da\\?"),
        ({'Strategy': 'Stable'}, {}, "Model.Strategy: 'Stable' is not one of"),
        ({'Strategy': 'latncy'}, {}, "Model.Strategy: 'latncy' is not one of .*did you mean Latency\\?"),
        ({}, {'clock_period': 'fast'}, "ClockPeriod: expected a positive number of nanoseconds, got 'fast'"),
        ({}, {'clock_period': -5}, 'ClockPeriod: .* got -5'),
        ({}, {'clock_period': float('nan')}, 'ClockPeriod: .* got nan'),
        ({}, {'clock_uncertainty': 'some'}, "ClockUncertainty: .* got 'some'"),
    ],
)
def test_keys_that_are_wrong(tmp_path, flow, model, project, words):
    config = models.hls_config(BLOCK, [flow], **model)
    with pytest.raises(ConfigError, match=words):
        models.convert(models.mlp(), config, tmp_path / 'project', **project)
    assert not (tmp_path / 'project').exists()


@pytest.mark.parametrize(('scope', 'name'), [('LayerName', 'fc2'), ('LayerType', 'Dense')])
def test_keys_of_layers_that_are_wrong(tmp_path, scope, name):
    config = models.hls_config(BLOCK, ['vitis:hwprune']) | {scope: {name: {'Strategy': 'Resorce'}}}
    with pytest.raises(ConfigError, match=f"^{scope}.{name}.Strategy: 'Resorce' is not one of .*did you mean Resource"):
        models.convert(models.mlp(), config, tmp_path / 'project')
    # hls4ml says the same of reuse factors of layers when it makes them, but not where its Python converters are not used.
    config = {'Model': {}, scope: {name: {'ReuseFactor': 'auto'}}}
    with pytest.raises(ConfigError, match=f'^{scope}.{name}.ReuseFactor: .*{scope}.{name}.HWPrune.ReuseFactor: auto'):
        hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': 3})
    assert 'Flows' not in config


@pytest.mark.parametrize(
    'config',
    [
        {},
        {'ClockPeriod': 5, 'ClockUncertainty': '27%', 'IOType': 'io_stream', 'HLSConfig': {}},
        {'ClockPeriod': '3.3', 'ClockUncertainty': '1.25ns', 'HLSConfig': {'Model': None, 'LayerName': {'a': None}}},
        {'HLSConfig': {'Model': {'ReuseFactor': np.int64(4), 'Strategy': 'resource'}}},
        {'HLSConfig': {'LayerName': {'a': {'Strategy': 'Resource_Unrolled'}, 'b': {'Strategy': 'distributed_arithmetic'}}}},
        {'HLSConfig': {'Model': {'Strategy': 'ResourceUnrolled'}, 'LayerName': {'softmax': {'Strategy': 'Stable'}}}},
    ],
)
def test_keys_that_are_right(config):
    check_project(config)


def test_an_io_type_that_is_wrong():
    with pytest.raises(ConfigError, match=r"IOType: 'io_streams' is not one of .*; did you mean io_stream"):
        check_project({'IOType': 'io_streams'})


@pytest.mark.parametrize('part', ['', 'xcvu99p'])
def test_no_part(tmp_path, part):
    config = models.hls_config({'Budget': {'DSP': '10%'}}, ['vitis:hwprune'])
    with pytest.raises(DeviceError, match=r'^Part: '):
        models.convert(models.mlp(), config, tmp_path / 'project', part=part)
    assert not (tmp_path / 'project').exists()


def test_estimates_check_the_project_too(tmp_path):
    model = models.convert(models.mlp(), models.hls_config(), tmp_path / 'project')
    model = copy.copy(model)
    model.config = copy.copy(model.config)
    model.config.config = model.config.config | {'ClockPeriod': 'fast'}
    with pytest.raises(ConfigError, match='ClockPeriod'):
        hls4ml_hwprune.estimate(model)
