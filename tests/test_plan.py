"""Plans of real converted models: what they say, that it is true, and where it is kept."""

import json
import logging
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from hls4ml.backends import get_backend
from hls4ml.utils.serialization import deserialize_model

import hls4ml_hwprune
from hls4ml_hwprune.errors import InfeasibleError, PlanError
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.resources import NAMES, Resources
from tests import models
from tests.turns import in_turn

FLOWS = {'Vivado': 'vivado:hwprune', 'Vitis': 'vitis:hwprune', 'VivadoAccelerator': 'vivadoaccelerator:hwprune'}
BUDGETS = [
    {'DSP': '0.5x'},
    {'DSP': 60},
    {'BRAM': '0.4x'},
    {'BRAM36': 12},
    {'LUT': '0.7x', 'FF': '0.6x'},
    {'DSP': '0.6x', 'BRAM': '0.6x', 'LUT': '0.8x', 'FF': '0.8x'},
]


@pytest.fixture(autouse=True)
def _no_keras(monkeypatch):
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)


@pytest.fixture
def project(tmp_path):
    """Convert into a folder of its own: `project(block, ...)`, or `project(None)` for a plain conversion."""
    count = iter(range(100))

    def build(block, layers=None, backend='Vitis', flow=None, io_type='io_parallel', part=models.PART, config=(), **model):
        flows = None if block is None else [flow or FLOWS[backend]]
        hls_config = models.hls_config(block, flows, **model) | dict(config)
        output = tmp_path / f'project{next(count)}'
        options = {} if backend == 'VivadoAccelerator' else {'part': part}
        return models.convert(layers or models.mlp(), hls_config, output, backend, io_type=io_type, **options)

    return build


def written(model):
    output = Path(model.config.get_output_dir())
    # Files of another model must not stand in for missing ones.
    shutil.rmtree(output, ignore_errors=True)
    model.write()
    return models.project_files(output, model.config.config['Stamp'])


def kept_slots(kernel):
    """Slots of which any weight is in the mask."""
    if kernel.slots is not None:
        return len(kernel.slots.positions)
    if kernel.strategy == 'resource' and kernel.reuse_factor > 1:
        return len(np.unique(np.flatnonzero(kernel.mask) // kernel.reuse_factor))
    return int(kernel.mask.sum())


def check(plan, model, plain):
    """What has to hold for every plan."""
    for name, bound in {**plan.part_bounds, **plan.budget}.items():
        assert getattr(plan.after, name) <= bound * (1 + 1e-9), name
    assert plan.before == hls4ml_hwprune.estimate(plain, plan.stage).total
    reread = hls4ml_hwprune.estimate(model, plan.stage)
    assert plan.after.as_array() == pytest.approx(reread.total.as_array(), rel=1e-12)
    assert 0 <= plan.objective <= plan.bound * (1 + 1e-9)
    assert plan.objective <= plan.total_importance * (1 + 1e-9)
    records = {layer.name: layer.kernels[0] for layer in read_layers(plain) if layer.kernels}
    for kernel in plan.kernels:
        record = records[kernel.layer]
        assert (kernel.n_in, kernel.n_out, kernel.reuse_factor) == (record.n_in, record.n_out, record.reuse_factor)
        assert (kernel.role, kernel.strategy, kernel.copies) == ('weight', record.strategy, record.copies)
        assert kernel.mask.shape == (kernel.n_out, kernel.n_in)
        assert kernel.n_slots == record.n_slots
        # What is dead besides has gone from the finished design only.
        whole = not kernel.removed_inputs and not kernel.removed_outputs
        assert kernel.n_kept == kept_slots(kernel) if whole else kernel.n_kept <= kept_slots(kernel)
        assert kernel.pruned == (kernel.n_kept < kernel.n_slots)
        # LUTs and FFs may grow by a memory that has become too small for a block RAM.
        for name in ('dsp', 'bram18'):
            assert getattr(kernel.after, name) <= getattr(kernel.before, name)
        # The pruned weights are zero in the IR, the others as they were, or where the plan moved them to.
        pruned = next(layer for layer in read_layers(model) if layer.name == kernel.layer).kernels[0]
        codes = record.codes if kernel.values is None else np.rint(kernel.values / record.unit)
        left = np.where(kernel.mask, codes, 0)
        assert pruned.codes.shape == (kernel.n_out - kernel.removed_outputs, kernel.n_in - kernel.removed_inputs)
        if whole:
            np.testing.assert_array_equal(pruned.codes, left)
        else:
            assert not np.setdiff1d(pruned.codes, left).size
    assert plan.pruned == any(kernel.pruned for kernel in plan.kernels)
    others = Resources.total(kernel.before for kernel in plan.kernels)
    saved = (others - Resources.total(kernel.after for kernel in plan.kernels)).as_array()
    # Layers between shrink with what is dead.
    between = (plan.before - plan.after).as_array() - saved
    assert np.all(between >= -1e-6)
    assert any(k.removed_outputs for k in plan.kernels) or between == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(('kind', 'budget', 'stage'), in_turn(['mlp', 'cnn'], BUDGETS, ['csynth', 'vsynth']), ids=str)
def test_plan_says_what_was_done(project, kind, budget, stage):
    io_type = {'mlp': 'io_parallel', 'cnn': 'io_stream'}[kind]
    options = {'layers': getattr(models, kind)(), 'Strategy': 'Resource', 'io_type': io_type}
    model = project({'Budget': budget, 'Stage': stage}, **options)
    plan = hls4ml_hwprune.get_plan(model)
    check(plan, model, project(None, **options))
    # Where channels die, the best plan is worth less than the knapsack's; of other resources they may give back some.
    assert plan.status == 'optimal' or any(k.removed_outputs for k in plan.kernels) or set(budget) != {'DSP'}
    assert (plan.status == 'optimal') == (plan.bound - plan.objective <= 1e-4 * plan.bound)
    assert plan.pruned
    assert plan.stage == stage


@pytest.mark.parametrize('backend', FLOWS)
@pytest.mark.parametrize('packing', ['aligned', 'permuted', 'balanced', 'bram', 'snapped'])
@pytest.mark.parametrize('importance', ['l1', 'l2'])
def test_backends_packings_and_measures(project, backend, packing, importance):
    layers = models.cnn()
    model = project({'Budget': {'DSP': '0.5x'}, 'Packing': packing, 'Importance': importance}, layers, backend)
    plan = hls4ml_hwprune.get_plan(model)
    check(plan, model, project(None, layers, backend))
    assert {(kernel.packing, kernel.importance) for kernel in plan.kernels} == {(packing, importance)}
    assert [kernel.layer for kernel in plan.kernels] == ['conv', 'fc']


@pytest.mark.parametrize('kind', ['mlp', 'cnn'])
def test_constant_weights(project, kind):
    options = {'layers': getattr(models, kind)(), 'Strategy': 'Latency', 'ReuseFactor': 1}
    model = project({'Budget': {'LUT': '0.6x', 'DSP': '0.7x'}, 'TimeLimit': 3}, **options)
    plan = hls4ml_hwprune.get_plan(model)
    check(plan, model, project(None, **options))
    assert plan.pruned
    for kernel in plan.kernels:
        assert (kernel.strategy, kernel.n_slots) == ('latency', kernel.n_in * kernel.n_out)


@pytest.mark.parametrize(('strategy', 'reuse_factor'), [('Resource', 1), ('Latency', 4), ('Resource', 64)])
def test_other_strategies_and_reuse_factors(project, strategy, reuse_factor):
    options = {'Strategy': strategy, 'ReuseFactor': reuse_factor}
    model = project({'Budget': {'LUT': '0.7x'}, 'TimeLimit': 3}, **options)
    check(hls4ml_hwprune.get_plan(model), model, project(None, **options))


def test_plan_and_estimate_after_writing(project):
    # Types are converted and weights transposed by then.
    model = project({'Budget': {'DSP': '0.4x'}})
    before = hls4ml_hwprune.get_plan(model)
    model.write()
    assert hls4ml_hwprune.get_plan(model) == before
    assert hls4ml_hwprune.estimate(model).total == before.after


@pytest.mark.parametrize(
    ('written_bound', 'resource', 'count'),
    [
        ({'DSP': '0.5x'}, 'dsp', 84),
        ({'DSP': 77}, 'dsp', 77),
        ({'DSP': '77'}, 'dsp', 77),
        ({'DSP': '10%'}, 'dsp', 90),
        ({'BRAM': 30}, 'bram18', 30),
        ({'BRAM18': 30}, 'bram18', 30),
        ({'BRAM36': 15}, 'bram18', 30),
        ({'BRAM36': '10%'}, 'bram18', 40),
        ({'LUT': '50%'}, 'lut', 10_000),
        ({'URAM': 0}, 'uram', 0),
    ],
)
def test_bounds_in_counts(project, written_bound, resource, count):
    device = {'DSP': 900, 'BRAM18': 400, 'LUT': 20_000, 'FF': 40_000}
    plan = hls4ml_hwprune.get_plan(project({'Budget': written_bound, 'Device': device}))
    assert plan.budget == {resource: count}
    # The part bounds the others, or what the design takes as it is.
    rest = {'dsp': 900, 'bram18': 400, 'lut': max(20_000, plan.before.lut), 'ff': 40_000}
    assert plan.part_bounds == {name: bound for name, bound in rest.items() if name != resource}
    assert getattr(plan.after, resource) <= count


def test_device_given_by_hand_is_the_default_budget(project):
    device = {'DSP': 100, 'BRAM18': 60, 'LUT': 12_000, 'FF': 40_000}
    model = project({'Device': device})
    plan = hls4ml_hwprune.get_plan(model)
    assert plan.budget == {'dsp': 100, 'bram18': 60, 'lut': 12_000, 'ff': 40_000}
    check(plan, model, project(None))
    assert plan.pruned


def test_whole_part_is_the_default_budget(project):
    plan = hls4ml_hwprune.get_plan(project({'Packing': 'auto'}, part='xc7z020clg400-1'))
    assert (plan.device, plan.budget['dsp']) == ('xc7z020', 220)
    assert hls4ml_hwprune.get_plan(project({'Device': 'xc7z020'})).budget == plan.budget


def test_board_of_an_accelerator(project):
    plan = hls4ml_hwprune.get_plan(project({'Budget': {'DSP': '50%'}}, backend='VivadoAccelerator'))
    assert (plan.device, plan.budget) == ('xc7z020', {'dsp': 110})
    assert plan.part_bounds['bram18'] == 280


def test_smaller_budgets_keep_less(project):
    plans = [hls4ml_hwprune.get_plan(project({'Budget': {'DSP': share}})) for share in ('1x', '0.75x', '0.5x', '0.25x', 2)]
    objectives = [plan.objective for plan in plans]
    assert objectives == sorted(objectives, reverse=True)
    assert objectives[0] == pytest.approx(plans[0].total_importance)
    assert objectives[-1] > 0
    assert [kernel.n_kept for kernel in plans[-1].kernels] == [1, 1]


def test_the_most_important_slots_are_kept(project):
    plan = hls4ml_hwprune.get_plan(project({'Budget': {'DSP': '0.9x'}, 'Packing': 'aligned'}))
    assert not any(kernel.removed_outputs for kernel in plan.kernels)
    for kernel, record in zip(plan.kernels, (r for r in read_layers(project(None)) if r.kernels), strict=True):
        values = np.abs(record.kernels[0].values).reshape(-1, 4).sum(axis=1)
        kept = kernel.mask.reshape(-1, 4).any(axis=1)
        assert values[kept].min() >= values[~kept].max(initial=0.0)


def test_excluded_layers_stay_whole(project):
    for options in (
        {'block': {'Budget': {'DSP': '0.5x'}, 'Exclude': ['fc2']}},
        {'block': {'Budget': {'DSP': '0.5x'}, 'Exclude': 'fc2'}},
        {'block': {'Budget': {'DSP': '0.5x'}}, 'config': {'LayerName': {'fc2': {'HWPrune': {'Exclude': True}}}}},
    ):
        model = project(**options)
        plan = hls4ml_hwprune.get_plan(model)
        assert [kernel.layer for kernel in plan.kernels] == ['fc1']
        assert plan.not_pruned == {'fc2': 'it is excluded'}
        assert model.graph['fc2'].class_name == 'Dense'
        check(plan, model, project(None))


def test_excluding_a_class(project):
    config = {'LayerType': {'Conv2D': {'HWPrune': {'Exclude': True}}}}
    plan = hls4ml_hwprune.get_plan(project({'Budget': {'DSP': '0.9x'}}, models.cnn(), config=config))
    assert [kernel.layer for kernel in plan.kernels] == ['fc']
    assert plan.not_pruned == {'conv': 'it is excluded'}


def test_packing_of_one_layer_and_of_one_class(project):
    by_name = {'LayerName': {'fc1': {'HWPrune': {'Packing': 'bram', 'Importance': 'l2'}}}}
    model = project({'Budget': {'DSP': '0.5x'}, 'Packing': 'aligned'}, config=by_name)
    plan = hls4ml_hwprune.get_plan(model)
    assert [(k.packing, k.importance) for k in plan.kernels] == [('bram', 'l2'), ('aligned', 'l1')]
    check(plan, model, project(None))
    # Words of 16 bit weights: 9 slots each, and a last one of 128 - 14 * 9; n_kept is without slots of dead inputs.
    slots = plan.kernels[0].mask.ravel().reshape(-1, 4).any(axis=1)
    assert slots.sum() % 9 in (0, 2) and plan.kernels[0].n_kept <= slots.sum()
    by_class = {'LayerType': {'Dense': {'HWPrune': {'Packing': 'bram'}}}}
    block = {'Budget': {'DSP': '0.5x'}, 'Packing': 'permuted'}
    plan = hls4ml_hwprune.get_plan(project(block, models.cnn(), config=by_class))
    assert [(k.layer, k.packing) for k in plan.kernels] == [('conv', 'permuted'), ('fc', 'bram')]


def test_settings_of_a_layer_do_not_stop_hls4ml_from_reading_its_own(project):
    config = {'LayerName': {'fc1': {'ReuseFactor': 8, 'HWPrune': {'Packing': 'bram'}}}}
    plan = hls4ml_hwprune.get_plan(project({'Budget': {'DSP': '0.5x'}, 'Packing': 'aligned'}, config=config))
    assert [(k.reuse_factor, k.packing) for k in plan.kernels] == [(8, 'bram'), (4, 'aligned')]


def test_weights_that_quantise_to_zero_are_dropped_without_any_need(project):
    layers = models.mlp((16, 8, 4))
    # Slots 0 and 1 of fc1, output 0: below half of the last place, 2^-10.
    layers[1]['weight_data'][:8, 0] = 2.0**-12
    model = project({'Packing': 'aligned'}, layers)
    plan = hls4ml_hwprune.get_plan(model)
    assert [(k.n_slots, k.n_kept) for k in plan.kernels] == [(32, 30), (8, 8)]
    assert not plan.kernels[0].mask[0, :8].any()
    assert plan.kernels[0].mask.sum() == 120
    assert plan.after.dsp == plan.before.dsp - 2
    assert plan.objective == plan.total_importance
    check(plan, model, project(None, layers))
    # One weight that is not zero keeps its slot.
    layers[1]['weight_data'][5, 0] = 1.0
    assert [k.n_kept for k in hls4ml_hwprune.get_plan(project({'Packing': 'aligned'}, layers)).kernels] == [31, 8]


def test_a_layer_of_zeros_becomes_its_bias(project, caplog):
    layers = models.mlp((16, 8, 4))
    layers[1]['weight_data'][:] = 0
    model = project({'Packing': 'auto'}, layers)
    plan = hls4ml_hwprune.get_plan(model)
    # What reads only constants is one.
    assert [k.n_kept for k in plan.kernels] == [0, 0]
    assert 'layer fc1 keeps no weight: its output is its bias' in caplog.text
    assert b'nnet::bias_only<' in written(model)['firmware/myproject.cpp']


@pytest.mark.parametrize('kind', ['mlp', 'cnn'])
@pytest.mark.parametrize('backend', FLOWS)
def test_nothing_to_prune_is_said_and_plain_hls4ml_emits_the_model(project, caplog, kind, backend):
    layers = getattr(models, kind)()
    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    model = project({'Budget': {'DSP': '1x', 'LUT': '1x', 'BRAM': '1x', 'FF': '1x'}}, layers, backend)
    assert 'nothing to prune: the design fits the budget as it is' in caplog.text
    plan = hls4ml_hwprune.get_plan(model)
    assert not plan.pruned
    assert (plan.before, plan.objective) == (plan.after, plan.total_importance)
    ours, plain = written(model), written(project(None, layers, backend))
    assert sorted(set(ours) - set(plain)) == ['hwprune_report.html', 'hwprune_report.json']
    assert set(plain) <= set(ours)
    for name, data in plain.items():
        if name.startswith('firmware/') or name.endswith(('.tcl', '.cpp', '.h')):
            assert ours[name] == data, name


def test_no_kernel_at_all(project, caplog):
    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    plan = hls4ml_hwprune.get_plan(project({'Packing': 'auto'}, [models.input_layer((4,)), models.relu('relu')]))
    assert (plan.kernels, plan.status, plan.before) == ([], 'optimal', plan.after)
    assert 'there is no kernel to prune' in caplog.text


def test_the_table_is_logged(project, caplog):
    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    plan = hls4ml_hwprune.get_plan(project({'Budget': {'DSP': '0.5x'}, 'Exclude': ['fc2'], 'Packing': 'aligned'}))
    assert str(plan) in caplog.text
    for text in ('whole design, before', 'budget (xcvu13p)', 'optimal: ', '\n  not pruned, because it is excluded\n'):
        assert text in str(plan)
    kernel = plan.kernels[0]
    assert f'\n  kernel 16 x 32, resource, RF 4, aligned: {kernel.n_kept} of 128 slots kept' in str(plan)


@pytest.mark.parametrize(
    ('block', 'words'),
    [
        # The ReLU has no multiplier, but takes LUTs.
        ({'Budget': {'LUT': 10}}, ('lut is bounded by 10', 'relu1')),
        ({'Budget': {'LUT': '0.001x'}}, ('lut is bounded by', 'relu1')),
        (
            {'Budget': {'LUT': 10, 'FF': 1}, 'Exclude': ['fc2']},
            ('lut is bounded by 10', 'ff is bounded by 1,', 'relu1', 'fc2'),
        ),
        ({'Budget': {'DSP': 39}, 'Exclude': ['fc2']}, ('dsp is bounded by 39, but 41 is the least', 'fc2 40')),
        ({'Budget': {'DSP': '0.2x'}, 'Exclude': ['fc2']}, ('dsp is bounded by 33, but 41 is the least', 'fc2 40')),
        (
            {'Budget': {'DSP': 0, 'BRAM': '10%'}, 'Exclude': ['fc1', 'fc2']},
            ('dsp is bounded by 0, but 168', 'fc1 128 [not pruned: it is excluded], fc2 40'),
        ),
        ({'Budget': {'LUT': 10}, 'Stage': 'vsynth'}, ('lut is bounded by 10', 'relu1')),
    ],
    ids=str,
)
def test_a_budget_that_cannot_be_met(project, tmp_path, block, words):
    with pytest.raises(InfeasibleError) as caught:
        project(block)
    for word in ('the budget cannot be met', 'is the least that pruning reaches', *words):
        assert word in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_least_that_pruning_reaches_can_be_reached(project):
    with pytest.raises(InfeasibleError) as caught:
        project({'Budget': {'LUT': 10}})
    least = int(str(caught.value).split(' but ')[1].split(' is the least')[0])
    plan = hls4ml_hwprune.get_plan(project({'Budget': {'LUT': least}}))
    # Where nothing is kept, the layers between are dead too.
    assert plan.after.lut <= least
    with pytest.raises(InfeasibleError):
        project({'Budget': {'LUT': least - 1}})


def test_a_bound_just_above_what_cannot_be_pruned(project):
    # The knapsack is left with next to nothing of LUTs, all of which a kernel needs.
    with pytest.raises(InfeasibleError) as caught:
        project({'Budget': {'LUT': 10}})
    least = int(str(caught.value).split(' but ')[1].split(' is the least')[0])
    whole = hls4ml_hwprune.get_plan(project({'Budget': {'LUT': '1x'}})).before.lut
    plan = hls4ml_hwprune.get_plan(project({'Budget': {'LUT': f'{(least + 1e-6) / whole:.17f}x'}}))
    assert [kernel.n_kept for kernel in plan.kernels] == [1, 1]


def test_a_plain_model_has_no_plan(project):
    with pytest.raises(PlanError, match='was not converted with an hwprune flow'):
        hls4ml_hwprune.get_plan(project(None))


def test_only_some_backends_can_be_estimated(tmp_path):
    model = models.convert(models.mlp(), models.hls_config(), tmp_path / 'project', 'Catapult')
    with pytest.raises(hls4ml_hwprune.errors.BackendError, match="'Catapult'"):
        hls4ml_hwprune.estimate(model)


def test_estimate_of_an_unknown_stage(project):
    with pytest.raises(hls4ml_hwprune.errors.ConfigError, match="stage: 'guess' is not one of csynth, vsynth"):
        hls4ml_hwprune.estimate(project(None), 'guess')


SAVED = [
    ('mlp', {}),
    ('mlp', {'Strategy': 'Latency', 'ReuseFactor': 1}),
    ('cnn', {}),
    ('cnn', {'io_type': 'io_stream'}),
]


@pytest.mark.parametrize(
    ('backend', 'network', 'packing'), in_turn(list(FLOWS), SAVED, ['aligned', 'balanced', 'snapped']), ids=str
)
def test_saving_and_loading(project, tmp_path, backend, network, packing):
    kind, model_options = network
    block = {'Budget': {'DSP': '0.5x'}, 'Exclude': [], 'TimeLimit': 3, 'Packing': packing}
    model = project(block, getattr(models, kind)(), backend, **model_options)
    check_saved(model, tmp_path / 'saved.fml')
    # Once more, now that the model was written.
    check_saved(model, tmp_path / 'saved_later.fml')


def check_saved(model, file):
    """A model that is saved and loaded has the same plan and estimates, and is written as the same files."""
    plan = hls4ml_hwprune.get_plan(model)
    model.save(file)
    loaded = deserialize_model(file)
    again = hls4ml_hwprune.get_plan(loaded)
    assert again == plan
    for ours, theirs in zip(plan.kernels, again.kernels, strict=True):
        np.testing.assert_array_equal(ours.mask, theirs.mask)
        assert (ours.slots is None) == (theirs.slots is None)
        for name in vars(ours.slots) if ours.slots is not None else ():
            np.testing.assert_array_equal(getattr(ours.slots, name), getattr(theirs.slots, name))
    assert hls4ml_hwprune.estimate(loaded).total == plan.after
    first = written(model)
    second = written(loaded)
    assert sorted(first) == sorted(second)
    # The layers before pruning, which the page shows beside the finished ones, are not saved.
    for name in first.keys() - {'hwprune_report.html'}:
        assert first[name] == second[name], name


def test_saving_a_layer_that_keeps_nothing(project, tmp_path):
    layers = models.mlp()
    layers[1]['weight_data'][:] = 0
    model = project({'Budget': {'DSP': '1x'}}, layers)
    model.save(tmp_path / 'saved.fml')
    loaded = deserialize_model(tmp_path / 'saved.fml')
    assert [kernel.n_kept for kernel in hls4ml_hwprune.get_plan(loaded).kernels] == [0, 0]
    first, second = written(model), written(loaded)
    assert first['firmware/myproject.cpp'] == second['firmware/myproject.cpp']


def test_report(project, tmp_path):
    model = project({'Budget': {'DSP': '0.5x', 'BRAM': '90%'}, 'Exclude': []})
    plan = hls4ml_hwprune.get_plan(model)
    report = json.loads(written(model)['hwprune_report.json'])
    assert report['schema_version'] == 1
    assert (report['project'], report['backend'], report['part']) == ('myproject', 'Vitis', models.PART)
    assert report['io_type'] == 'io_parallel'
    assert report['versions']['hls4ml'].startswith('1.3')
    assert report['versions']['hls4ml_hwprune'] == hls4ml_hwprune.__version__
    assert report['budget'] == plan.budget
    assert (report['status'], report['objective'], report['bound']) == (plan.status, plan.objective, plan.bound)
    assert (report['stage'], report['device'], report['not_pruned']) == ('vsynth', 'xcvu13p', {})
    for name in ('before', 'after', 'listed_before', 'listed_after'):
        assert report[name] == {key: getattr(getattr(plan, name), key) for key in NAMES}
    assert [kernel['layer'] for kernel in report['kernels']] == ['fc1', 'fc2']
    for written_kernel, kernel in zip(report['kernels'], plan.kernels, strict=True):
        assert written_kernel['n_kept'] == kernel.n_kept
        assert written_kernel['after']['dsp'] == kernel.after.dsp
        assert 'mask' not in written_kernel


def test_report_of_an_accelerator_names_the_part_of_the_board(project):
    report = json.loads(written(project({'Budget': {'DSP': '0.5x'}}, backend='VivadoAccelerator'))['hwprune_report.json'])
    assert report['device'] == 'xc7z020'
    assert report['part'] == 'xc7z020clg400-1'


@pytest.mark.parametrize('backend', FLOWS)
def test_two_conversions_write_the_same_bytes(tmp_path, backend):
    runs = []
    for name in ('a', 'b'):
        config = models.hls_config({'Budget': {'DSP': '0.3x', 'LUT': '0.8x'}}, [FLOWS[backend]])
        model = models.convert(models.cnn(), config, tmp_path / 'same', backend)
        model.write()
        runs.append(models.project_files(tmp_path / 'same', model.config.config['Stamp']))
        (tmp_path / 'same').rename(tmp_path / name)
    assert runs[0] == runs[1]
    assert any('nnet_conv_sparse.h' in name for name in runs[0])


def test_the_configuration_of_the_user_is_not_changed(tmp_path):
    block = {'Budget': {'DSP': '0.5x'}, 'Exclude': ['fc2']}
    config = models.hls_config(block, ['vitis:hwprune'])
    models.convert(models.mlp(), config, tmp_path / 'project')
    assert block == {'Budget': {'DSP': '0.5x'}, 'Exclude': ['fc2']}
    assert config == models.hls_config(block, ['vitis:hwprune'])


def test_applying_the_flow_again_changes_nothing(project):
    model = project({'Budget': {'DSP': '0.5x'}})
    plan, masks = hls4ml_hwprune.get_plan(model), [k.mask.copy() for k in hls4ml_hwprune.get_plan(model).kernels]
    model.apply_flow(get_backend('Vitis').get_writer_flow())
    for stage in ('vitis:hwprune_prune', 'vitis:hwprune_pack'):
        model.apply_flow(stage)
    assert hls4ml_hwprune.get_plan(model) == plan
    for kernel, mask in zip(hls4ml_hwprune.get_plan(model).kernels, masks, strict=True):
        np.testing.assert_array_equal(kernel.mask, mask)
