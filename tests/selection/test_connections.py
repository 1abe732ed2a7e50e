"""Plans of converted models never cut an output off, count dead weights for nothing, and are held to finished prices."""

import re
import sys

import numpy as np
import pytest
from hls4ml.model.graph import ModelGraph
from hls4ml.utils.config import create_config

import hls4ml_hwprune
from hls4ml_hwprune.errors import InfeasibleError, PlanError
from hls4ml_hwprune.plan import Plan
from tests import models

FLOWS = ['vitis:hwprune']


@pytest.fixture(autouse=True)
def _no_keras(monkeypatch):
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)


@pytest.fixture
def planned(tmp_path):
    def plan(block, layers=None, io_type='io_parallel', config=(), outputs=None, **model):
        whole = models.hls_config(block, FLOWS, **model) | dict(config)
        project = create_config(output_dir=str(tmp_path / 'p'), backend='Vitis', part=models.PART, io_type=io_type)
        layers = models.mlp() if layers is None else layers
        return hls4ml_hwprune.get_plan(ModelGraph.from_layer_list(project | {'HLSConfig': whole}, layers, None, outputs))

    return plan


def reaches(plan, layers):
    """Outputs of a chain of dense layers that an input leads to, by their masks."""
    masks = {kernel.layer: kernel.mask for kernel in plan.kernels}
    varies = None
    for layer in layers:
        if layer['class_name'] == 'Dense':
            mask = masks.get(layer['name'], layer['weight_data'].T != 0)
            varies = (mask if varies is None else mask & varies).any(axis=1)
    return varies


@pytest.mark.parametrize('strategy', ['Resource', 'Latency'])
@pytest.mark.parametrize('seed', range(4))
def test_the_least_that_is_kept_leads_from_the_inputs_to_the_outputs(planned, strategy, seed):
    layers = models.mlp((12, 16, 8, 8, 4), seed)
    factor = 4 if strategy == 'Resource' else 1
    plan = planned({'Budget': {'DSP': 4 if strategy == 'Resource' else 6}}, layers, Strategy=strategy, ReuseFactor=factor)
    assert reaches(plan, layers).any()
    assert plan.importance > 0


def test_a_budget_that_would_cut_the_outputs_off_is_refused(planned):
    layers = models.mlp((32, 16, 4, 16, 32))
    for budget in ({'DSP': 3}, {'DSP': 0}):
        with pytest.raises(InfeasibleError, match=r'but 4 is the least .*would no longer depend on the inputs'):
            planned({'Budget': budget}, layers, ReuseFactor=512)
    plan = planned({'Budget': {'DSP': 4}}, layers, ReuseFactor=512)
    assert [kernel.n_kept for kernel in plan.kernels] == [1] * 4
    assert reaches(plan, layers).any()


def test_a_layer_that_is_not_pruned_may_cut_too(planned):
    layers = models.mlp((12, 8, 8, 4))
    # fc2 reads one neuron alone, which fc1 has to keep.
    dense = {layer['name']: layer for layer in layers if layer['class_name'] == 'Dense'}
    dense['fc2']['weight_data'][np.arange(8) != 5] = 0
    plan = planned({'Budget': {'DSP': 18}, 'Exclude': ['fc2']}, layers)
    assert plan.kernels[0].mask[5].any()
    assert reaches(plan, layers).any()


def added(names):
    return {'class_name': 'Merge', 'name': 'sum', 'inputs': list(names), 'op': 'add'}


def branches(seed=0):
    """Two ways from the input to the output, each through a layer of its own."""
    rng = np.random.default_rng(seed)
    one, two = (models.dense(name, rng.uniform(0.1, 1, (8, 8))) | {'inputs': ['x']} for name in ('one', 'two'))
    last = models.dense('last', rng.uniform(0.1, 1, (8, 4))) | {'inputs': ['sum']}
    return [models.input_layer((8,)), one, two, added(['one', 'two']), last]


def test_one_of_two_ways_is_enough(planned):
    plan = planned({'Budget': {'DSP': 2}}, branches(), ReuseFactor=8)
    assert sorted(kernel.n_kept for kernel in plan.kernels) == [0, 1, 1]
    with pytest.raises(InfeasibleError, match='but 2 is the least'):
        planned({'Budget': {'DSP': 1}}, branches(), ReuseFactor=8)


def test_every_output_of_several_is_kept(planned):
    rng = np.random.default_rng(0)
    heads = [models.dense(name, rng.uniform(0.1, 1, (8, 2))) | {'inputs': ['relu1']} for name in ('near', 'far')]
    layers = [*models.mlp((8, 8, 2))[:3], *heads]
    plan = planned({'Budget': {'DSP': 3}}, layers, outputs=['near', 'far'], ReuseFactor=8)
    kept = {kernel.layer: kernel.mask for kernel in plan.kernels}
    alive = kept['fc1'].any(axis=1)
    for head in ('near', 'far'):
        assert (kept[head] & alive).any()


def test_dead_weights_are_worth_nothing(planned):
    layers = models.mlp((16, 32, 5))
    plan = planned({'Budget': {'DSP': 40}}, layers, Importance='l1')
    first, second = (kernel.mask for kernel in plan.kernels)
    # No slot feeds a neuron that nothing reads, and none reads a neuron without inputs.
    assert not first[~second.any(axis=0)].any()
    groups = second.reshape(5, -1) & first.any(axis=1)
    assert second.any(axis=1).sum() == groups.any(axis=1).sum()
    assert plan.importance <= plan.bound * (1 + 1e-9)


def test_a_plan_file_that_cuts_the_outputs_off_is_refused(planned, tmp_path):
    layers = models.mlp((8, 8, 4))
    planned({'Budget': {'DSP': 6}}, layers).save(tmp_path / 'plan.json')
    dense = {layer['name']: layer for layer in layers if layer['class_name'] == 'Dense'}
    kept = Plan.load(tmp_path / 'plan.json').kernels[1].mask.any(axis=0)
    # In this network no neuron that the plan reads has any weight.
    dense['fc1']['weight_data'][:, kept] = 0
    with pytest.raises(PlanError, match='parts the outputs fc2 from the inputs'):
        planned({'Plan': str(tmp_path / 'plan.json')}, layers)


@pytest.mark.parametrize(
    ('sizes', 'block', 'options'),
    [
        ((16, 24, 12, 5), {'Budget': {'DSP': '0.3x'}}, {}),
        ((16, 24, 12, 5), {'Budget': {'DSP': '0.5x', 'BRAM': '0.5x'}}, {'io_type': 'io_stream'}),
        ((8, 12, 4), {'Budget': {'LUT': '0.7x'}, 'Packing': 'balanced'}, {}),
        ((8, 12, 4), {'Budget': {'LUT': '0.6x'}, 'Stage': 'vsynth'}, {'ReuseFactor': 2}),
        ((8, 12, 4), {'Budget': {'FF': '0.6x'}}, {}),
        ((8, 12, 4), {'Budget': {'DSP': '0.4x', 'LUT': '0.8x'}}, {'Strategy': 'Latency', 'ReuseFactor': 1}),
    ],
)
def test_a_plan_is_feasible_at_its_own_figures(planned, sizes, block, options):
    layers = models.mlp(sizes)
    plan = planned(block, layers, **options)
    names = {'DSP': 'dsp', 'BRAM18': 'bram18', 'LUT': 'lut', 'FF': 'ff'}
    own = {key: int(np.ceil(getattr(plan.after, name))) for key, name in names.items()}
    again = planned({**block, 'Budget': own}, layers, **options)
    assert all(getattr(again.after, name) <= own[key] for key, name in names.items())
    assert again.bound >= plan.importance * (1 - 1e-9)
    if plan.status == 'optimal':
        assert again.importance >= plan.importance * (1 - 1e-4)


def test_the_least_latency_that_is_named_can_be_reached(planned):
    block = {'Budget': {'DSP': 12}, 'ReuseFactor': 'auto', 'Latency': 5}
    config = {'LayerName': {'fc1': {'HWPrune': {'ReuseFactor': 16}}}}
    with pytest.raises(InfeasibleError) as caught:
        planned(block, config=config)
    text = str(caught.value)
    (least,) = map(int, re.findall(r'bounded by 5 cycles, but (\d+) is the least', text))
    plan = planned({**block, 'Latency': least}, config=config)
    assert plan.timing_after.latency_max == least
    assert plan.after.dsp <= 12
    with pytest.raises(InfeasibleError):
        planned({**block, 'Latency': least - 1}, config=config)
