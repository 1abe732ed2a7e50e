"""Arguments of the Python functions that are of a wrong kind: one line, and nothing done."""

import copy

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError
from tests import models


@pytest.fixture(scope='module')
def plain(tmp_path_factory):
    return models.convert(models.mlp(), models.hls_config(), tmp_path_factory.mktemp('plain'))


class Network:
    """In place of a model of a framework."""


@pytest.mark.parametrize('model', [Network(), None, 'model.h5', {'Model': {}}])
@pytest.mark.parametrize(
    ('name', 'arguments'),
    [('estimate', ()), ('evaluate', (np.zeros((3, 16)),)), ('sweep', ([{'DSP': 3}],)), ('get_plan', ())],
)
def test_models_that_hls4ml_did_not_convert(name, arguments, model):
    words = f'^{name}: expected a model that hls4ml converted .*got a .*{type(model).__name__}; convert it first'
    with pytest.raises(ConfigError, match=words):
        getattr(hls4ml_hwprune, name)(model, *arguments)


def test_a_reference_that_hls4ml_did_not_convert(plain):
    with pytest.raises(ConfigError, match=r'^evaluate: reference: expected a model'):
        hls4ml_hwprune.evaluate(plain, np.zeros((3, 16)), reference=Network())


@pytest.mark.parametrize(
    ('budgets', 'options', 'words'),
    [
        ({'DSP': '0.5x'}, {}, r"^budgets: expected a list of budgets, got one; did you mean \[{'DSP': '0.5x'}\]"),
        ('0.5x', {}, "^budgets: expected a list of mappings .* got '0.5x'"),
        (3, {}, '^budgets: expected a list of mappings .* got 3'),
        (['0.5x'], {}, "Budget: expected a mapping .* got '0.5x'; did you mean {DSP: 0.5x}"),
        ([{'DSP': 0.5}], {}, r'Budget.DSP: .* did you mean 0\.5x or 50%'),
        ([{'DSP': 3}], {'jobs': 0}, '^jobs: .* got 0'),
        ([{'DSP': 3}], {'jobs': 'all'}, "^jobs: .* got 'all'"),
        ([{'DSP': 3}], {'packin': 'auto'}, "unknown key 'Packin', .*did you mean Packing"),
    ],
)
def test_sweeps(plain, budgets, options, words):
    with pytest.raises(ConfigError, match=words):
        hls4ml_hwprune.sweep(plain, budgets, **options)


@pytest.mark.parametrize('stage', ['synth', 0.5, 3, ['csynth']])
def test_stages(plain, stage):
    with pytest.raises(ConfigError, match=r'^stage: .* is not one of csynth, vsynth'):
        hls4ml_hwprune.estimate(plain, stage)


def test_a_plan_is_taken_as_it_is(plain, tmp_path):
    (plan,) = hls4ml_hwprune.sweep(plain, [{'DSP': '0.5x'}]).plans
    config = models.hls_config()
    hls4ml_hwprune.enable(config, backend='Vitis', plan=plan)
    assert config['Model']['HWPrune']['Plan'] is plan
    given = models.convert(models.mlp(), config, tmp_path / 'given')
    # Not changed by the conversion, and not written with the project.
    assert config['Model']['HWPrune']['Plan'] is plan
    written = given.config.config['HLSConfig']['Model']['HWPrune']
    assert written == {'Plan': 'a plan of 2 kernels'}
    plan.save(tmp_path / 'plan.json')
    named = models.hls_config({'Plan': str(tmp_path / 'plan.json')}, ['vitis:hwprune'])
    read = models.convert(models.mlp(), copy.deepcopy(named), tmp_path / 'read')
    assert hls4ml_hwprune.get_plan(given) == hls4ml_hwprune.get_plan(read)
    assert hls4ml_hwprune.get_plan(given).pruned


@pytest.mark.parametrize('plan', [3, {}, ['plan.json'], ''])
def test_plans_that_are_none(plan):
    with pytest.raises(ConfigError, match='Plan: expected the name of a file, or a plan, got'):
        hls4ml_hwprune.enable({}, backend='Vitis', plan=plan)


@pytest.mark.parametrize(
    ('data', 'words'),
    [
        ({'x': np.zeros((3, 16)), 'y': np.array([0, 1, 5])}, 'class 5.* classes 0 to 4'),
        ({'x': np.zeros((3, 16)), 'y': np.eye(3, 9, 6)}, 'class 8.* classes 0 to 4'),
    ],
)
@pytest.mark.parametrize('key', ['Validation', 'Calibration'])
def test_labels_out_of_range_are_found_before_any_work(tmp_path, monkeypatch, key, data, words):
    monkeypatch.setattr('hls4ml_hwprune.passes.plan.plan_model', lambda *_: pytest.fail('work was done'))
    config = models.hls_config({'Budget': {'DSP': '0.5x'}, key: data}, ['vitis:hwprune'])
    with pytest.raises(ConfigError, match=f'^Model.HWPrune.{key}: y has {words}'):
        models.convert(models.mlp(), config, tmp_path / 'project')
    assert not (tmp_path / 'project').exists()


def test_labels_out_of_range_for_evaluate(plain, monkeypatch):
    monkeypatch.setattr(type(plain), 'compile', lambda _: pytest.fail('work was done'))
    with pytest.raises(ConfigError, match=r'^evaluate: y has class 7'):
        hls4ml_hwprune.evaluate(plain, np.zeros((3, 16)), np.array([0, 1, 7]))


def test_names_of_layers_are_found_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr('hls4ml_hwprune.passes.planning.Simulation', lambda *_, **__: pytest.fail('work was done'))
    block = {'Budget': {'DSP': '0.5x'}, 'Exclude': ['Fc1'], 'Calibration': np.zeros((3, 16))}
    with pytest.raises(ConfigError, match=r"Exclude: there is no layer 'Fc1'; .*did you mean fc1\?"):
        models.convert(models.mlp(), models.hls_config(block, ['vitis:hwprune']), tmp_path / 'project')
