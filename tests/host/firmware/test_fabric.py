"""Products of layers without kernels, built from LUTs where DSP blocks are short: the same bits, and no DSP."""

import copy

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.errors import HWPruneError, PlanError
from hls4ml_hwprune.host.firmware.fabric import with_fabric
from tests import models
from tests.host.firmware.projects import both_outputs


def scaled(n, name='bn'):
    rng = np.random.default_rng(3)
    return {
        'class_name': 'BatchNormalization',
        'name': name,
        'n_in': n,
        'n_filt': -1,
        'epsilon': 1e-3,
        'use_gamma': True,
        'use_beta': True,
        'gamma_data': rng.uniform(0.3, 1.7, n),
        'beta_data': rng.normal(0, 1, n),
        'mean_data': rng.normal(0, 1, n),
        'variance_data': rng.uniform(0.5, 2, n),
    }


def softmax(implementation):
    common = {'class_name': 'Softmax', 'name': 'softmax', 'activation': 'softmax', 'axis': -1}
    return common | {'implementation': implementation}


def network(implementation='stable'):
    """A layer `bn` after a ReLU, which is not folded, and a softmax."""
    first, *rest = models.mlp((6, 8, 5))
    return [first, *rest[:2], scaled(8), *rest[2:], softmax(implementation)]


def pruned(folder, block, layers=None, **options):
    config = models.hls_config(block, flows=[f'{options.get("backend", "Vitis").lower()}:hwprune'])
    return models.convert(layers or network(), config, folder, **options)


@pytest.mark.parametrize(
    ('backend', 'io_type', 'implementation'),
    [('Vivado', 'io_parallel', 'stable'), ('Vivado', 'io_stream', 'latency'), ('Vitis', 'io_stream', 'stable')],
)
def test_bit_exact(backend, io_type, implementation, tmp_path):
    layers = network(implementation)
    plain = models.convert(copy.deepcopy(layers), models.hls_config(), tmp_path / 'plain', backend=backend, io_type=io_type)
    before = hls4ml_hwprune.estimate(plain, stage='vsynth').layers
    kernels = sum(before[name].resources.dsp for name in ('fc1', 'fc2'))
    assert before['bn'].resources.dsp and before['softmax'].resources.dsp
    ours = pruned(tmp_path / 'ours', {'Budget': {'DSP': kernels}}, layers, backend=backend, io_type=io_type)
    plan = hls4ml_hwprune.get_plan(ours)
    assert plan.in_luts == ['bn', 'softmax']
    assert not plan.pruned
    assert plan.after.dsp == kernels
    assert plan.layers['bn'].resources.lut > before['bn'].resources.lut
    x = np.random.default_rng(0).normal(0, 2, (50, 6)).astype(np.float32)
    (mine,), (theirs,) = both_outputs(ours, plain, x)
    np.testing.assert_array_equal(mine, theirs)
    text = (tmp_path / 'ours' / 'firmware' / 'parameters.h').read_text()
    assert text.count('nnet::product::mult_fabric<') == 1
    assert text.count('nnet::fabric_factor<') == 1
    assert (tmp_path / 'ours' / 'firmware' / 'nnet_utils' / 'nnet_fabric.h').is_file()


def test_the_tool_places_products_as_long_as_the_budget_has_room(tmp_path):
    plain = hls4ml_hwprune.estimate(models.convert(network(), models.hls_config(), tmp_path / 'plain'))
    others = plain.total.dsp
    assert plain.layers['bn'].resources.dsp and plain.layers['softmax'].resources.dsp
    assert hls4ml_hwprune.get_plan(pruned(tmp_path / 'all', {'Budget': {'DSP': others}})).in_luts == []
    one = hls4ml_hwprune.get_plan(pruned(tmp_path / 'one', {'Budget': {'DSP': others - 1}}))
    # The layer whose products cost the fewest LUTs is enough.
    assert one.in_luts == ['bn'] and not one.pruned


def test_a_plan_goes_through_a_file(tmp_path):
    plan = hls4ml_hwprune.get_plan(pruned(tmp_path / 'first', {'Budget': {'DSP': 20}}))
    assert plan.in_luts
    plan.save(tmp_path / 'plan.json')
    again = hls4ml_hwprune.get_plan(pruned(tmp_path / 'again', {'Plan': str(tmp_path / 'plan.json')}))
    assert again.in_luts == plan.in_luts
    assert again.after == plan.after
    with pytest.raises(PlanError, match="binds the products of the layer 'bn' to LUTs"):
        pruned(tmp_path / 'other', {'Plan': str(tmp_path / 'plan.json')}, models.mlp((6, 8, 5)))


def test_the_table_says_so(tmp_path):
    text = str(hls4ml_hwprune.get_plan(pruned(tmp_path, {'Budget': {'DSP': 10}})))
    assert 'its products are built from LUTs' in text
    assert 'not pruned' not in text


def products(kind):
    """Two dense layers whose outputs are multiplied and added up: by a Dot, or by an Einsum."""
    rng = np.random.default_rng(1)
    a, b = (models.dense(name, rng.uniform(-1, 1, (6, 8))) for name in 'ab')
    merge = {'class_name': kind, 'name': 'products', 'inputs': ['a', 'b']}
    if kind == 'Dot':
        return [models.input_layer((6,)), a, b | {'inputs': ['x']}, merge | {'op': 'dot1d', 'axes': [1, 1]}]
    shapes = {'inp0_shape': (4, 2), 'inp1_shape': (4, 2), 'out_shape': (4, 4), 'equation': 'ac,bc->ab'}
    folds = [{'class_name': 'Reshape', 'name': f'{x}r', 'target_shape': [4, 2], 'inputs': [x]} for x in 'ab']
    return [models.input_layer((6,)), a, b | {'inputs': ['x']}, *folds, merge | shapes | {'inputs': ['ar', 'br']}]


@pytest.mark.parametrize('kind', ['Dot', 'Einsum'])
def test_products_of_two_inputs(kind, tmp_path):
    layers, latency = products(kind), {'Strategy': 'Latency', 'ReuseFactor': 1}
    plain = models.convert(copy.deepcopy(layers), models.hls_config(**latency), tmp_path / 'plain')
    before = hls4ml_hwprune.estimate(plain, stage='vsynth')
    assert before.layers['products'].resources.dsp
    bound = before.total.dsp - before.layers['products'].resources.dsp
    config = models.hls_config({'Budget': {'DSP': bound}}, flows=['vitis:hwprune'], **latency)
    ours = models.convert(layers, config, tmp_path / 'ours')
    plan = hls4ml_hwprune.get_plan(ours)
    assert plan.in_luts == ['products'] and plan.after.dsp == bound
    ours.write()
    assert (tmp_path / 'ours' / 'firmware' / 'parameters.h').read_text().count('nnet::product::mult_fabric<') == 1
    x = np.random.default_rng(0).normal(0, 1, (30, 6)).astype(np.float32)
    (mine,), (theirs,) = both_outputs(ours, plain, x)
    np.testing.assert_array_equal(mine, theirs)
    assert np.ptp(theirs) > 0


def test_a_configuration_without_the_word_is_refused():
    assert with_fabric('a product<', 'product<', 'fabric<') == 'a fabric<'
    with pytest.raises(HWPruneError, match="has no 'product<'"):
        with_fabric('another', 'product<', 'fabric<')
