"""Least use for a share of the importance, or for a loss on calibration data; bounds on cycles; the fast method."""

import itertools
import logging
from dataclasses import replace

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from hls4ml_hwprune.calibration import effort
from hls4ml_hwprune.calibration import loss_search as search
from hls4ml_hwprune.errors import ConfigError, InfeasibleError
from hls4ml_hwprune.passes.remove_dead import RemoveDeadStructure
from hls4ml_hwprune.selection.search import deeper_within_loss, least_within_loss
from tests.host.firmware.projects import compile_quickly
from tests.models import cnn, convert, hls_config, input_layer, mlp
from tests.models import dense as dense_layer

SIZES = (16, 24, 12, 5)
# Where searches are long, and layers need not be large.
FEW = (12, 16, 5)


@pytest.fixture
def plan_of(tmp_path):
    count = itertools.count()

    def build(block, layers=None, io_type='io_parallel', backend='Vitis', **model):
        config = hls_config(block, [f'{backend.lower()}:hwprune'], **model)
        folder = tmp_path / f'project{next(count)}'
        return hls4ml_hwprune.get_plan(convert(layers or mlp(SIZES), config, folder, backend, io_type=io_type))

    return build


@pytest.fixture(scope='module')
def within_100_dsps(tmp_path_factory):
    """A plan that searches begin with: nothing changes it."""
    config = hls_config({'Budget': {'DSP': 100}}, ['vitis:hwprune'])
    folder = tmp_path_factory.mktemp('project')
    return hls4ml_hwprune.get_plan(convert(mlp(SIZES), config, folder, 'Vitis', io_type='io_parallel'))


@pytest.mark.parametrize('resource', ['DSP', 'BRAM', 'FF'])
def test_the_least_of_one_resource(plan_of, resource, monkeypatch):
    # What is dead besides is not what is minimised.
    monkeypatch.setattr(RemoveDeadStructure, 'transform', lambda self, model: False)
    # The shares that flip-flops are held to are those of the listing.
    stage = {'Stage': 'csynth' if resource == 'FF' else 'vsynth'}
    name = {'BRAM': 'bram18'}.get(resource, resource.lower())
    # Few weights need no block RAM.
    layers = mlp(SIZES if resource == 'BRAM' else FEW)
    least = plan_of({**stage, 'Minimize': resource, 'MinImportance': '90%'}, layers)
    assert least.status == 'optimal' or (resource != 'DSP' and least.objective <= least.bound)
    assert least.percent_kept >= 90 - 1e-6
    assert least.minimized == {name: 1}
    used = getattr(least.after, name)
    # With one unit less so much importance cannot be kept.
    plan = plan_of({**stage, 'Budget': {resource: used}}, layers)
    assert plan.percent_kept >= (87 if resource == 'FF' else 90 - 1e-6)
    try:
        smaller = plan_of({**stage, 'Budget': {resource: used - 1}}, layers)
    except InfeasibleError:
        return
    # Flip-flops depend on the channels that are left, of which only some choices are tried.
    assert smaller.percent_kept < (92 if resource == 'FF' else 90)


def test_weights_are_shares_of_the_part(plan_of):
    device = {'DSP': 100, 'BRAM18': 1000, 'LUT': 1_000_000, 'FF': 1_000_000}
    block = {'Device': device, 'MinImportance': 0.9, 'Budget': {'DSP': 1000}}
    layers = mlp(FEW)
    both = plan_of({**block, 'Minimize': {'DSP': 1, 'LUT': 1}}, layers)
    only = plan_of({**block, 'Minimize': 'DSP'}, layers)
    # A DSP is a hundredth of this part and a LUT a millionth.
    # Channels that die with the weights make it no more than close.
    assert both.after.dsp <= only.after.dsp + 3
    device = {**device, 'DSP': 1_000_000, 'LUT': 100}
    block = {**block, 'Device': device, 'Budget': {'LUT': 10**6}}
    luts = plan_of({**block, 'Minimize': {'DSP': 1, 'LUT': 1}}, layers)
    assert luts.after.lut == plan_of({**block, 'Minimize': 'LUT'}, layers).after.lut


def test_budgets_hold_where_the_least_is_used(plan_of):
    layers = mlp(FEW)
    plan = plan_of({'Minimize': 'LUT', 'MinImportance': '80%', 'Budget': {'DSP': 24, 'BRAM': 12}}, layers)
    assert plan.after.dsp <= 24
    assert plan.after.bram18 <= 12
    with pytest.raises(InfeasibleError, match=r'with 99\.0% of the importance: dsp is bounded by 10, but \d+ is the least'):
        plan_of({'Minimize': 'LUT', 'MinImportance': '99%', 'Budget': {'DSP': 10}}, layers)


def test_everything_may_be_asked_for(plan_of):
    plan = plan_of({'Minimize': 'DSP', 'MinImportance': 1})
    assert plan.percent_kept == pytest.approx(100)
    # A slot of each layer at least, so that the outputs depend on the inputs.
    assert plan_of({'Minimize': 'DSP', 'MinImportance': 0}).after.dsp == 3


@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
def test_latency_and_interval_are_bounds(plan_of, io_type):
    layers = cnn() if io_type == 'io_stream' else mlp(SIZES)
    options = {'layers': layers, 'io_type': io_type}
    slow = plan_of({'Budget': {'DSP': 30}, 'ReuseFactor': 'auto'}, **options)
    limit, ii = slow.timing_after.latency_max // 2, slow.timing_after.ii // 2
    fast = plan_of({'Budget': {'DSP': 30}, 'ReuseFactor': 'auto', 'Latency': limit, 'II': ii}, **options)
    assert fast.timing_after.latency_max <= limit
    assert fast.timing_after.ii <= ii
    assert fast.budget['latency'] == limit
    assert fast.importance <= slow.importance
    # 5 ns a cycle.
    same = plan_of({'Budget': {'DSP': 30}, 'ReuseFactor': 'auto', 'Latency': f'{5 * limit} ns', 'II': ii}, **options)
    assert same == fast


def test_bounds_on_cycles_that_cannot_be_met(plan_of):
    with pytest.raises(InfeasibleError, match=r'latency is bounded by 5 cycles, but \d+ is the least \(held by .*fc1 6'):
        plan_of({'Latency': 5})
    with pytest.raises(InfeasibleError, match=r'II is bounded by 2 cycles, but 4 is the least \(held by fc1 4'):
        plan_of({'II': 2})
    with pytest.raises(InfeasibleError, match=r'with 100\.0% of the importance: dsp is bounded by 8, but \d+ is the least'):
        block = {'Minimize': 'FF', 'MinImportance': 1, 'Latency': 40, 'ReuseFactor': 'auto'}
        plan_of({**block, 'Budget': {'DSP': 8, 'LUT': 9000}}, mlp(FEW))


def test_parallel_paths_count_one_by_one(plan_of):
    """Two branches of one input that meet again: the slower one is the latency."""
    rng = np.random.default_rng(0)

    def branch(name, source, n_out):
        return {**dense_layer(name, rng.uniform(0.1, 1, (12, n_out))), 'inputs': [source]}

    add = {'class_name': 'Merge', 'name': 'add', 'op': 'add', 'inputs': ['long2', 'short'], 'n_in': 2}
    layers = [
        input_layer((12,)),
        branch('long1', 'x', 12),
        branch('long2', 'long1', 6),
        branch('short', 'x', 6),
        {**add, 'outputs': ['add']},
    ]
    wide = plan_of({'Budget': {'DSP': 30}, 'ReuseFactor': 'auto', 'Latency': 40}, layers)
    by_name = {kernel.layer: kernel.reuse_factor for kernel in wide.kernels}
    assert wide.timing_after.latency_max <= 40
    # The short branch has all the time of the long one.
    assert by_name['short'] > max(by_name['long1'], by_name['long2']) or wide.percent_kept > 99.9


def test_the_fast_method_is_within_its_gap(plan_of):
    block = {'Budget': {'DSP': 15, 'LUT': 3500, 'BRAM': 6}, 'ReuseFactor': 'auto', 'Latency': 36}
    exact, fast = plan_of(block, mlp(FEW)), plan_of({**block, 'Method': 'fast'}, mlp(FEW))
    assert exact.importance <= exact.bound * (1 + 1e-9)
    assert fast.importance <= exact.importance * (1 + 1e-9) <= fast.bound * (1 + 1e-9)
    assert fast.importance > 0.95 * exact.importance
    assert fast.status == 'optimal' or fast.status.startswith('feasible, gap')


def test_the_search_ends_at_the_least_share_that_keeps_the_loss(plan_of, within_100_dsps):
    most = within_100_dsps
    assert most.percent_kept < 100
    asked = []

    def at(share):
        asked.append(share)
        return plan_of({'Minimize': 'DSP', 'MinImportance': share})

    def loss(plan):
        return max(0.0, (97.0 - plan.percent_kept) / 100)

    found, position = least_within_loss(most, at, loss, 0.05)
    assert 0.915 < position * most.percent_kept / 100 < 0.925
    assert 92 <= found.percent_kept < 92.5
    assert found.loss == pytest.approx(loss(found))
    assert len(asked) == 10
    with pytest.raises(InfeasibleError, match='MaxLoss'):
        least_within_loss(most, at, lambda plan: 0.2, 0.1)


@pytest.mark.parametrize(('reached', 'expected'), [(0.4, 0.4), (0.0, 0.025), (0.79, 0.8)])
def test_a_search_goes_deeper_in_more_effort(within_100_dsps, reached, expected):
    """More effort keeps the loss down to a lower position than 0.8, where the first search ended; or no lower than that."""
    best = replace(within_100_dsps, loss=0.04)
    at: dict[int, float] = {}

    def plan_at(position):
        plan = replace(best)
        at[id(plan)] = position
        plans.append(plan)
        return None if position == 0.7 else plan

    plans = []
    found = deeper_within_loss(best, 0.8, plan_at, lambda plan: 0.03 if at[id(plan)] >= reached else 0.2, 0.05, 5)
    assert found.loss == 0.03
    assert min(at[id(plan)] for plan in plans if at[id(plan)] >= reached) == pytest.approx(expected)
    assert len(plans) == (6 if expected == 0.8 else 5)


def test_a_loss_on_calibration_data(tmp_path, caplog, monkeypatch):
    """Searched for by simulation, and kept by the firmware that comes out; of classes, and of values if nobody says so."""
    monkeypatch.setattr(effort, '_EACH', 50)
    monkeypatch.setattr(effort, '_LAST', 100)
    monkeypatch.setattr(search, '_IN_FULL', 1)
    monkeypatch.setattr(effort, '_ENOUGH', 400)
    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    rng = np.random.default_rng(2)
    layers, x = mlp((8, 12, 4)), rng.uniform(-1, 1, (400, 8)).astype(np.float32)
    np.save(tmp_path / 'x.npy', x)
    plain = convert(layers, hls_config(), tmp_path / 'plain', 'Vitis', io_type='io_parallel')
    compile_quickly(plain)
    reference = plain.predict(x)
    variance = np.var(reference, axis=0)
    shares = []
    for max_loss, data, task in (('10%', str(tmp_path / 'x.npy'), 'classification'), (0.02, x, 'auto')):
        config = hls_config(None, ['vitis:hwprune'])
        hls4ml_hwprune.enable(config, backend='Vitis', minimize='DSP', max_loss=max_loss, calibration=data, task=task)
        model = convert(layers, config, tmp_path / f'sparse{len(shares)}', 'Vitis', io_type='io_parallel')
        plan = hls4ml_hwprune.get_plan(model)
        compile_quickly(model)
        found = model.predict(x)
        changed = found.argmax(axis=1) != reference.argmax(axis=1)
        lost = float(np.mean(changed if task == 'classification' else (found - reference) ** 2 / variance))
        assert lost == pytest.approx(plan.loss)
        assert lost <= (0.1 if max_loss == '10%' else 0.02)
        shares.append(plan.after.dsp)
    assert 0 < shares[0] < shares[1] <= plan.before.dsp
    # The array is not written with the project.
    assert 'an array of 400 samples' in (tmp_path / 'sparse1' / 'hls4ml_config.yml').read_text()
    assert 'loss on the calibration data' in caplog.text


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'minimize': 'DSP'}, 'Minimize: needs MinImportance or MaxLoss'),
        ({'min_importance': '50%'}, 'MinImportance: needs Minimize'),
        ({'minimize': 'DSPs', 'min_importance': 0.5}, "Minimize: unknown resource 'DSPs'"),
        ({'minimize': {}, 'min_importance': 0.5}, 'Minimize: expected one of'),
        ({'minimize': {'DSP': -1}, 'min_importance': 0.5}, 'Minimize.DSP: expected a positive weight, got -1'),
        ({'minimize': {'BRAM': 1, 'BRAM36': 1}, 'min_importance': 0.5}, 'BRAM36 weighs bram18 a second time'),
        ({'minimize': 'DSP', 'min_importance': 1.5}, 'MinImportance: expected a share'),
        ({'minimize': 'DSP', 'min_importance': '120%'}, "MinImportance: expected a share.*'120%'"),
        ({'minimize': 'DSP', 'min_importance': 0.5, 'max_loss': 0.1}, 'one of them'),
        ({'minimize': 'DSP', 'max_loss': 0.1}, 'MaxLoss: needs Model.HWPrune.Calibration'),
        ({'importance': 'obs'}, "Importance: 'obs' is measured on calibration data"),
        ({'reconstruction': 'none'}, 'Reconstruction: needs Model.HWPrune.Calibration'),
        ({'calibration': 'x.npy', 'reconstruction': 'all'}, "'all' is not one of auto, layers, none"),
        ({'reuse_factor': 4}, 'ReuseFactor: 4 is not one of config, auto'),
        ({'latency': 0}, 'Latency: expected a positive whole number of clock cycles, or "N ns", got 0'),
        ({'latency': '3 us'}, "Latency: expected .* got '3 us'"),
        ({'latency': '0 ns'}, 'Latency: expected a positive time'),
        ({'ii': 2.5}, 'II: expected a positive whole number of clock cycles, got 2.5'),
        ({'method': 'greedy'}, "Method: 'greedy' is not one of exact, fast"),
        ({'plan': 3}, 'Plan: expected the name of a file, or a plan, got 3'),
    ],
)
def test_bad_keys(options, words):
    with pytest.raises(ConfigError, match=words):
        hls4ml_hwprune.enable({}, backend='Vitis', **options)


@pytest.mark.parametrize(
    ('layer', 'words'),
    [
        (
            {'fc1': {'HWPrune': {'ReuseFactor': 5}}},
            "ReuseFactor: 5 for layer 'fc1' of 16 x 24 weights .* nearest are 1, 2, 4, 8",
        ),
        ({'fc1': {'HWPrune': {'ReuseFactor': 0}}}, 'LayerName.fc1.HWPrune.ReuseFactor: 0 is neither'),
        (
            {'fc1': {'HWPrune': {'ReuseFactor': 4, 'Exclude': True}}},
            'LayerName.fc1.HWPrune.ReuseFactor: 4 for a layer that is not',
        ),
    ],
)
def test_bad_reuse_factors_of_layers(tmp_path, layer, words):
    config = hls_config({'Budget': {'DSP': '1x'}}, ['vitis:hwprune']) | {'LayerName': layer}
    with pytest.raises(ConfigError, match=words):
        convert(mlp(SIZES), config, tmp_path / 'project', 'Vitis', io_type='io_parallel')
    assert not (tmp_path / 'project').exists()


@pytest.mark.parametrize(
    ('data', 'words'),
    [
        ('nowhere.npy', 'Calibration: .*nowhere.npy'),
        (np.zeros((3, 7)), r'x0 has samples of shape \(7,\), the network takes \(16,\)'),
        ([np.zeros((3, 16)), np.zeros((3, 16))], '2 arrays of inputs, but the network has 1'),
    ],
)
def test_calibration_data_that_cannot_be_used(tmp_path, data, words):
    config = hls_config(None, ['vitis:hwprune'])
    hls4ml_hwprune.enable(config, backend='Vitis', minimize='DSP', max_loss=0.1, calibration=data)
    with pytest.raises(ConfigError, match=words):
        convert(mlp(SIZES), config, tmp_path / 'project', 'Vitis', io_type='io_parallel')
    assert not (tmp_path / 'project').exists()


def test_a_plan_says_what_it_is(plan_of):
    plan = plan_of({'Minimize': 'DSP', 'MinImportance': '90%'})
    assert isinstance(plan, Plan)
    assert plan.objective == pytest.approx(
        -plan.after.dsp + plan.before.dsp - sum(k.before.dsp for k in plan.kernels), abs=1e-6
    )
