"""Plans as files: saved, loaded, and applied to the same network, a retrained one and a requantised one."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from hls4ml_hwprune.arrays import encode_array
from hls4ml_hwprune.errors import ConfigError, PlanError
from hls4ml_hwprune.evaluation import Evaluation
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.node.weights import bias_vector, weight_matrix
from hls4ml_hwprune.records import fingerprint
from tests.models import convert, hls_config, mlp, project_files

SIZES = (16, 24, 12, 5)
BLOCKS = {
    'slots of other layouts': {'Budget': {'DSP': '0.3x'}, 'Packing': 'balanced'},
    'reuse factors': {'Budget': {'DSP': 40, 'LUT': 9000}, 'ReuseFactor': 'auto', 'Latency': 40},
    'moved codes': {'Budget': {'DSP': '0.2x'}, 'Packing': 'snapped'},
}
MODELS = {'moved codes': {'Strategy': 'Latency', 'ReuseFactor': 1}}


@pytest.fixture(params=BLOCKS)
def made(request, tmp_path):
    """A plan of each kind with its file, the options of its model, and the folder."""
    plan = planned(request.param)
    plan.save(tmp_path / 'plan.json')
    return plan, tmp_path / 'plan.json', MODELS.get(request.param, {}), tmp_path


@cache
def planned(kind):
    """A plan of a kind, which all tests share: nothing changes it."""
    return hls4ml_hwprune.get_plan(build(mlp(SIZES), BLOCKS[kind], Path('never_written'), **MODELS.get(kind, {})))


def build(layers, block, folder, **model):
    config = hls_config(block, ['vitis:hwprune'], **model)
    return convert(layers, config, folder, 'Vitis', io_type='io_parallel')


def arrays(plan):
    slots = [[] if k.slots is None else [array.tolist() for array in vars(k.slots).values()] for k in plan.kernels]
    found = [[None if a is None else a.tolist() for a in (k.values, k.bias)] for k in plan.kernels]
    return [k.mask.tolist() for k in plan.kernels], slots, found


def test_a_file_holds_the_whole_plan(made):
    plan, path, _, _ = made
    loaded = Plan.load(path)
    assert loaded == plan
    assert arrays(loaded) == arrays(plan)
    before = path.read_bytes()
    loaded.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.glob('*plan.json*')] == ['plan.json']


def test_biases_and_what_came_of_them_are_in_the_file(tmp_path):
    plan = hls4ml_hwprune.get_plan(build(mlp(SIZES), {'Budget': {'DSP': '0.3x'}}, tmp_path / 'first'))
    plan.save(tmp_path / 'before.json')
    kernels = [replace(plan.kernels[0], bias=np.linspace(-1, 1, 24) / 3), *plan.kernels[1:]]
    for figures in ({'agreement': 0.75, 'loss': 0.25}, {'accuracy': 0.5, 'reference_accuracy': 1.0}, {}):
        whole = replace(plan, kernels=kernels, evaluation=Evaluation(n_samples=20, **figures))
        whole.save(tmp_path / 'plan.json')
        loaded = Plan.load(tmp_path / 'plan.json')
        assert loaded == whole != plan
        assert arrays(loaded) == arrays(whole) != arrays(plan)
        assert loaded.evaluation == Evaluation(20, **figures)
    # Files from before there were any.
    content = json.loads((tmp_path / 'before.json').read_text())
    assert content.pop('evaluation') is None
    assert not any('bias' in kernel for kernel in content['kernels'])
    (tmp_path / 'before.json').write_text(json.dumps(content))
    loaded = Plan.load(tmp_path / 'before.json')
    assert (loaded, arrays(loaded)) == (plan, arrays(plan))


def test_the_same_network_becomes_the_same_firmware(made):
    plan, path, model, folder = made
    again = build(mlp(SIZES), {'Plan': str(path)}, folder / 'first', **model)
    applied = hls4ml_hwprune.get_plan(again)
    assert applied.status == 'applied'
    assert arrays(applied) == arrays(plan)
    assert (applied.before, applied.after) == (plan.before, plan.after)
    assert (applied.timing_before, applied.timing_after) == (plan.timing_before, plan.timing_after)
    assert applied.importance == pytest.approx(plan.importance, rel=5e-3)


def test_a_retrained_network_keeps_the_same_slots(made):
    plan, path, model, folder = made
    layers = mlp(SIZES, seed=5)
    again = build(layers, {'Plan': str(path)}, folder / 'retrained', **model)
    applied = hls4ml_hwprune.get_plan(again)
    plain = {
        layer.name: layer.kernels[0]
        for layer in read_layers(convert(layers, hls_config(**model), folder / 'plain'))
        if layer.kernels
    }
    assert applied.after.dsp <= plan.after.dsp
    for kernel, old in zip(applied.kernels, plan.kernels, strict=True):
        assert not (kernel.mask & ~old.mask).any()
        if old.values is None:
            assert np.array_equal(kernel.mask, old.mask)
            codes = next(layer for layer in read_layers(again) if layer.name == kernel.layer).kernels[0].codes
            expected = np.where(kernel.mask, plain[kernel.layer].codes, 0)
            if kernel.removed_inputs or kernel.removed_outputs:
                assert not np.setdiff1d(codes, expected).size
            else:
                assert np.array_equal(codes, expected)
        else:
            # Moved anew, for as many DSPs at most.
            assert kernel.after.dsp <= old.after.dsp


def test_new_weights_and_biases_are_those_of_one_network(tmp_path):
    plan = hls4ml_hwprune.get_plan(build(mlp(SIZES), {'Budget': {'DSP': '0.5x'}}, tmp_path / 'first'))
    plain = convert(mlp(SIZES), hls_config(), tmp_path / 'plain')
    codes = next(layer for layer in read_layers(plain) if layer.name == 'fc2').kernels[0].codes
    before = next(kernel for kernel in plan.kernels if kernel.layer == 'fc2')
    values, bias = np.where(before.mask, (codes + 3) / 1024, 0), np.arange(12) / 64
    new = replace(before, values=values, bias=bias, fingerprint=fingerprint(codes))
    kernels = [new if kernel.layer == 'fc2' else kernel for kernel in plan.kernels]
    replace(plan, kernels=kernels).save(tmp_path / 'plan.json')
    block = {'Plan': str(tmp_path / 'plan.json')}
    same = build(mlp(SIZES), block, tmp_path / 'same')
    applied = next(kernel for kernel in hls4ml_hwprune.get_plan(same).kernels if kernel.layer == 'fc2')
    assert np.array_equal(applied.values, values)
    assert np.array_equal(applied.bias, bias)
    held = weight_matrix(same.graph['fc2'], 24, 12)
    assert (np.array_equal(held, values), np.array_equal(bias_vector(same.graph['fc2']), bias)) == (True, True)
    # A retrained network has weights and biases of its own.
    retrained = build(mlp(SIZES, seed=5), block, tmp_path / 'retrained')
    applied = next(kernel for kernel in hls4ml_hwprune.get_plan(retrained).kernels if kernel.layer == 'fc2')
    assert (applied.values, applied.bias, applied.fingerprint) == (None, None, '')
    assert np.array_equal(applied.mask, before.mask)
    own = next(layer for layer in mlp(SIZES, seed=5) if layer['name'] == 'fc2')['bias_data']
    assert bias_vector(retrained.graph['fc2']) == pytest.approx(own)


def test_a_requantised_network_is_priced_anew(tmp_path):
    plan = hls4ml_hwprune.get_plan(build(mlp(SIZES), {'Budget': {'DSP': '0.5x', 'BRAM': '0.5x'}}, tmp_path / 'wide'))
    plan.save(tmp_path / 'plan.json')
    block = {'Plan': str(tmp_path / 'plan.json')}
    narrow = {'Precision': {'default': 'fixed<8,4>'}}
    applied = hls4ml_hwprune.get_plan(build(mlp(SIZES), block, tmp_path / 'narrow', **narrow))
    assert arrays(applied) == arrays(plan)
    assert applied.after.dsp == 0 < plan.after.dsp
    assert applied.after.bram18 < plan.after.bram18
    wide = {'Precision': {'default': 'fixed<24,8>'}}
    with pytest.raises(PlanError, match=r'does not fit the budget here: .*bram18'):
        build(mlp(SIZES), block, tmp_path / 'wider', **wide)
    # With a budget of its own it does.
    generous = {**block, 'Budget': {'DSP': '90%'}}
    assert hls4ml_hwprune.get_plan(build(mlp(SIZES), generous, tmp_path / 'wider', **wide)).status == 'applied'


def test_budgets_beside_a_plan_count(tmp_path):
    plan = hls4ml_hwprune.get_plan(build(mlp(SIZES), {'Budget': {'DSP': '0.5x'}}, tmp_path / 'first'))
    plan.save(tmp_path / 'plan.json')
    for extra, words in (
        ({'Budget': {'DSP': 10}}, 'dsp .* of 10'),
        ({'Latency': 3}, 'latency .* of 3'),
        ({'II': 1}, 'ii 4 of 1'),
    ):
        with pytest.raises(PlanError, match=words):
            build(mlp(SIZES), {'Plan': str(tmp_path / 'plan.json'), **extra}, tmp_path / 'second')
    assert not (tmp_path / 'second').exists()


@pytest.mark.parametrize(
    ('layers', 'model', 'words'),
    [
        (mlp((16, 24, 12)), {}, "layer 'fc3', which this design does not have"),
        (mlp((16, 20, 12, 5)), {}, "n_out 24 of the layer 'fc1', which has 20"),
        (mlp(SIZES), {'Strategy': 'Latency'}, "strategy resource of the layer 'fc1', which has latency"),
        (mlp(SIZES), {'Precision': {'default': 'fixed<16,6>', 'accum': 'fixed<16,6,RND,SAT>'}}, 'saturates'),
    ],
)
def test_plans_for_something_else_are_refused(tmp_path, layers, model, words):
    plan = hls4ml_hwprune.get_plan(build(mlp(SIZES), {'Budget': {'DSP': '0.3x'}, 'Packing': 'balanced'}, tmp_path / 'first'))
    plan.save(tmp_path / 'plan.json')
    if 'accum' in str(model):
        config = hls_config({'Plan': str(tmp_path / 'plan.json')}, ['vitis:hwprune'])
        config['LayerName'] = {'fc1': {'Precision': {'accum': 'fixed<16,6,RND,SAT>'}, 'ReuseFactor': 4}}
        with pytest.raises(PlanError, match=words):
            convert(layers, config, tmp_path / 'second', 'Vitis', io_type='io_parallel')
        return
    with pytest.raises(PlanError, match=words):
        build(layers, {'Plan': str(tmp_path / 'plan.json')}, tmp_path / 'second', **model)


def spoil(path: Path, how: str) -> None:
    content = json.loads(path.read_text())
    if how == 'no JSON':
        path.write_text('plan: 3')
    elif how == 'another file':
        path.write_text('{"kernels": []}')
    elif how == 'version':
        path.write_text(json.dumps({**content, 'schema_version': 99}))
    elif how == 'mask':
        content['kernels'][0]['mask']['zlib'] = 'AAAA'
        path.write_text(json.dumps(content))
    elif how == 'bias':
        content['kernels'][0]['bias'] = encode_array(np.zeros(3))
        path.write_text(json.dumps(content))
    elif how == 'evaluation':
        path.write_text(json.dumps({**content, 'evaluation': {'accuracy': 0.5, 'luck': 1}}))
    else:
        del content['kernels'][0]['n_in']
        path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ('how', 'words'),
    [
        ('no JSON', 'not JSON'),
        ('another file', 'is not a plan'),
        ('version', 'schema version 99'),
        ('mask', 'damaged'),
        ('bias', r"kernel 'fc1': bias: expected the shape \(32,\), got \(3,\)"),
        ('evaluation', 'damaged: evaluation: luck: unknown key'),
        ('key', "damaged: kernel 'fc1': n_in: missing"),
    ],
)
def test_damaged_files(tmp_path, how, words):
    path = tmp_path / 'plan.json'
    hls4ml_hwprune.get_plan(build(mlp(), {'Budget': {'DSP': '0.5x'}}, tmp_path / 'first')).save(path)
    spoil(path, how)
    with pytest.raises(PlanError, match=words):
        Plan.load(path)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(PlanError, match=r'nowhere\.json.*No such file'):
        build(mlp(), {'Plan': str(tmp_path / 'nowhere.json')}, tmp_path / 'project')
    plan = hls4ml_hwprune.get_plan(build(mlp(), {'Budget': {'DSP': '0.5x'}}, tmp_path / 'first'))
    with pytest.raises(PlanError, match='cannot be written'):
        plan.save(tmp_path / 'no folder' / 'plan.json')


@pytest.mark.parametrize('key', ['Packing', 'ReuseFactor', 'Exclude', 'Minimize'])
def test_nothing_beside_a_plan_that_it_says_already(tmp_path, key):
    value = {'Exclude': ['fc1'], 'Packing': 'aligned', 'ReuseFactor': 'auto', 'Minimize': 'DSP'}[key]
    extra = {'MinImportance': '50%'} if key == 'Minimize' else {}
    with pytest.raises(ConfigError, match=f'{key}: not beside Plan'):
        build(mlp(), {'Plan': 'plan.json', key: value, **extra}, tmp_path)


def test_the_firmware_files_are_the_same(tmp_path):
    block = {'Budget': {'DSP': '0.3x', 'LUT': '0.5x'}}
    first = build(mlp(SIZES), block, tmp_path / 'project')
    first.write()
    files = project_files(tmp_path / 'project' / 'firmware')
    hls4ml_hwprune.get_plan(first).save(tmp_path / 'plan.json')
    build(mlp(SIZES), {'Plan': str(tmp_path / 'plan.json')}, tmp_path / 'project').write()
    assert project_files(tmp_path / 'project' / 'firmware') == files
