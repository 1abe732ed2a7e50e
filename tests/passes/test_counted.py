"""Tools without reports: multipliers and bits of weights are counted, and everything else is unknown, and refused."""

import json
import logging

import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import ConfigError, DeviceError
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.report.log import worse_figures
from tests.models import cnn, convert, hls_config, mlp

FLOWS = ['quartus:hwprune']
UNKNOWN = ('bram18', 'uram', 'lut', 'ff', 'latency_min', 'latency_max', 'ii')


def pruned(folder, block=None, layers=None, **options):
    config = hls_config({'Budget': {'DSP': '0.5x'}} | (block or {}), FLOWS)
    return convert(layers or mlp(), config, folder, 'Quartus', **options)


def test_multipliers_are_slots_and_bits_those_of_kept_weights(tmp_path):
    model = pruned(tmp_path / 'project')
    plan, found = hls4ml_hwprune.get_plan(model), hls4ml_hwprune.estimate(model)
    assert plan.before.dsp == sum(kernel.n_slots for kernel in plan.kernels)
    assert plan.after.dsp == sum(kernel.n_kept for kernel in plan.kernels) <= 0.5 * plan.before.dsp
    assert found.total == plan.after
    for kernel in plan.kernels:
        layer = found.layers[kernel.layer]
        assert layer.resources.dsp == kernel.n_kept
        assert layer.weight_bits == kernel.n_kept * kernel.reuse_factor * 16
    assert found.design.weight_bits == sum(layer.weight_bits for layer in found.layers.values())
    assert found.listed is plan.listed_before is plan.listed_after is None


@pytest.mark.parametrize('factor', [1, 4])
def test_each_weight_that_is_left_of_a_constant_kernel_is_a_multiplier(factor, tmp_path):
    config = hls_config({'Budget': {'DSP': '0.5x'}}, FLOWS, ReuseFactor=factor, Strategy='Latency')
    plan = hls4ml_hwprune.get_plan(convert(mlp(), config, tmp_path / 'project', 'Quartus'))
    assert {(kernel.strategy, kernel.reuse_factor) for kernel in plan.kernels} == {('resource', factor)}
    assert plan.after.dsp == sum(kernel.mask.sum() for kernel in plan.kernels) / factor


def test_pixels_side_by_side_have_multipliers_of_their_own(tmp_path):
    config = hls_config()
    one = hls4ml_hwprune.estimate(convert(cnn(), config, tmp_path / 'one', 'Quartus'))
    config['LayerName'] = {'conv': {'ParallelizationFactor': 2}}
    two = hls4ml_hwprune.estimate(convert(cnn(), config, tmp_path / 'two', 'Quartus'))
    (name,) = (name for name in one.layers if one.layers[name].resources.dsp != two.layers[name].resources.dsp)
    assert two.layers[name].resources.dsp == 2 * one.layers[name].resources.dsp
    assert two.layers[name].weight_bits == one.layers[name].weight_bits


def test_tables_have_dashes_for_unknown_figures(tmp_path, caplog):
    with caplog.at_level(logging.INFO, 'hls4ml_hwprune'):
        model = pruned(tmp_path / 'project')
    plan = hls4ml_hwprune.get_plan(model)
    for text in (str(plan), str(hls4ml_hwprune.estimate(model))):
        (header,) = (line for line in text.splitlines() if line.endswith('II'))
        rows = [line for line in text.splitlines() if line.startswith(('layer ', 'design', 'whole '))]
        assert header.split() == ['weight', 'bits', 'DSP', 'BRAM18', 'LUT', 'FF', 'latency', 'II']
        assert rows
        assert all(row.split()[-5:] == ['-'] * 5 for row in rows)
        assert 'Counted, nothing was synthesised' in text
        assert 'vsynth' not in text
    assert repr(plan).endswith(f'DSP {plan.after.dsp:.0f} of {plan.before.dsp:.0f}>')
    assert str(hls4ml_hwprune.estimate(model).design) == f'DSP {plan.after.dsp:.0f}'
    assert not worse_figures(plan)


def test_reports_have_null_for_unknown_figures(tmp_path):
    folder, flows = tmp_path / 'project', [*FLOWS, 'quartus:hwprune_estimate']
    convert(mlp(), hls_config({'Budget': {'DSP': '0.5x'}}, flows), folder, 'Quartus').write()
    report = json.loads((folder / 'hwprune_report.json').read_text())
    (estimate,) = json.loads((folder / 'hwprune_estimate.json').read_text())['estimates']
    layer, other = report['layers']['fc1'], estimate['layers']['fc1']
    places = [{**report[f'timing_{when}'], **report[when]} for when in ('before', 'after')]
    for place in (*places, {**layer, **layer['resources']}, other, estimate['design']):
        assert all(place[name] is None for name in UNKNOWN)
        assert place['dsp'] > 0
    assert layer['weight_bits'] == other['weight_bits'] > 0


def test_a_plan_file_keeps_what_is_unknown(tmp_path):
    plan = hls4ml_hwprune.get_plan(pruned(tmp_path / 'project'))
    plan.save(tmp_path / 'plan.json')
    read = Plan.load(tmp_path / 'plan.json')
    assert read == plan
    assert read.layers == plan.layers
    assert str(read) == str(plan)
    again = pruned(tmp_path / 'again', {'Plan': str(tmp_path / 'plan.json')})
    assert hls4ml_hwprune.get_plan(again).after == plan.after


@pytest.mark.parametrize(
    ('block', 'key'),
    [
        ({'Budget': {'LUT': 1000}}, 'Budget.LUT'),
        ({'Budget': {'FF': '1x'}}, 'Budget.FF'),
        ({'Budget': {'BRAM36': 3}}, 'Budget.BRAM'),
        ({'Budget': {'DSP': 9, 'URAM': 0}}, 'Budget.URAM'),
        ({'Minimize': 'LUT', 'MinImportance': 0.9}, 'Minimize.LUT'),
        ({'Latency': 12}, 'Latency'),
        ({'II': 4}, 'II'),
        ({'ReuseFactor': 'auto'}, 'ReuseFactor: auto'),
    ],
)
def test_settings_that_need_unknown_figures_are_refused(block, key, tmp_path):
    message = f'HWPrune.{key}: Quartus has no estimate of it, .* the bound that works is Budget.DSP'
    with pytest.raises(ConfigError, match=message):
        convert(mlp(), hls_config(block, FLOWS), tmp_path / 'project', 'Quartus')
    assert not (tmp_path / 'project').exists()


def test_settings_of_layers_that_need_unknown_figures_are_refused(tmp_path):
    config = hls_config({'Budget': {'DSP': '1x'}}, FLOWS) | {'LayerName': {'fc1': {'HWPrune': {'ReuseFactor': 'auto'}}}}
    with pytest.raises(ConfigError, match='ReuseFactor: auto'):
        convert(mlp(), config, tmp_path / 'project', 'Quartus')
    config['LayerName'] = {'fc1': {'HWPrune': {'Packing': 'bram'}}}
    with pytest.raises(ConfigError, match=r'LayerName\.fc1\.HWPrune\.Packing: bram'):
        convert(mlp(), config, tmp_path / 'project', 'Quartus')


@pytest.mark.parametrize('key', ['Calibration', 'Validation'])
def test_simulations_with_other_weights_are_refused(key, tmp_path):
    with pytest.raises(ConfigError, match=f'HWPrune.{key}: .* for Vitis, .* as HWPrune.Plan'):
        pruned(tmp_path / 'project', {key: 'samples.npy'})


def test_a_share_of_an_unknown_part_is_refused(tmp_path):
    with pytest.raises(DeviceError, match=r"Part: 'Arria10' is in no table, .* a multiple"):
        pruned(tmp_path / 'project', {'Budget': {'DSP': '50%'}})
    given = {'Budget': {'DSP': '50%'}, 'Device': {'DSP': 100, 'BRAM18': 0, 'LUT': 0, 'FF': 0}}
    assert hls4ml_hwprune.get_plan(pruned(tmp_path / 'given', given)).after.dsp <= 50


def test_enable_without_options_bounds_what_is_counted():
    config = {'Model': {}}
    hls4ml_hwprune.enable(config, backend='quartus')
    assert config == {'Model': {'HWPrune': {'Budget': {'DSP': '1x'}}}, 'Flows': FLOWS}


def test_transformed_weights_of_winograd_are_left_alone_by_name(tmp_path):
    config = hls_config({'Budget': {'DSP': '1x'}}, FLOWS)
    config['LayerName'] = {'conv': {'Implementation': 'combination'}}
    plan = hls4ml_hwprune.get_plan(convert(cnn(), config, tmp_path / 'project', 'Quartus'))
    assert 'Implementation combination' in plan.not_pruned['conv']


def test_sweeps_refuse_bounds_on_unknown_figures(tmp_path):
    model = convert(mlp(), hls_config(), tmp_path / 'project', 'Quartus')
    with pytest.raises(ConfigError, match=r'HWPrune\.Budget\.LUT: Quartus has no estimate'):
        hls4ml_hwprune.sweep(model, [{'DSP': '0.5x'}, {'LUT': '0.5x'}])
    found = hls4ml_hwprune.sweep(model, [{'DSP': '0.5x'}, {'DSP': '0.2x'}])
    assert all(plan.after.dsp <= share * plan.before.dsp for plan, share in zip(found.plans, (0.5, 0.2), strict=True))
    for plan, row in zip(found.plans, str(found).splitlines()[1:], strict=True):
        assert row.split()[2:-2] == [f'{plan.after.dsp:.0f}', *'-----']
