"""Plans over several budgets."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError, HWPruneError, PlanError
from tests.models import convert, hls_config, mlp

SIZES = (16, 24, 12, 5)
BUDGETS = [{'DSP': f'{share}x', 'LUT': '0.9x'} for share in (1, 0.5, 0.2, 0.05)]


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    config = hls_config()
    return convert(mlp(SIZES), config, tmp_path_factory.mktemp('plain'), 'Vitis', io_type='io_parallel')


@pytest.fixture(scope='module')
def swept(model):
    return hls4ml_hwprune.sweep(model, BUDGETS)


def test_every_point_is_the_plan_of_its_budget(model, swept, tmp_path):
    assert [point.budget for point in swept.points] == BUDGETS
    equal = 0
    for point in swept.points:
        config = hls_config({'Budget': point.budget}, ['vitis:hwprune'])
        made = hls4ml_hwprune.get_plan(convert(mlp(SIZES), config, tmp_path, 'Vitis', io_type='io_parallel'))
        # A conversion knows the savings of finished designs, and may keep more for them.
        assert point.plan.before == made.before
        assert made.objective >= point.plan.objective * (1 - 1e-9)
        if any(kernel.removed_inputs or kernel.removed_outputs for kernel in made.kernels):
            continue
        # The bound of a conversion knows of savings that other plans may have.
        assert made.bound >= point.plan.bound * (1 - 1e-9)
        assert point.plan == replace(made, status=point.plan.status, bound=point.plan.bound)
        assert [k.mask.tolist() for k in point.plan.kernels] == [k.mask.tolist() for k in made.kernels]
        equal += 1
    assert equal
    # The model is as it was.
    assert all(node.class_name != 'SparseDense' for node in model.get_layers())
    with pytest.raises(PlanError):
        hls4ml_hwprune.get_plan(model)


def test_processes_find_the_same(model, swept):
    assert hls4ml_hwprune.sweep(model, BUDGETS, jobs=2) == swept


def test_plans_can_be_applied(model, swept, tmp_path):
    swept.plans[1].save(tmp_path / 'plan.json')
    config = hls_config({'Plan': str(tmp_path / 'plan.json')}, ['vitis:hwprune'])
    made = hls4ml_hwprune.get_plan(convert(mlp(SIZES), config, tmp_path / 'project', 'Vitis', io_type='io_parallel'))
    # Dead structure has gone from the finished design.
    assert np.all(made.after.as_array() <= swept.plans[1].after.as_array())
    masks = [[kernel.mask.tolist() for kernel in plan.kernels] for plan in (made, swept.plans[1])]
    assert masks[0] == masks[1]


def test_the_front_has_what_no_other_beats(tmp_path):
    # Searches over reuse factors are long, and layers need not be large.
    small = convert(mlp((8, 12, 8, 4)), hls_config(), tmp_path, 'Vitis', io_type='io_parallel')
    budgets = [{'DSP': 35, 'LUT': 3600}, {'DSP': 20}, {'DSP': 20, 'LUT': 2000}, {'DSP': 7}]
    found = hls4ml_hwprune.sweep(small, budgets, reuse_factor='auto', latency=40)
    for measure in ('dsp', 'lut', 'latency'):
        front = found.front(measure)
        importance = [plan.importance for plan in front]
        assert importance == sorted(importance)
        assert importance[-1] == max(plan.importance for plan in found.plans)
        use = [plan.timing_after.latency_max if measure == 'latency' else getattr(plan.after, measure) for plan in front]
        assert use == sorted(use)
    with pytest.raises(ConfigError, match="measure: 'area' is not one of dsp"):
        found.front('area')


def test_budgets_that_cannot_be_met_have_a_reason(model):
    found = hls4ml_hwprune.sweep(model, [{'DSP': 50}, {'LUT': 3}])
    assert [point.plan is None for point in found.points] == [False, True]
    assert 'lut is bounded by 3' in found.points[1].reason
    assert len(found.plans) == 1


def test_a_sweep_is_a_table(model, swept):
    assert repr(swept) == '<Sweep of 4 budgets, 4 of them met>'
    lines = str(swept).splitlines()
    assert lines[0].split() == ['DSP', 'BRAM18', 'LUT', 'FF', 'latency', 'II', 'kept']
    for line, plan in zip(lines[1:], swept.plans, strict=True):
        assert line.startswith('DSP ')
        assert line.split()[-8:-7] == [f'{plan.after.dsp:.0f}']
        assert line.endswith(f'{plan.percent_kept:.1f} %')
    found = hls4ml_hwprune.sweep(model, [{'DSP': 50}, {'LUT': 3}])
    assert repr(found) == '<Sweep of 2 budgets, 1 of them met>'
    label, *reason = str(found).splitlines()[2:]
    assert label == 'LUT 3'
    assert reason[0].startswith('  the budget cannot be met: lut is bounded by 3')
    assert max(map(len, str(found).splitlines())) <= 80


@pytest.mark.parametrize('name', ['front.xyz', 'nowhere/front.png'])
def test_a_figure_that_cannot_be_written(swept, tmp_path, name):
    with pytest.raises(HWPruneError, match=r'the figure .*front'):
        swept.figure(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('suffix', ['png', 'svg'])
def test_a_figure(swept, tmp_path, suffix):
    for name in ('first', 'second'):
        swept.figure(tmp_path / f'{name}.{suffix}', 'lut')
    first, second = ((tmp_path / f'{name}.{suffix}').read_bytes() for name in ('first', 'second'))
    assert first == second
    assert len(first) > 5000


def test_a_figure_without_matplotlib(swept, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'matplotlib', None)
    with pytest.raises(HWPruneError, match='matplotlib'):
        swept.figure(tmp_path / 'figure.png')


def test_sweeps_travel(swept):
    assert pickle.loads(pickle.dumps(swept)) == swept


@pytest.mark.parametrize(
    ('budgets', 'options', 'words'),
    [
        ([], {}, 'budgets: expected at least one'),
        ([{'DSPs': 3}], {}, "unknown resource 'DSPs'"),
        ([{'DSP': 3}], {'packing': 'zigzag'}, "Packing: 'zigzag'"),
        ([{'DSP': 3}], {'plan': 'plan.json'}, 'Plan, Calibration and Validation are for conversions'),
    ],
)
def test_bad_arguments(model, budgets, options, words):
    with pytest.raises(ConfigError, match=words):
        hls4ml_hwprune.sweep(model, budgets, **options)


def test_a_pruned_model_is_refused(tmp_path):
    config = hls_config({'Budget': {'DSP': '0.5x'}}, ['vitis:hwprune'])
    pruned = convert(mlp(SIZES), config, tmp_path, 'Vitis', io_type='io_parallel')
    with pytest.raises(PlanError, match='pruned already'):
        hls4ml_hwprune.sweep(pruned, BUDGETS)


@pytest.mark.parametrize(
    ('name', 'words'),
    [('front.xyz', 'of no known format: .*png'), ('no folder/front.png', 'No such file'), ('folder.png', 'it is a folder')],
)
def test_figures_that_cannot_be_written(swept, tmp_path, name, words):
    (tmp_path / 'folder.png').mkdir()
    with pytest.raises(HWPruneError, match=words):
        swept.figure(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ['folder.png']


def test_a_figure_is_png_where_its_name_does_not_say(swept, tmp_path):
    swept.figure(tmp_path / 'front')
    assert (tmp_path / 'front.png').read_bytes().startswith(b'\x89PNG')
