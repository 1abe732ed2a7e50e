"""Every way to write the `HWPrune` block wrongly: said before anything is written, in words that name key and value."""

import copy
import math
import re
import subprocess
import sys

import numpy as np
import pytest
import yaml
from hls4ml.model.graph import ModelGraph

import hls4ml_hwprune
from hls4ml_hwprune.config import LayerChoice, parse_settings
from hls4ml_hwprune.config.budget import parse_bound
from hls4ml_hwprune.errors import BackendError, ConfigError, DeviceError, HWPruneError
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.session.device import target_device
from hls4ml_hwprune.host.session.samples import samples_of
from hls4ml_hwprune.selection.planner import make_plan
from tests import models

BACKENDS = ('Vivado', 'Vitis', 'VivadoAccelerator', 'Quartus')
NAMED = ', '.join(BACKENDS)


def refuse(tmp_path, config, error, *words, backend='Vitis', layers=None):
    """Convert; expect `error` with `words`, no output folder, and an existing one as it was."""
    output = tmp_path / 'project'
    for _ in range(2):
        before = models.project_files(output) if output.exists() else None
        with pytest.raises(HWPruneError) as caught:
            models.convert(layers or models.mlp(), copy.deepcopy(config), output, backend)
        assert type(caught.value) is error, caught.value
        for word in words:
            assert word in str(caught.value)
        if before is None:
            assert not output.exists()
            output.mkdir()
            (output / 'mine.txt').write_text('keep')
        else:
            assert models.project_files(output) == before == {'mine.txt': b'keep'}
    return str(caught.value)


def with_block(block, flow='vitis:hwprune'):
    return models.hls_config(block, [flow])


ALLOWED_KEYS = (
    'Budget',
    'Packing',
    'Importance',
    'ReuseFactor',
    'Latency',
    'II',
    'Minimize',
    'MinImportance',
    'MaxLoss',
    'Calibration',
    'Reconstruction',
    'Validation',
    'Task',
    'Exclude',
    'Device',
    'Stage',
    'Method',
    'TimeLimit',
    'Plan',
)


@pytest.mark.parametrize('block', [True, False, 'auto', 3, ['DSP'], []])
def test_block_that_is_no_mapping(tmp_path, block):
    refuse(tmp_path, with_block(block), ConfigError, 'Model.HWPrune', repr(block), 'Budget')


@pytest.mark.parametrize(
    ('key', 'near'),
    [
        ('Bugdet', 'Budget'),
        ('Budgte', 'Budget'),
        ('Pack', 'Packing'),
        ('Excludes', 'Exclude'),
        ('qqq', ''),
    ],
)
def test_unknown_key(tmp_path, key, near):
    message = refuse(tmp_path, with_block({key: 1}), ConfigError, 'Model.HWPrune', repr(key), *ALLOWED_KEYS)
    assert message.endswith(f'did you mean {near}?') if near else 'did you mean' not in message


def test_task(tmp_path):
    refuse(tmp_path, with_block({'Task': 'classify'}), ConfigError, 'Task', "'classify'", 'auto, classification, regression')
    assert parse_settings(with_block({'Task': 'regression', 'Plan': 'plan.json'})).task == 'regression'
    assert parse_settings(with_block({})).task == 'auto'


def test_key_that_is_no_string(tmp_path):
    refuse(tmp_path, with_block({3: 1}), ConfigError, 'Model.HWPrune', '3')


@pytest.mark.parametrize('budget', ['20%', 0.5, ['DSP', '20%'], True, [], ''])
def test_budget_that_is_no_mapping(tmp_path, budget):
    refuse(tmp_path, with_block({'Budget': budget}), ConfigError, 'Model.HWPrune.Budget', repr(budget), 'DSP')


@pytest.mark.parametrize('resource', ['DSPs', 'DPS', 'BRAM_18K', 'Latency', '', 18])
def test_unknown_resource(tmp_path, resource):
    refuse(
        tmp_path, with_block({'Budget': {resource: 5}}), ConfigError, 'Budget', repr(resource), 'DSP, BRAM, BRAM18, BRAM36'
    )


@pytest.mark.parametrize(
    'bound',
    ['20 percent', '20%%', 'abc', '', ' ', '%', 'x', '-5', '-5%', '2xx', '1e3', 'nan', 'inf', 'infx', '1,5%', '0x10', '½'],
)
def test_text_that_is_no_bound(tmp_path, bound):
    refuse(tmp_path, with_block({'Budget': {'DSP': bound}}), ConfigError, 'Budget.DSP', repr(bound), '(N)', '"N%"', '"Nx"')


@pytest.mark.parametrize('bound', [-1, -0.5, math.nan, math.inf, -math.inf, pytest.param(10**400, id='huge')])
def test_numbers_that_are_no_bound(tmp_path, bound):
    refuse(tmp_path, with_block({'Budget': {'LUT': bound}}), ConfigError, 'Budget.LUT', '(N)', '"N%"', '"Nx"')


def test_text_too_large_to_be_a_bound(tmp_path):
    refuse(tmp_path, with_block({'Budget': {'LUT': '9' * 400 + '%'}}), ConfigError, 'Budget.LUT', 'not finite')


@pytest.mark.parametrize('bound', [True, False, None, [20], {'max': 20}, (1, 2)])
def test_types_that_are_no_bound(tmp_path, bound):
    refuse(tmp_path, with_block({'Budget': {'FF': bound}}), ConfigError, 'Budget.FF', repr(bound), '(N)')


@pytest.mark.parametrize('other', ['BRAM36', 'BRAM18'])
def test_one_resource_bounded_twice(tmp_path, other):
    refuse(tmp_path, with_block({'Budget': {'BRAM': 10, other: 10}}), ConfigError, 'Budget', other, 'a second time')


@pytest.mark.parametrize(
    ('written', 'blocks', 'amount', 'unit'),
    [
        (20, 1, 20, ''),
        ('20', 1, 20, ''),
        (0, 1, 0, ''),
        (3.0, 1, 3, ''),
        ('20%', 1, 20, '%'),
        (' 20 % ', 1, 20, '%'),
        ('120%', 1, 120, '%'),
        ('.5x', 1, 0.5, 'x'),
        ('0.5X', 1, 0.5, 'x'),
        ('1.x', 1, 1, 'x'),
        # A count of 36 Kb blocks is one of twice as many 18 Kb blocks; shares stay shares.
        (7, 2, 14, ''),
        ('7%', 2, 7, '%'),
    ],
)
def test_bounds_that_are_right(written, blocks, amount, unit):
    bound = parse_bound(written, blocks, 'Budget.DSP')
    assert (bound.amount, bound.unit) == (amount, unit)
    assert bound.resolve(available=1000, unpruned=100) == {'': amount, '%': 10 * amount, 'x': 100 * amount}[unit]


@pytest.mark.parametrize(
    ('key', 'allowed'),
    [
        ('Packing', ('auto', 'aligned', 'bram')),
        ('Importance', ('auto', 'l1', 'l2', 'activation', 'obs')),
        ('Reconstruction', ('auto', 'layers', 'none')),
        ('Stage', ('csynth', 'vsynth')),
    ],
)
@pytest.mark.parametrize('value', ['nonsense', 'atuo', '', 1, True, None, ['auto'], {'auto': 1}])
def test_choices(tmp_path, key, allowed, value):
    refuse(tmp_path, with_block({key: value}), ConfigError, f'Model.HWPrune.{key}', repr(value), *allowed)


@pytest.mark.parametrize('value', [{'fc1': True}, 1, True, [1], ['fc1', None], [['fc1']], None])
def test_exclude_that_is_no_list_of_names(tmp_path, value):
    refuse(
        tmp_path, with_block({'Exclude': value}), ConfigError, 'Model.HWPrune.Exclude', repr(value), 'list of layer names'
    )


@pytest.mark.parametrize('value', ['fc9', ['fc1', 'fc9'], ['FC9']])
def test_exclude_of_a_layer_that_does_not_exist(tmp_path, value):
    refuse(tmp_path, with_block({'Exclude': value}), ConfigError, 'Exclude', '9', 'x, fc1, relu1, fc2')


@pytest.mark.parametrize('value', ['1', 0, -3, 0.0, math.nan, True, [3], pytest.param(10**400, id='huge')])
def test_time_limit(tmp_path, value):
    refuse(tmp_path, with_block({'TimeLimit': value}), ConfigError, 'Model.HWPrune.TimeLimit', 'seconds')


@pytest.mark.parametrize('value', [True, 3, ['xcvu13p'], 1.5])
def test_device_of_a_wrong_type(tmp_path, value):
    refuse(tmp_path, with_block({'Device': value}), ConfigError, 'Model.HWPrune.Device', repr(value), 'DSP')


@pytest.mark.parametrize('value', ['xcvu13', 'xc7z999clg400-1', 'no such board', ''])
def test_unknown_device(tmp_path, value):
    refuse(
        tmp_path,
        with_block({'Device': value}),
        DeviceError,
        repr(value),
        'Device: {DSP: ..., BRAM18: ..., LUT: ..., FF: ...}',
    )


def test_error_of_an_unknown_device_names_the_key(tmp_path):
    refuse(tmp_path, with_block({'Device': 'xcvu13'}), DeviceError, 'Model.HWPrune.Device')


def test_unknown_part_of_the_project(tmp_path):
    config = with_block({'Budget': {'DSP': '20%'}})
    for block in ({'Budget': {'DSP': '20%'}}, {'Packing': 'aligned'}, {'Budget': {'DSP': 3, 'LUT': '5%'}}):
        config['Model']['HWPrune'] = block
        with pytest.raises(DeviceError, match=r'^Part: .*xcvu99p'):
            models.convert(models.mlp(), config, tmp_path / 'project', part='xcvu99p-flga2577-2-e')
    # Counts and multiples of the design need no part.
    config['Model']['HWPrune'] = {'Budget': {'DSP': 90, 'LUT': '0.9x'}}
    plan = hls4ml_hwprune.get_plan(models.convert(models.mlp(), config, tmp_path / 'project', part='xcvu99p-flga2577-2-e'))
    assert plan.after.dsp <= 90


@pytest.mark.parametrize('missing', ['DSP', 'BRAM18', 'LUT', 'FF'])
def test_incomplete_device(tmp_path, missing):
    device = {'DSP': 100, 'BRAM18': 100, 'LUT': 10_000, 'FF': 20_000}
    del device[missing]
    refuse(tmp_path, with_block({'Device': device}), DeviceError, 'Model.HWPrune.Device', f'{missing} is missing')


@pytest.mark.parametrize(
    ('key', 'value'),
    [('DSP', '100'), ('DSP', 1.5), ('LUT', -1), ('FF', True), ('BRAM18', None), ('URAM', 'x'), ('BRAM', 3)],
)
def test_device_with_a_bad_entry(tmp_path, key, value):
    device = {'DSP': 100, 'BRAM18': 100, 'LUT': 10_000, 'FF': 20_000, key: value}
    refuse(tmp_path, with_block({'Device': device}), DeviceError, 'Model.HWPrune.Device', key)


@pytest.mark.parametrize(
    ('block', 'words'),
    [
        ({'Budget': {'DSP': 3}}, ("'Budget'", 'Packing, Importance, ReuseFactor, SlotWidth, Exclude')),
        ({'packin': 'bram'}, ("'packin'", 'did you mean Packing?')),
        ({'Packing': 'zigzag'}, ('.Packing', "'zigzag'", 'aligned', 'bram')),
        ({'Importance': 2}, ('.Importance', '2', 'l1')),
        ({'Packing': None}, ('.Packing', 'None', 'aligned')),
        ({'Exclude': 'yes'}, ('.Exclude', "'yes'", 'true or false')),
        ({'Exclude': ['fc1']}, ('.Exclude', "['fc1']", 'true or false')),
        ('bram', ("'bram'", 'Packing')),
        (['Exclude'], ("['Exclude']", 'Packing')),
        (False, ('False', 'Packing')),
    ],
)
@pytest.mark.parametrize(('scope', 'name'), [('LayerName', 'fc1'), ('LayerType', 'Dense')])
def test_overrides_with_bad_entries(tmp_path, scope, name, block, words):
    config = with_block({'Budget': {'DSP': '1x'}})
    config[scope] = {name: {'HWPrune': block}}
    refuse(tmp_path, config, ConfigError, f'{scope}.{name}.HWPrune', *words)


def test_override_of_a_layer_that_does_not_exist(tmp_path):
    config = with_block({'Budget': {'DSP': '1x'}})
    config['LayerName'] = {'fc7': {'HWPrune': {'Packing': 'bram'}}}
    refuse(tmp_path, config, ConfigError, 'LayerName', "'fc7'", 'x, fc1, relu1, fc2')


def test_override_of_a_class_that_does_not_exist(tmp_path):
    config = with_block({'Budget': {'DSP': '1x'}})
    config['LayerType'] = {'Dens': {'HWPrune': {'Packing': 'bram'}}}
    refuse(tmp_path, config, ConfigError, 'LayerType', "'Dens'")


def test_override_without_a_block_may_name_anything(tmp_path):
    # What hls4ml itself allows.
    config = with_block({'Budget': {'DSP': '1x'}})
    config['LayerName'] = {'fc7': {'ReuseFactor': 2}, 'fc8': {'HWPrune': None}}
    assert hls4ml_hwprune.get_plan(models.convert(models.mlp(), config, tmp_path / 'project')).kernels


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('flow', [f'{name.lower()}:hwprune' for name in BACKENDS])
def test_flow_of_another_backend(tmp_path, backend, flow):
    config = with_block({'Budget': {'DSP': '1x'}}, flow)
    if flow == f'{backend.lower()}:hwprune':
        assert hls4ml_hwprune.get_plan(models.convert(models.mlp(), config, tmp_path / 'project', backend)).kernels
    else:
        message = refuse(tmp_path, config, BackendError, flow, repr(backend), backend=backend)
        assert f'{backend.lower()}:hwprune' in message.partition(flow)[2]


WITHOUT = {'Catapult': 'channels', 'oneAPI': 'icpx', 'SymbolicExpression': 'expressions', 'Libero': 'Microchip'}


@pytest.mark.parametrize('backend', WITHOUT)
def test_flow_of_a_backend_without_sparse_firmware(tmp_path, backend):
    output = tmp_path / 'project'
    # Written by hand: create_config asks for Libero's own tools.
    config = {
        'OutputDir': str(output),
        'ProjectName': 'myproject',
        'Backend': backend,
        'IOType': 'io_parallel',
        'Part': 'any',
        'HLSConfig': with_block({}, f'{backend.lower()}:hwprune'),
    }
    with pytest.raises(
        BackendError, match=f"'{backend}' has no sparse firmware, because .*{WITHOUT[backend]}.*; .* {NAMED}"
    ):
        ModelGraph.from_layer_list(config, models.mlp())
    assert not output.exists()


@pytest.mark.parametrize('backend', ['Quartus', 'Vivado'])
def test_flow_without_sparse_firmware_in_another_project(tmp_path, backend):
    refuse(tmp_path, with_block({}, 'catapult:hwprune'), BackendError, NAMED, backend=backend)


@pytest.mark.parametrize('first', ['vitis:ip', 'vivado:specific_types'])
def test_flow_that_comes_too_late(tmp_path, first):
    config = models.hls_config({'Budget': {'DSP': '1x'}}, [first, 'vitis:hwprune'])
    refuse(tmp_path, config, ConfigError, 'vitis:hwprune', 'must come before')


def test_ip_flow_after_ours_changes_nothing(tmp_path):
    config = models.hls_config({'Budget': {'DSP': '0.5x'}}, ['vitis:hwprune'])
    alone = models.convert(models.mlp(), copy.deepcopy(config), tmp_path / 'a')
    config['Flows'].append('vitis:ip')
    both = models.convert(models.mlp(), config, tmp_path / 'b')
    assert hls4ml_hwprune.get_plan(both) == hls4ml_hwprune.get_plan(alone)
    alone.write()
    both.write()
    for name in ('firmware/myproject.cpp', 'firmware/parameters.h', 'firmware/weights/w2.h'):
        assert (tmp_path / 'a' / name).read_bytes() == (tmp_path / 'b' / name).read_bytes()


def test_block_without_the_flow_is_not_lost_in_silence(tmp_path, caplog):
    model = models.convert(models.mlp(), models.hls_config({'Budget': {'DSP': '0.5x'}}), tmp_path / 'project')
    (record,) = caplog.records
    assert record.levelname == 'WARNING'
    assert 'NOTHING IS PRUNED' in record.message
    assert 'Model.HWPrune' in record.message
    assert 'Flows: [vitis:hwprune]' in record.message
    caplog.clear()
    model.write()
    assert 'NOTHING IS PRUNED' in caplog.text


def test_all_keys_at_once():
    block = {
        'Budget': {'DSP': '20%', 'BRAM36': 7, 'LUT': '0.5x', 'URAM': 0},
        'Packing': 'bram',
        'Importance': 'l2',
        'Exclude': 'fc1',
        'Device': {'DSP': 1, 'BRAM18': 2, 'LUT': 3, 'FF': 4, 'URAM': 5},
        'Stage': 'vsynth',
        'TimeLimit': 2,
    }
    settings = parse_settings({'Model': {'HWPrune': block}, 'LayerName': {'fc2': {'HWPrune': {'Packing': 'aligned'}}}})
    assert settings.budget['bram18'].amount == 14
    assert settings.exclude == ('fc1',)
    assert (settings.stage, settings.time_limit, settings.device.uram) == ('vsynth', 2.0, 5)
    assert settings.for_layer('fc2', 'Dense').packing == 'aligned'
    assert settings.for_layer('fc3', 'Dense').packing == 'bram'
    assert settings.for_layer('fc1', 'Dense').exclude
    assert not settings.for_layer('fc2', 'Dense').exclude


SAMPLES = np.zeros((3, 16))


@pytest.mark.parametrize('data', ['x.npy', SAMPLES, (SAMPLES,), {'x': SAMPLES, 'y': np.zeros(3)}], ids=type)
def test_calibration_stands_by_itself(data):
    settings = parse_settings({'Model': {'HWPrune': {'Calibration': data}}})
    assert settings.calibration is data
    assert (settings.objective.weights, settings.objective.max_loss) == ({}, None)
    assert (settings.importance, settings.reconstruction, settings.validation) == ('auto', 'auto', None)
    # Arrays stay out of what is shown of the settings.
    assert 'array' not in repr(settings)
    config = {}
    hls4ml_hwprune.enable(config, backend='Vitis', calibration=data, validation=data, reconstruction='layers')
    settings = parse_settings(config)
    assert (settings.reconstruction, settings.validation is None, settings.calibration is None) == ('layers', False, False)


@pytest.mark.parametrize('measure', ['activation', 'obs'])
@pytest.mark.parametrize('scope', ['Model', 'LayerName', 'LayerType'])
def test_measures_that_need_calibration_data(measure, scope):
    own, where = {'HWPrune': {'Importance': measure}}, 'Model.HWPrune'
    config = {'Model': own} if scope == 'Model' else {scope: {'fc1': own}}
    if scope != 'Model':
        where = f'{scope}.fc1.HWPrune'
    with pytest.raises(ConfigError, match=f"^{where}.Importance: '{measure}' is .* give Model.HWPrune.Calibration"):
        parse_settings(config)
    config['Model'] = {'HWPrune': {**config.get('Model', {}).get('HWPrune', {}), 'Calibration': SAMPLES}}
    assert parse_settings(config).for_layer('fc1', 'fc1').importance == measure


@pytest.mark.parametrize('how', ['auto', 'layers', 'none'])
def test_new_weights_need_calibration_data(how):
    with pytest.raises(ConfigError, match=r'^Model\.HWPrune\.Reconstruction: needs Model\.HWPrune\.Calibration'):
        parse_settings({'Model': {'HWPrune': {'Reconstruction': how, 'Validation': SAMPLES}}})
    block = {'Reconstruction': how, 'Calibration': SAMPLES}
    assert parse_settings({'Model': {'HWPrune': block}}).reconstruction == how


def test_samples_beside_a_plan():
    settings = parse_settings({'Model': {'HWPrune': {'Plan': 'plan.json', 'Validation': SAMPLES}}})
    assert settings.validation is SAMPLES
    for key, value in (('Calibration', SAMPLES), ('Reconstruction', 'none'), ('Importance', 'obs')):
        with pytest.raises(ConfigError, match=rf'^Model\.HWPrune\.{key}: not beside Plan'):
            parse_settings({'Model': {'HWPrune': {'Plan': 'plan.json', key: value}}})


@pytest.mark.parametrize('key', ['Calibration', 'Validation'])
@pytest.mark.parametrize(
    ('data', 'words'),
    [
        (3, ('expected a .npy or .npz file', 'got a int')),
        ('nowhere.npy', ("there is no file 'nowhere.npy'",)),
        (SAMPLES[:, :7], ('x0 has samples of shape (7,), the network takes (16,)',)),
        ([SAMPLES, SAMPLES], ('2 arrays of inputs, but the network has 1',)),
        ({'x': SAMPLES, 'y': np.full(3, -1)}, ('y: class numbers must be whole and not negative',)),
    ],
    ids=range(5),
)
def test_samples_that_cannot_be_used(tmp_path, key, data, words):
    refuse(tmp_path, with_block({key: data}), ConfigError, f'Model.HWPrune.{key}: ', *words)


def test_samples_are_held_beside_the_model_and_not_written(tmp_path, monkeypatch):
    def without_samples(model, settings):
        return make_plan(read_layers(model), settings, target_device(model, settings))

    monkeypatch.setattr('hls4ml_hwprune.passes.plan.plan_model', without_samples)
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)
    np.save(tmp_path / 'x.npy', SAMPLES)
    validation = {'x': np.ones((5, 16)), 'y': np.arange(5)}
    config = models.hls_config()
    hls4ml_hwprune.enable(config, backend='Vitis', calibration=SAMPLES, validation=validation)
    model = models.convert(models.mlp(), config, tmp_path / 'arrays')
    model.write()
    block = config['Model']['HWPrune']
    # The user's own configuration has them still.
    assert block['Calibration'] is SAMPLES
    assert block['Validation']['x'] is validation['x']
    written = yaml.safe_load((tmp_path / 'arrays' / 'hls4ml_config.yml').read_text())['HLSConfig']['Model']['HWPrune']
    assert written == {'Calibration': 'an array of 3 samples', 'Validation': 'an array of 5 samples'}
    held = samples_of(model)
    assert np.array_equal(held.calibration.x[0], SAMPLES)
    assert np.array_equal(held.validation.x[0], validation['x'])
    assert held.validation.y.tolist() == [0, 1, 2, 3, 4]
    # Names of files stay.
    hls4ml_hwprune.enable(config, backend='Vitis', calibration=str(tmp_path / 'x.npy'))
    named = models.convert(models.mlp(), config, tmp_path / 'file')
    named.write()
    assert str(tmp_path / 'x.npy') in (tmp_path / 'file' / 'hls4ml_config.yml').read_text()
    assert samples_of(named).validation is None
    assert np.array_equal(samples_of(named).calibration.x[0], SAMPLES)


def test_the_narrower_scope_wins():
    scopes = {
        'Model': {'HWPrune': {'Packing': 'aligned', 'Importance': 'l1'}},
        'LayerType': {'Dense': {'HWPrune': {'Packing': 'bram', 'Exclude': True}}},
        'LayerName': {'fc1': {'HWPrune': {'Importance': 'l2', 'Exclude': False}}},
    }
    settings = parse_settings(scopes)
    assert settings.for_layer('fc1', 'Dense') == LayerChoice('bram', 'l2', 'config', 'config', False)
    assert settings.for_layer('conv', 'Conv2D').packing == 'aligned'
    # All Dense layers but fc1.
    assert settings.for_layer('fc2', 'Dense').exclude


@pytest.mark.parametrize(
    'config', [{}, {'Model': None}, {'Model': {}}, {'Model': {'HWPrune': None}}, {'Model': {'HWPrune': {}}}]
)
def test_nothing_given(config):
    settings = parse_settings(config)
    assert (settings.budget, settings.packing, settings.importance, settings.exclude) == ({}, 'auto', 'auto', ())


# enable()


@pytest.mark.parametrize('backend', [*BACKENDS, 'vitis', 'VIVADO', 'vivadoaccelerator'])
def test_enable_names_the_flow_of_the_backend(backend):
    config = {'Model': {'Precision': 'fixed<16,6>', 'ReuseFactor': 4}}
    hls4ml_hwprune.enable(config, backend=backend, budget={'DSP': '20%'})
    assert config == {
        'Model': {'Precision': 'fixed<16,6>', 'ReuseFactor': 4, 'HWPrune': {'Budget': {'DSP': '20%'}}},
        'Flows': [f'{backend.lower()}:hwprune'],
    }


def test_enable_takes_the_other_keys_in_snake_case():
    config = {'Model': {}}
    hls4ml_hwprune.enable(
        config,
        backend='Vitis',
        packing='bram',
        importance='l2',
        exclude=('fc1',),
        stage='vsynth',
        time_limit=3,
        device='pynq-z2',
    )
    assert config['Model']['HWPrune'] == {
        'Packing': 'bram',
        'Importance': 'l2',
        'Exclude': ['fc1'],
        'Stage': 'vsynth',
        'TimeLimit': 3,
        'Device': 'pynq-z2',
    }


@pytest.mark.parametrize(
    ('flows', 'after'),
    [
        (None, ['vitis:hwprune']),
        ([], ['vitis:hwprune']),
        (['vitis:ip'], ['vitis:hwprune']),
        (['vivado:hwprune'], ['vitis:hwprune']),
        (['vitis:hwprune'], ['vitis:hwprune']),
        (['vitis:ip', 'vivado:fifo_depth_optimization'], ['vitis:hwprune', 'vivado:fifo_depth_optimization']),
        ('vitis:ip', ['vitis:hwprune']),
        ('vivado:fifo_depth_optimization', ['vitis:hwprune', 'vivado:fifo_depth_optimization']),
    ],
)
def test_enable_keeps_flows_that_are_not_replaced(flows, after):
    config = {'Model': {}, 'Flows': flows}
    hls4ml_hwprune.enable(config, backend='Vitis')
    assert config['Flows'] == after


def test_enabling_twice_is_enabling_once():
    config = {'Model': {'ReuseFactor': 4}}
    hls4ml_hwprune.enable(config, backend='Vivado', budget={'DSP': 3}, packing='bram')
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '20%'})
    assert config == {'Model': {'ReuseFactor': 4, 'HWPrune': {'Budget': {'DSP': '20%'}}}, 'Flows': ['vitis:hwprune']}


@pytest.mark.parametrize('config', [{}, {'Model': None}])
def test_enable_without_a_model_section(config):
    hls4ml_hwprune.enable(config, backend='Vitis')
    whole = {'DSP': '100%', 'BRAM': '100%', 'LUT': '100%', 'FF': '100%'}
    assert config == {'Model': {'HWPrune': {'Budget': whole}}, 'Flows': ['vitis:hwprune']}


@pytest.mark.parametrize(
    ('backend', 'options', 'error', 'words'),
    [
        ('Catapult', {}, BackendError, ("'Catapult'", 'channels', 'Vitis')),
        ('Quartus', {'budget': {'LUT': '0.5x'}}, ConfigError, ('Budget.LUT', 'Intel HLS', 'Budget.DSP')),
        ('', {}, BackendError, ("''", 'Vitis')),
        (None, {}, BackendError, ('None', 'Vitis')),
        ('Vitis', {'budget': {'DSP': 'many'}}, ConfigError, ('Budget.DSP', "'many'")),
        ('Vitis', {'budget': '20%'}, ConfigError, ('Budget', "'20%'")),
        ('Vitis', {'packing': 'zigzag'}, ConfigError, ('Packing', "'zigzag'")),
        ('Vitis', {'device': 'nothing'}, DeviceError, ("'nothing'",)),
        ('Vitis', {'time_limit': -1}, ConfigError, ('TimeLimit', '-1')),
        ('Vitis', {'calibrate': 'x.npy'}, ConfigError, ('unknown', 'alibrate')),
        ('Vitis', {'budgets': {'DSP': 3}}, ConfigError, ('unknown', 'udgets', 'did you mean Budget?')),
    ],
)
def test_enable_leaves_the_configuration_alone_when_it_raises(backend, options, error, words):
    config = {'Model': {'ReuseFactor': 4, 'HWPrune': {'Packing': 'bram'}}, 'Flows': ['vitis:ip'], 'LayerName': {'fc1': {}}}
    before = copy.deepcopy(config)
    with pytest.raises(HWPruneError) as caught:
        hls4ml_hwprune.enable(config, backend=backend, **options)
    assert type(caught.value) is error
    for word in words:
        assert word in str(caught.value)
    assert config == before


@pytest.mark.parametrize('bad', [{'Flows': [3]}, {'Flows': 3}, {'Model': 'fast'}, {'Model': [1]}, {'LayerName': ['fc1']}])
def test_enable_of_a_malformed_configuration(bad):
    before = copy.deepcopy(bad)
    with pytest.raises(ConfigError, match=next(iter(bad))):
        hls4ml_hwprune.enable(bad, backend='Vitis')
    assert bad == before


@pytest.mark.parametrize('config', [None, [], 'Vitis', [('Model', {})]])
def test_enable_of_something_else(config):
    with pytest.raises(ConfigError, match='expected a dict'):
        hls4ml_hwprune.enable(config, backend='Vitis')


def test_enable_gives_plain_data():
    config = {'Model': {'Precision': 'fixed<16,6>'}}
    budget = {'DSP': np.float64(30.0), 'LUT': '20%', 'BRAM': 3}
    device = {'DSP': 900, 'BRAM18': 100, 'LUT': 10_000, 'FF': 20_000}
    hls4ml_hwprune.enable(
        config, backend='Vitis', budget=budget, exclude=('fc1', 'fc2'), device=device, time_limit=np.float64(2)
    )
    assert yaml.safe_load(yaml.safe_dump(config)) == config
    # What the caller holds is not part of the configuration.
    budget['DSP'] = device['DSP'] = -1
    assert config['Model']['HWPrune']['Budget']['DSP'] == 30
    assert config['Model']['HWPrune']['Device']['DSP'] == 900


def test_enable_takes_whole_numbers_of_numpy():
    config = {'Model': {}}
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': np.int64(30)}, time_limit=np.int64(5))
    assert yaml.safe_load(yaml.safe_dump(config))['Model']['HWPrune'] == {'Budget': {'DSP': 30}, 'TimeLimit': 5}


def test_excluded_names_of_a_set_come_in_the_same_order():
    # Sets of strings have another order in every process.
    code = (
        'import hls4ml_hwprune, json; c = {}; '
        'hls4ml_hwprune.enable(c, backend="Vitis", exclude={f"fc{n}" for n in range(20)}); print(json.dumps(c))'
    )
    runs = {
        subprocess.run([sys.executable, '-c', code], env={'PYTHONHASHSEED': seed}, check=True, capture_output=True).stdout
        for seed in ('1', '2')
    }
    assert len(runs) == 1


def test_enabled_configuration_converts(tmp_path):
    config = models.hls_config()
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': '0.5x'}, exclude=['fc2'])
    reread = yaml.safe_load(yaml.safe_dump(config))
    plans = [hls4ml_hwprune.get_plan(models.convert(models.mlp(), c, tmp_path / 'project')) for c in (config, reread)]
    assert plans[0] == plans[1]
    assert plans[0].pruned
    assert [kernel.layer for kernel in plans[0].kernels] == ['fc1']


def test_errors_are_one_line_each(tmp_path):
    message = refuse(tmp_path, with_block({'Budget': {'DSP': 'abc'}}), ConfigError, 'DSP')
    assert re.fullmatch(r'[^\n]+', message)


BEYOND_FLOATS = 10**400


@pytest.mark.parametrize(
    ('block', 'words'),
    [
        (
            {'Latency': BEYOND_FLOATS},
            r'Latency: expected a positive whole number of clock cycles, .* got a whole number of about 401 digits$',
        ),
        (
            {'II': BEYOND_FLOATS},
            r'II: expected a positive whole number of clock cycles, got a whole number of about 401 digits$',
        ),
        (
            {'Device': {'DSP': BEYOND_FLOATS, 'BRAM18': 1, 'LUT': 1, 'FF': 1}},
            r'Device\.DSP: expected a count, got a whole number of about 401 digits$',
        ),
        ({'Budget': {'DSP': BEYOND_FLOATS}}, r'Budget\.DSP: '),
        ({'TimeLimit': BEYOND_FLOATS}, 'TimeLimit: expected'),
        ({'Minimize': {'DSP': BEYOND_FLOATS}, 'MinImportance': 0.5}, r'Minimize\.DSP: expected'),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else '',
)
def test_whole_numbers_beyond_floats(block, words):
    with pytest.raises(ConfigError, match=words):
        parse_settings({'Model': {'HWPrune': block}})
