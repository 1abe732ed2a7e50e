"""Anything at all as the value of any key: taken, or refused in one short line by an error of the package."""

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.config import check_placement, check_project, parse_settings, require_block
from hls4ml_hwprune.config.options import LAYER_OPTIONS, OPTIONS
from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.training.options import TrainingOptions
from tests import models
from tests.fuzz.mutations import ODD, PLAIN

# Of a network, file or part that is not there, messages list some names: more than one value, never thousands of characters.
_LONGEST = 400
VALUES = [
    *PLAIN,
    *ODD,
    *(-(10**5000), 10**4299, {'DSP': 10**5000}, {10**5000: 1}, {'fc1': 10**5000}, [10**5000], {'HWPrune': 10**5000}),
    *(np.zeros(1), np.ones(1), np.zeros(5000), np.array(['a', 'b']), {'DSP': np.zeros((3, 3))}, {np.str_('DSP'): 1}),
    *('\0' * 5000, '9' * 5000, '9' * 5000 + 'x', '9' * 5000 + '%', '9' * 5000 + ' ns', '\ud800', 'a\u2028b', b'x' * 5000),
]


def said(function, *arguments, **named):
    """Return the message of a refusal, if there is one."""
    try:
        function(*arguments, **named)
    except HWPruneError as error:
        text = str(error)
        assert text.isprintable(), f'more than one line: {text[:200]!r}'
        assert len(text) <= _LONGEST, f'{len(text)} characters: {text[:200]}'
        return text
    return ''


def check_all(read, key, refused=1):
    """Read every value; at least `refused` of them are refused by an error that names the key."""
    texts = [text for value in VALUES if (text := said(read, value))]
    assert len(texts) >= refused
    assert all(key in text for text in texts), [text for text in texts if key not in text][:3]


def of_block(*keys):
    """Return a function that reads a configuration with a value in the place that keys name."""

    def read(value):
        for key in reversed(keys):
            value = {key: value}
        check_placement(value)
        parse_settings(value)
        require_block(value)

    return read


@pytest.mark.parametrize('key', [one.key for one in OPTIONS])
def test_keys_of_the_block(key):
    refused = 0 if key in ('Calibration', 'Validation') else 10
    check_all(of_block('Model', 'HWPrune', key), 'HWPrune', refused)


@pytest.mark.parametrize('keys', [('Budget', 'DSP'), ('Minimize', 'DSP'), ('Device', 'DSP'), ('Budget', 'BRAM36')])
def test_keys_within_a_key(keys):
    check_all(of_block('Model', 'HWPrune', *keys), f'HWPrune.{keys[0]}', 10)


@pytest.mark.parametrize('key', [one.key for one in LAYER_OPTIONS])
@pytest.mark.parametrize('scope', ['LayerName', 'LayerType'])
def test_keys_of_layers(scope, key):
    check_all(of_block(scope, 'fc1', 'HWPrune', key), 'HWPrune', 10)


@pytest.mark.parametrize('keys', [('Model',), ('LayerName',), ('LayerType',), ('Model', 'HWPrune'), ('LayerName', 'fc1')])
def test_blocks_and_their_scopes(keys):
    # Empty scopes are refused for want of a block.
    check_all(of_block(*keys), '')


@pytest.mark.parametrize('keys', [('Model', 'HWPrune'), ('LayerName',), ('Model', 'HWPrune', 'Budget'), ('Model',)])
def test_names_of_keys(keys):
    for name in (10**5000, 'x' * 5000, 'a\nb', '\0', '', None, 1.5, ('a', 10**5000), 'HWPrunes', 'hwprune' * 500):
        said(of_block(*keys, name), {'HWPrune': {'Packing': 3}})
        said(of_block(*keys, name), {'HWPrune': {'Packing': 'auto'}})
        said(of_block(*keys, name, 'HWPrune', 'Packing'), 3)


@pytest.mark.parametrize(
    'keys',
    [
        *(('ClockPeriod',), ('ClockUncertainty',), ('IOType',), ('HLSConfig', 'Model'), ('HLSConfig', 'LayerName')),
        *(('HLSConfig', 'Model', key) for key in ('Strategy', 'ReuseFactor')),
        *(('HLSConfig', 'LayerName', 'fc1', key) for key in ('Strategy', 'ReuseFactor')),
    ],
)
def test_keys_of_hls4ml(keys):
    def read(value):
        for key in reversed(keys):
            value = {key: value}
        check_project(value)

    check_all(read, keys[-1], 5)


@pytest.mark.parametrize('argument', ['config', 'backend', 'budget', 'packing', 'plan', 'exclude', 'Flows', 'Model'])
def test_arguments_of_enable(argument):
    def enable(value):
        given = {'config': {}, 'backend': 'Vitis', 'budget': {'DSP': 3}}
        if argument in ('Flows', 'Model'):
            given['config'] = {argument: value}
        else:
            given[argument] = value
        hls4ml_hwprune.enable(given.pop('config'), **given)

    check_all(enable, '', 3)


@pytest.fixture(scope='module')
def plain(tmp_path_factory):
    return models.convert(models.mlp((4, 3)), models.hls_config(), tmp_path_factory.mktemp('plain'))


def test_arguments_that_go_with_a_model(plain):
    x = np.zeros((3, 4))
    not_many = [value for value in VALUES if not (type(value) is int and 1 <= abs(value) < 2**15)]
    for value in VALUES:
        # The default would compile firmware.
        none = value is None or (isinstance(value, str) and value == 'auto')
        assert none or said(hls4ml_hwprune.evaluate, plain, x, task=value)
        assert value is None or said(hls4ml_hwprune.estimate, plain, value)
        assert said(hls4ml_hwprune.get_plan, value)
        said(hls4ml_hwprune.sweep, plain, value)
        said(hls4ml_hwprune.sweep, plain, [value])
    for value in not_many:
        assert said(hls4ml_hwprune.sweep, plain, [{'DSP': 3}], jobs=value)


@pytest.mark.parametrize('name', list(TrainingOptions().as_dict()))
def test_training_options(name):
    check_all(lambda value: TrainingOptions(**{name: value}), f'TrainingOptions.{name}', 10)
