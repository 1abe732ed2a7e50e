"""Configurations and arguments of pruning with training: refused before anything is trained or written."""

import pytest

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training import TrainingOptions, prune
from hls4ml_hwprune.training.conversion import Conversion

MODEL = {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 4, 'Strategy': 'Resource'}


def config_of(block=None, **model):
    return {'Model': {**MODEL, **model, 'HWPrune': {'Budget': {'DSP': '0.5x'}} if block is None else block}}


@pytest.mark.parametrize(
    ('config', 'arguments', 'words'),
    [
        (config_of({'Budget': {'DPS': 3}}), {}, r'did you mean DSP\?'),
        (config_of({'Budget': {'DSP': 0.5}}), {}, r'did you mean 0\.5x or 50%\?'),
        (config_of({'budget': {'DSP': 3}, 'plan': 'p.json'}), {}, r'HWPrune\.Plan: not where a network is trained'),
        ({'HWPrune': {}, 'Model': MODEL}, {}, 'not directly under HLSConfig'),
        ({'Model': {**MODEL, 'HWprune': {}}}, {}, r'did you mean HWPrune\?'),
        (config_of(Strategy='Resorce'), {}, r'^Model\.Strategy: .*did you mean Resource\?'),
        (config_of(ReuseFactor='auto'), {}, r'^Model\.ReuseFactor: expected a positive whole number'),
        (config_of(), {'clock_period': 'fast'}, "^ClockPeriod: .*'fast'"),
        (config_of(), {'io_type': 'io_streams'}, r'^IOType: .*did you mean io_stream\?'),
        (config_of(), {'clok_period': 5}, r'^clok_period: not an argument of hls4ml, .*did you mean clock_period\?'),
        (config_of(), {'epochs': 5}, r'^epochs: an option of training; give it as options=TrainingOptions\(epochs=\.\.\.\)'),
    ],
)
def test_what_is_wrong(config, arguments, words):
    with pytest.raises(ConfigError, match=words):
        Conversion.of(config, 'Vitis', arguments)


@pytest.mark.parametrize(('backend', 'extra'), [('Vivado', {}), ('vitis', {}), ('VivadoAccelerator', {'board': 'pynq-z2'})])
def test_arguments_of_hls4ml(backend, extra, caplog):
    arguments = {'part': None, 'clock_period': 5, 'io_type': 'io_parallel', 'project_name': 'p', **extra}
    found = Conversion.of(config_of({'budget': {'dsp': 30}}), backend, arguments)
    assert found.arguments == arguments
    assert found.config['Model']['HWPrune'] == {'Budget': {'DSP': 30}}
    assert caplog.text.count('is read as') == 2


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        ({'options': {'epochs': 5}}, r'^options: .* got a dict; did you mean TrainingOptions\(\*\*options\)\?'),
        ({'callbacks': print}, '^callbacks: expected a list'),
        ({'metric': 'accuracy'}, "^metric: expected a function .* got 'accuracy'"),
        ({'folder': 3}, '^folder: .* got 3'),
        ({'folder': ''}, '^folder: '),
    ],
)
def test_arguments_of_prune(arguments, words):
    with pytest.raises(ConfigError, match=words):
        prune(object(), (), config=config_of(), backend='Vitis', **arguments)


def test_options_name_the_nearest():
    with pytest.raises(ConfigError, match=r"schedule: .* got 'geometrical'; did you mean geometric\?"):
        TrainingOptions(schedule='geometrical')
    with pytest.raises(ConfigError, match='schedule: '):
        TrainingOptions(schedule=['geometric'])
