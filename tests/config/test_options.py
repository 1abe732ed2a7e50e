"""Options are declared once: keys, keywords, signatures, defaults and checks follow from the declarations."""

import inspect
from dataclasses import fields
from typing import get_type_hints

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.config import LayerChoice, LayerSettings, Objective, Settings, parse_settings
from hls4ml_hwprune.config.option import Option, key_of, options_of
from hls4ml_hwprune.config.options import LAYER_OPTIONS, OPTIONS
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training.options import OPTIONS as TRAINING
from hls4ml_hwprune.training.options import TrainingOptions
from tests import models

# Keys of the block that are fields of `Settings.objective`.
OBJECTIVE = {'minimize', 'min_importance', 'max_loss'}
KEYWORDS = {one.keyword for one in OPTIONS}


def settings_of(block):
    return parse_settings({'Model': {'HWPrune': block}})


def test_each_option_has_a_field_of_the_settings():
    own = {one.name for one in fields(Settings)} - {'objective', 'layers', 'layer_types', 'notes'}
    assert own == KEYWORDS - OBJECTIVE
    assert len(fields(Objective)) == len(OBJECTIVE)
    layers = {one.keyword for one in LAYER_OPTIONS}
    assert layers == {one.name for one in fields(LayerSettings)} == {one.name for one in fields(LayerChoice)}


def test_no_options_are_the_defaults():
    assert settings_of({}) == Settings()
    for one in OPTIONS:
        # Such a value may need another key beside it.
        if one.default is not None and not (one.needs and one.key == 'Reconstruction'):
            assert settings_of({one.key: one.default}) == Settings(), one.key


@pytest.mark.parametrize('one', [*OPTIONS, *LAYER_OPTIONS, *TRAINING], ids=lambda one: one.keyword)
def test_declarations(one):
    assert one.help.endswith('.')
    assert one.help.count('. ') == 0
    assert one.range
    assert (one.read is None) <= bool(one.words)
    known = {key_of(keyword) for keyword in KEYWORDS}
    for need in one.needs:
        assert set(need.keys) <= known
        assert need.text.format(where='Model.HWPrune', value="'obs'", found=[])
    # Words are read in any case.
    if one in OPTIONS and one.words and not one.names and not one.needs:
        word = one.words[-1]
        assert settings_of({one.key: word.upper()}) == settings_of({one.key: word})


def test_the_signature_of_enable():
    signature = inspect.signature(hls4ml_hwprune.enable)
    assert list(signature.parameters) == ['config', 'backend', *(one.keyword for one in OPTIONS)]
    assert signature.parameters['packing'].default == 'auto'
    assert signature.parameters['packing'].annotation is str
    assert signature.parameters['budget'].default is None
    assert all(one.kind is not one.VAR_KEYWORD for one in signature.parameters.values())
    for one in OPTIONS:
        assert f'\n    {one.keyword} : ' in hls4ml_hwprune.enable.__doc__
    assert '**options' not in hls4ml_hwprune.enable.__doc__


def test_the_signature_of_sweep():
    names = set(inspect.signature(hls4ml_hwprune.sweep).parameters)
    assert {'hls_model', 'budgets', 'jobs', 'packing', 'latency'} <= names
    assert not names & {'budget', 'plan', 'calibration', 'validation', 'options'}


@pytest.mark.parametrize('one', OPTIONS, ids=lambda one: one.key)
def test_every_keyword_of_enable_is_a_key_of_the_block(one):
    # Of a kind that no option takes; samples are looked at when the network is known.
    config, odd = {}, object()
    if one.key in ('Calibration', 'Validation'):
        hls4ml_hwprune.enable(config, backend='Vitis', **{one.keyword: odd})
        assert config['Model']['HWPrune'] == {one.key: odd}
    else:
        with pytest.raises(ConfigError, match=f'^Model.HWPrune.{one.key}: '):
            hls4ml_hwprune.enable(config, backend='Vitis', **{one.keyword: odd})


def test_the_signature_of_the_training_options():
    signature = inspect.signature(TrainingOptions)
    assert [one.keyword for one in TRAINING] == list(signature.parameters)
    assert all(signature.parameters[one.keyword].default == one.default for one in TRAINING)
    hints = get_type_hints(TrainingOptions)
    assert all(one.type == hints[one.keyword] for one in TRAINING)
    assert all(f'\n    {one.keyword} : ' in TrainingOptions.__doc__ for one in TRAINING)


def test_a_typed_dict_is_a_declaration():
    from typing import Annotated, TypedDict

    class Mine(TypedDict, total=False):
        my_word: Annotated[str, Option('One of two.', 'a', words=('a', 'b'))]

    (found,) = options_of(Mine)
    assert (found.keyword, found.key, found.type, found.range) == ('my_word', 'MyWord', str, 'a, b')
    assert found.parse('b', 'here') == 'b'
    with pytest.raises(ConfigError, match=r"^here: 'c' is not one of a, b"):
        found.parse('c', 'here')


@pytest.mark.parametrize(('task', 'words'), [('Regression', 'targets'), ('classification', 'class 7')])
def test_the_task_of_a_block_in_another_case(tmp_path, task, words):
    config = models.hls_config({'Budget': {'DSP': '1x'}, 'task': task}, ['vitis:hwprune'])
    model = models.convert(models.mlp(), config, tmp_path / 'project')
    with pytest.raises(ConfigError, match=f'^evaluate: .*{words}'):
        hls4ml_hwprune.evaluate(model, np.zeros((3, 16)), np.array([0, 1, 7]))
