"""Records in notebooks, lines that make a plan again, and arguments of `write_html` that are refused."""

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.pareto import Point, Sweep
from hls4ml_hwprune.passes.page import python_lines
from tests import models
from tests.report.pages import Page, converted


@pytest.mark.parametrize('name', ['plan', 'estimate', 'sweep', 'evaluation'])
def test_notebooks_show_records(model, name):
    plan = hls4ml_hwprune.get_plan(model)
    records = {
        'plan': plan,
        'estimate': hls4ml_hwprune.estimate(model),
        'sweep': Sweep((Point({'DSP': '0.4x'}, plan), Point({}, None, 'impossible'))),
        'evaluation': Evaluation(500, 0.0125, 0.9875),
    }
    page = Page(records[name]._repr_html_())
    shown = {'plan': 'fc3', 'estimate': 'relu2', 'sweep': 'the whole part', 'evaluation': '98.75 %'}
    assert shown[name] in page.words
    assert 'script' not in page.tags
    assert page.addresses == []
    assert name == 'evaluation' or f'{plan.after.dsp:,}' in ' '.join(page.words)


def test_the_lines_make_the_plan_again():
    block = {'Budget': {'DSP': '0.4x', 'LUT': 300}, 'Packing': 'aligned', 'Exclude': ['out']}
    config = models.hls_config(block)
    config['LayerName'] = {'fc1': {'HWPrune': {'Packing': 'balanced'}}}
    names = {'config': models.hls_config()}
    exec(python_lines(config, 'Vitis'), names)
    assert names['config']['Model']['HWPrune'] == block
    assert names['config']['LayerName'] == config['LayerName']
    assert names['config']['Flows'] == ['vitis:hwprune']


def test_objects_stand_as_variables(model, tmp_path):
    given = converted(tmp_path / 'p', {'Plan': hls4ml_hwprune.get_plan(model)})
    given.write()
    assert 'plan=plan,  # a plan of 2 kernels' in (tmp_path / 'p/hwprune_report.html').read_text()
    block = {'Calibration': 'an array of 500 samples', 'Validation': np.zeros((9, 2)), 'Budget': {'DSP': 3}}
    lines = python_lines(models.hls_config(block), 'Vivado').splitlines()
    assert '    calibration=calibration,  # an array of 500 samples' in lines
    assert '    validation=validation,' in lines
    assert "    budget={'DSP': 3}," in lines


@pytest.mark.parametrize(
    ('reports', 'message'),
    [
        ({'csyn': {}}, "stage: 'csyn' is not one of csynth, vsynth"),
        ({'csynth': {'DSP': 3}}, "reports.csynth: 'DSP' is not one of dsp, bram18, uram, lut, ff, latency, ii"),
        ({'vsynth': {'lut': -1}}, 'reports.vsynth.lut: expected a number from 0 on, got -1'),
        ({'vsynth': {'lut': 'many'}}, "reports.vsynth.lut: expected a number from 0 on, got 'many'"),
    ],
)
def test_reports_that_cannot_be_are_refused(model, write, tmp_path, reports, message):
    with pytest.raises(ConfigError) as error:
        write(hls4ml_hwprune.get_plan(model), reports=reports)
    assert str(error.value) == message
    assert not (tmp_path / 'report.html').exists()


def test_anything_but_a_plan_is_refused(write):
    with pytest.raises(ConfigError, match=r'^write_html: expected a Plan, got 3$'):
        write(3)


def test_a_page_that_cannot_be_written_is_an_error(model, tmp_path):
    with pytest.raises(HWPruneError, match=r'the report cannot be written to .*nowhere'):
        hls4ml_hwprune.write_html(hls4ml_hwprune.get_plan(model), tmp_path / 'nowhere/report.html')
