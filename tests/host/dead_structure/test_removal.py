"""What is removed, what is left alone and why, and what plan, files and saved models say of it; nothing is compiled here."""

import json
import logging
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hls4ml.utils.serialization import deserialize_model

import hls4ml_hwprune
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.passes.remove_dead import RemoveDeadStructure
from hls4ml_hwprune.resources import layer as layer_module
from tests import models

TYPES = {'default': 'ap_fixed<16,6>', 'accum': 'ap_fixed<32,12>', 'bias': 'ap_fixed<6,3>'}


@pytest.fixture(autouse=True)
def _no_keras(monkeypatch):
    # hls4ml's writer imports Keras if it can, which takes seconds and changes nothing here.
    monkeypatch.setitem(sys.modules, 'keras', None)


@pytest.fixture
def project(tmp_path):
    count = iter(range(100))

    def build(layers, block=None, backend='Vitis', io_type='io_parallel', config=(), **model):
        flows = [f'{backend.lower()}:hwprune']
        # Nothing is pruned unless the test says so: what is dead is dead because its weights are zero.
        settings = {'Precision': TYPES, 'ReuseFactor': 4, **model}
        hls_config = models.hls_config(block or {'Budget': {'DSP': '1x'}}, flows, **settings) | dict(config)
        return models.convert(layers, hls_config, tmp_path / f'project{next(count)}', backend, io_type=io_type)

    return build


def chain(idle=(), unread=(), sizes=(16, 24, 12, 5), seed=0):
    """Dense layers with ReLUs; `idle` neurons of fc1 have no inputs and positive biases, `unread` ones no weight in fc2."""
    layers = models.mlp(sizes, seed)
    dense = {layer['name']: layer for layer in layers if layer['class_name'] == 'Dense'}
    dense['fc1']['weight_data'][:, list(idle)] = 0
    dense['fc1']['bias_data'][list(idle)] = 0.75
    dense['fc2']['weight_data'][list(unread)] = 0
    return layers


def removed(model):
    return {k.layer: (k.removed_inputs, k.removed_outputs) for k in hls4ml_hwprune.get_plan(model).kernels}


def written(model):
    """Firmware by file, without the shapes that hls4ml notes of weights: of loaded models they are those of Resource."""
    model.write()
    files = models.project_files(Path(model.config.get_output_dir()), model.config.config['Stamp'])
    firmware = {name: data for name, data in files.items() if name.startswith('firmware')}
    return {name: re.sub(rb'//Numpy array shape .*', b'', data) for name, data in firmware.items()}


def test_nothing_dead_nothing_removed(project, monkeypatch):
    model = project(chain())
    assert removed(model) == dict.fromkeys(('fc1', 'fc2', 'fc3'), (0, 0))
    assert [node.class_name for node in model.get_layers() if node.name.startswith('fc')] == ['Dense'] * 3
    files = written(model)
    monkeypatch.setattr(RemoveDeadStructure, 'transform', lambda self, model: False)
    assert written(project(chain())) == files


def test_constants_and_unread_neurons_go(project):
    model = project(chain(idle=[3, 7], unread=[10]))
    assert removed(model) == {'fc1': (0, 3), 'fc2': (3, 0), 'fc3': (0, 0)}
    sizes = {layer.name: (k.n_in, k.n_out, k.designed) for layer in read_layers(model) for k in layer.kernels}
    assert sizes == {'fc1': (16, 21, (24, 16)), 'fc2': (21, 12, (12, 24)), 'fc3': (12, 5, None)}
    assert model.graph['relu1'].get_attr('n_in') == 21
    assert list(model.graph['relu1'].get_output_variable().shape) == [21]
    # 0.75 times 16-bit weights has more bits than the biases had; other layers' biases keep their type.
    assert model.graph['fc2'].weights['bias'].type.precision.fractional == 20
    assert model.graph['fc2'].weights['bias'].type.precision.width < 32
    for name in ('fc1', 'fc3'):
        assert str(model.graph[name].weights['bias'].type.precision).startswith('fixed<6,3')


def test_plan_and_estimate_agree_and_savings_are_counted(project):
    model = project(chain(idle=[3, 7], unread=[10]))
    plan = hls4ml_hwprune.get_plan(model)
    found = hls4ml_hwprune.estimate(model)
    assert plan.after == found.total
    assert (plan.timing_after.latency_max, plan.timing_after.ii) == (found.design.latency_max, found.design.ii)
    assert plan.after.dsp == plan.before.dsp - sum(k.n_slots - k.n_kept for k in plan.kernels)
    assert plan.after.ff < plan.before.ff
    for kernel in plan.kernels:
        assert kernel.mask.shape == (kernel.n_out, kernel.n_in)


def test_dead_neurons_make_the_ones_before_them_dead(project):
    layers = chain()
    # fc3 reads nothing of three neurons of fc2, which alone read two of fc1.
    layers[5]['weight_data'][[0, 4, 5]] = 0
    others = np.setdiff1d(np.arange(12), [0, 4, 5])
    layers[3]['weight_data'][np.ix_([1, 2], others)] = 0
    assert removed(project(layers)) == {'fc1': (0, 2), 'fc2': (2, 3), 'fc3': (3, 0)}


def test_one_neuron_stays_of_a_layer_that_nothing_reads(project, caplog):
    caplog.set_level(logging.DEBUG, 'hls4ml_hwprune')
    model = project(chain(unread=range(24)))
    assert removed(model) == {'fc1': (0, 23), 'fc2': (23, 11), 'fc3': (11, 0)}
    assert 'relu1: all channels are dead; one stays' in caplog.text


def test_excluded_layers_keep_their_inputs(project, caplog):
    caplog.set_level(logging.DEBUG, 'hls4ml_hwprune')
    model = project(chain(idle=[3, 7], unread=[10]), {'Budget': {'DSP': '1x'}, 'Exclude': ['fc2']})
    assert removed(model) == {'fc1': (0, 0), 'fc3': (0, 0)}
    assert 'relu1: all channels stay: fc2 (Dense) cannot lose channels' in caplog.text
    assert model.graph['fc2'].class_name == 'Dense'


@pytest.mark.parametrize('accumulator', ['ap_fixed<16,6,AP_TRN,AP_SAT>', 'ap_fixed<60,30>'])
def test_constants_that_sums_cannot_take_over_stay(project, accumulator):
    """Saturating sums depend on their order; sums of 60 bits cannot be followed in doubles."""
    layers = chain(idle=[3, 7], unread=[10])
    layers[1]['bias_data'][7] = -0.75
    model = project(layers, Precision=TYPES | {'accum': accumulator})
    zero = int('SAT' in accumulator)
    assert removed(model) == {'fc1': (0, 1 + zero), 'fc2': (1 + zero, 0), 'fc3': (0, 0)}


def test_slots_that_read_all_inputs_in_turn_keep_them(project):
    model = project(chain(idle=[3, 7], unread=[10]), config={'LayerName': {'fc2': {'ReuseFactor': 48}}})
    assert removed(model) == dict.fromkeys(('fc1', 'fc2', 'fc3'), (0, 0))
    # Their weights are gone all the same.
    assert not np.asarray(model.graph['fc2'].weights['weight'].data)[:, [3, 7, 10]].any()


def test_a_kernel_whose_estimates_would_rise_is_left_alone(project, monkeypatch, caplog):
    real = layer_module.kernel_resources

    def priced(kernel, stage):
        found = real(kernel, stage)
        return replace(found, lut=10 * found.lut) if kernel.designed and kernel.layer == 'fc2' else found

    monkeypatch.setattr(layer_module, 'kernel_resources', priced)
    caplog.set_level(logging.DEBUG, 'hls4ml_hwprune')
    layers = chain(idle=[3, 7], unread=[10])
    layers[5]['weight_data'][[0, 4]] = 0
    # Whatever the budget.
    assert removed(project(layers)) == {'fc1': (0, 0), 'fc2': (0, 0), 'fc3': (0, 0)}
    assert 'fc2: left alone, as the estimates would rise' in caplog.text


def test_no_removal_takes_longer(project, tmp_path):
    """The limit of multipliers of constant kernels falls with their weights, so that fewer neurons may take more cycles."""
    rng = np.random.default_rng(0)
    for seed in range(12):
        sizes = (*rng.integers(4, 24, size=3).tolist(), 4)
        layers = chain(range(0, sizes[1], 2), [], sizes, seed)
        options = {'Strategy': 'Latency', 'ReuseFactor': int(rng.integers(2, 9))}
        config = models.hls_config(Precision=TYPES, **options)
        plain = hls4ml_hwprune.estimate(models.convert(layers, config, tmp_path / 'plain')).design
        bounds = {'Latency': plain.latency_max, 'II': plain.ii}
        timing = hls4ml_hwprune.get_plan(project(layers, {'Packing': 'aligned', **bounds}, **options)).timing_after
        assert timing.latency_max <= plain.latency_max
        assert timing.ii <= plain.ii


@pytest.mark.parametrize('packing', ['aligned', 'balanced', 'permuted', 'snapped'])
@pytest.mark.parametrize('strategy', ['Resource', 'Latency'])
def test_saved_plans_and_models_give_the_same_project(project, tmp_path, strategy, packing):
    layers = chain(idle=[3, 7], unread=[10])
    options = {'Strategy': strategy, 'ReuseFactor': 4 if strategy == 'Resource' else 1}
    model = project(layers, {'Budget': {'DSP': '0.6x'}, 'Packing': packing, 'TimeLimit': 3}, **options)
    plan = hls4ml_hwprune.get_plan(model)
    assert removed(model)['fc2'][0] >= 3
    plan.save(tmp_path / 'plan.json')
    model.save(tmp_path / 'saved.fml')
    again = project(layers, {'Plan': str(tmp_path / 'plan.json')}, **options)
    loaded = deserialize_model(tmp_path / 'saved.fml')
    first = written(model)
    for other in (again, loaded):
        found = hls4ml_hwprune.get_plan(other)
        assert found.after == plan.after
        assert found.timing_after == plan.timing_after
        for ours, theirs in zip(plan.kernels, found.kernels, strict=True):
            np.testing.assert_array_equal(ours.mask, theirs.mask)
            assert (ours.n_kept, ours.removed_inputs, ours.after) == (theirs.n_kept, theirs.removed_inputs, theirs.after)
        assert written(other) == first


def test_flows_applied_again_change_nothing(project):
    model = project(chain(idle=[3, 7], unread=[10]))
    plan = hls4ml_hwprune.get_plan(model)
    RemoveDeadStructure().transform(model)
    assert hls4ml_hwprune.get_plan(model) == plan
    assert removed(model)['fc2'] == (3, 0)


def test_table_and_report_say_what_was_dead(project, caplog):
    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    model = project(chain(idle=[3, 7], unread=[10]))
    model.write()
    report = json.loads((Path(model.config.get_output_dir()) / 'hwprune_report.json').read_text())
    assert [(k['removed_inputs'], k['removed_outputs']) for k in report['kernels']] == [(0, 3), (3, 0), (0, 0)]
    assert 'dead and removed: 0 of 16 inputs, 3 of 24 outputs\nlayer relu1' in caplog.text
    assert caplog.text.count('dead and removed') == 2


@pytest.mark.parametrize('backend', ['Vivado', 'Vitis'])
def test_accumulators_that_hls4ml_inferred_become_narrower(project, backend):
    layers = chain(idle=[3, 7])
    # Four weights of 16 are left of each neuron.
    layers[1]['weight_data'][np.random.default_rng(0).permuted(np.tile(np.arange(16) >= 4, (24, 1)), axis=1).T] = 0
    auto = {'default': 'ap_fixed<16,6>', 'accum': 'auto'}
    model = project(layers, backend=backend, Precision=auto, Strategy='Latency', ReuseFactor=1)
    found = model.graph['fc1'].get_attr('accum_t').precision
    # A product of two numbers of 16 bits, two bits for four of them, one for the bias.
    assert (found.width, found.integer) == (32 + 2 + 1, 12 + 2 + 1)
    assert model.graph['fc3'].get_attr('accum_t').precision.width == 32 + 4 + 1
    given = project(
        layers, backend=backend, Precision=auto | {'accum': 'ap_fixed<40,18>'}, Strategy='Latency', ReuseFactor=1
    )
    assert given.graph['fc1'].get_attr('accum_t').precision.width == 40
