"""One kind of figure in one table: plans at the structural estimate, with the listing of HLS beside it, before and after."""

import json
from dataclasses import replace

import pytest

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from hls4ml_hwprune.config import Settings, parse_settings
from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.resources import estimate as estimates
from tests.models import convert, hls_config, mlp

SIZES = (16, 24, 12, 5)
BLOCK = {'Budget': {'DSP': '0.4x'}}
LINE = 'HLS report (csynth), before / after: LUT {0.lut:.0f} / {1.lut:.0f}, FF {0.ff:.0f} / {1.ff:.0f}'
REASON = 'The report lists a multiplexer for every multiplier; equal ones are built once, so a listing can be ten times the'


def build(block, folder, backend='Vitis', sizes=SIZES):
    """Convert a network, pruned where there is a block."""
    flows = [f'{backend.lower()}:hwprune'] if block else None
    return convert(mlp(sizes), hls_config(block, flows), folder, backend, io_type='io_parallel')


@pytest.fixture(scope='module', params=['Vivado', 'Vitis'])
def models(request, tmp_path_factory):
    """A network as it is, and pruned by default."""
    folder = tmp_path_factory.mktemp('projects')
    return build(None, folder / 'plain', request.param), build(BLOCK, folder / 'pruned', request.param)


def unwrapped(text):
    return ' '.join(str(text).split())


def test_plans_and_estimates_are_structural_unless_the_user_says_otherwise(models):
    assert Settings().stage == parse_settings(hls_config(BLOCK)).stage == 'vsynth'
    assert parse_settings(hls_config({**BLOCK, 'Stage': 'csynth'})).stage == 'csynth'
    plain, pruned = models
    plan = hls4ml_hwprune.get_plan(pruned)
    assert plan.stage == hls4ml_hwprune.estimate(pruned).stage == 'vsynth'
    # Of a model without a plan the report of HLS, which can be held against it.
    assert hls4ml_hwprune.estimate(plain).stage == 'csynth'
    assert plan.before == hls4ml_hwprune.estimate(plain, 'vsynth').total
    assert plan.after == hls4ml_hwprune.estimate(pruned, 'vsynth').total
    (point,) = hls4ml_hwprune.sweep(plain, [{'DSP': '0.4x'}]).points
    assert (point.plan.stage, point.plan.listed_before, point.plan.listed_after) == ('vsynth', None, None)


def test_the_listing_is_that_of_both_designs(models):
    plain, pruned = models
    plan = hls4ml_hwprune.get_plan(pruned)
    assert plan.listed_before == hls4ml_hwprune.estimate(plain, 'csynth').total
    assert plan.listed_after == hls4ml_hwprune.estimate(pruned, 'csynth').total
    assert plan.listed_after.lut > plan.after.lut
    found = hls4ml_hwprune.estimate(pruned)
    assert found.listed == plan.listed_after
    assert hls4ml_hwprune.estimate(pruned, 'csynth').listed is None


def test_tables_have_the_listing_and_its_reason(models):
    plan = hls4ml_hwprune.get_plan(models[1])
    text = unwrapped(plan)
    assert f'{LINE.format(plan.listed_before, plan.listed_after)} {REASON} hardware.' in text
    assert 'hardware. The budget refers to vsynth alone.' in text
    found = hls4ml_hwprune.estimate(models[1])
    assert f'HLS report (csynth), whole design: LUT {found.listed.lut:.0f}, FF {found.listed.ff:.0f} {REASON}' in unwrapped(
        found
    )
    huge = replace(plan.listed_before, lut=123456789, ff=987654321)
    for table in (plan, replace(plan, listed_before=huge, listed_after=huge), found, replace(found, listed=huge)):
        assert max(map(len, str(table).splitlines())) <= 80
    for without in (replace(plan, listed_before=None), replace(plan, listed_after=None), replace(found, listed=None)):
        assert 'HLS report' not in str(without)


def test_plans_at_the_listing_itself_have_no_other(tmp_path):
    model = build({**BLOCK, 'Stage': 'csynth'}, tmp_path / 'project')
    plan = hls4ml_hwprune.get_plan(model)
    assert (plan.stage, plan.listed_before, plan.listed_after) == ('csynth', None, None)
    assert plan.after == hls4ml_hwprune.estimate(model, 'csynth').total
    assert 'HLS report' not in str(plan)


def test_the_listing_is_in_reports_and_plan_files(models, tmp_path):
    pruned = models[1]
    plan = hls4ml_hwprune.get_plan(pruned)
    pruned.config.config['OutputDir'] = str(tmp_path / 'project')
    pruned.write()
    report = json.loads((tmp_path / 'project/hwprune_report.json').read_text())
    plan.save(tmp_path / 'plan.json')
    loaded = Plan.load(tmp_path / 'plan.json')
    for name in ('listed_before', 'listed_after'):
        assert report[name] == getattr(plan, name).as_dict()
        assert getattr(loaded, name) == getattr(plan, name)
    assert str(loaded) == str(plan)


def test_files_without_a_listing_are_read_and_bad_ones_are_not(models, tmp_path):
    path = tmp_path / 'plan.json'
    hls4ml_hwprune.get_plan(models[1]).save(path)
    content = json.loads(path.read_text())
    before = content.pop('listed_before')
    path.write_text(json.dumps(content))
    assert Plan.load(path).listed_before is None
    for bad, message in (
        ({**before, 'lut': -1}, 'listed_before: lut: expected no negative'),
        ([], 'listed_before: expected a'),
    ):
        path.write_text(json.dumps({**content, 'listed_before': bad}))
        with pytest.raises(PlanError, match=message):
            Plan.load(path)


def test_a_plan_from_a_file_has_the_listing_of_the_design_it_is_applied_to(models, tmp_path):
    hls4ml_hwprune.get_plan(models[1]).save(tmp_path / 'plan.json')
    block = {'Plan': str(tmp_path / 'plan.json')}
    model = build(block, tmp_path / 'second')
    plan = hls4ml_hwprune.get_plan(model)
    assert plan.listed_after == hls4ml_hwprune.estimate(model, 'csynth').total
    other = hls4ml_hwprune.get_plan(build({**block, 'Stage': 'csynth'}, tmp_path / 'third'))
    assert (other.listed_before, other.listed_after) == (None, None)


def test_searches_make_no_listing_of_candidates(tmp_path, monkeypatch):
    stages = []

    def counted(layer, stage='csynth', real=estimates.layer_resources):
        stages.append(stage)
        return real(layer, stage)

    monkeypatch.setattr(estimates, 'layer_resources', counted)
    model = build({'Budget': {'DSP': '0.4x', 'FF': '0.9x'}}, tmp_path / 'project', sizes=(12, 16, 5))
    n_layers = len(list(model.get_layers()))
    assert stages.count('csynth') == 2 * n_layers
    assert stages.count('vsynth') > 4 * n_layers
