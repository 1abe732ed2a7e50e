"""Words of budgets that cannot be met: the reason of every layer that holds one, and nothing empty or fractional."""

import re

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.config.budget import Bound
from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources import kernel_resources
from tests import models

FLOWS = ['vitis:hwprune']


def refusal(tmp_path, block, layers=None, config=(), io_type='io_parallel', clock=5, **model):
    whole = models.hls_config(block, FLOWS, **model) | dict(config)
    with pytest.raises(InfeasibleError) as caught:
        models.convert(layers or models.mlp(), whole, tmp_path / 'project', io_type=io_type, clock_period=clock)
    text = str(caught.value)
    assert 'held by )' not in text
    assert '()' not in text
    assert not (tmp_path / 'project').exists()
    return text


@pytest.mark.parametrize(
    ('model', 'config', 'words'),
    [
        (
            {'BramFactor': 200},
            {},
            'fc1 128 [not pruned: BramFactor makes its weights a port of the design; a BramFactor of 512',
        ),
        ({}, {'LayerName': {'fc1': {'HWPrune': {'Exclude': True}}}}, 'fc1 128 [not pruned: it is excluded]'),
    ],
)
def test_layers_that_cannot_be_pruned_say_why(tmp_path, model, config, words):
    text = refusal(tmp_path, {'Budget': {'DSP': '0.5x'}}, config=config, **model)
    assert words in text
    assert re.search(r'dsp is bounded by \d+, but \d+ is the least that pruning reaches \(held by fc1', text)


def test_layers_of_other_classes_say_why(tmp_path):
    keras = pytest.importorskip('tensorflow').keras
    from hls4ml.converters import convert_from_keras_model

    layers = keras.layers
    model = keras.Sequential([layers.Input((6, 4)), layers.BatchNormalization(name='norm'), layers.PReLU(name='slope')])
    model.layers[0].set_weights([np.random.default_rng(0).uniform(0.3, 1.7, 4) for _ in range(4)])
    config = {'Model': {'Precision': 'ap_fixed<16,6>', 'ReuseFactor': 1, 'Strategy': 'Latency'}}
    hls4ml_hwprune.enable(config, backend='Vitis', budget={'DSP': 1, 'LUT': 5})
    with pytest.raises(InfeasibleError) as caught:
        convert_from_keras_model(model, hls_config=config, backend='Vitis', part=models.PART, output_dir=str(tmp_path / 'p'))
    assert re.search(r'slope \d+ \[not pruned: PReLU has no sparse kernel\]', str(caught.value))
    assert re.search(r'norm \d+ \[not pruned: it multiplies each channel by a constant', str(caught.value))


def test_layers_without_weights_say_so(tmp_path):
    text = refusal(tmp_path, {'Budget': {'LUT': 10}})
    assert re.search(r'relu1 \d+ \[a layer of class Activation, which has no weights to prune\]', text)


def test_a_latency_that_only_steps_between_layers_hold(tmp_path):
    layers = models.mlp((8, 6, 6, 6, 4))
    text = refusal(tmp_path, {'Latency': 1}, layers, Strategy='Latency', ReuseFactor=1, clock=5)
    match = re.search(r'the latency is bounded by 1 cycles, but \d+ is the least \(held by (.+)\)$', text)
    assert match, text
    if match.group(1).startswith('the cycle'):
        assert 'the cycle from each layer to the next: x, fc1' in match.group(1)


@pytest.mark.parametrize(('key', 'bound'), [('Latency', 3), ('II', 2)])
def test_cycles_say_what_can_be_changed(tmp_path, key, bound):
    text = refusal(tmp_path, {key: bound})
    assert 'fc1' in text
    assert '`ReuseFactor: auto` lets the knapsack choose faster ones' in text
    assert 'ReuseFactor: auto' not in refusal(tmp_path, {'Latency': 1, 'ReuseFactor': 'auto'})


def test_only_layers_above_the_bound_hold_the_interval(tmp_path):
    config = {'LayerName': {'fc2': {'ReuseFactor': 8}}}
    text = refusal(tmp_path, {'II': 6}, config=config)
    assert '(held by fc2 8)' in text


def test_a_bound_of_the_part_is_said_to_be_one(tmp_path):
    device = {'DSP': 1000, 'BRAM18': 1000, 'LUT': 10**6, 'FF': 10**6}
    text = refusal(tmp_path, {'Device': device, 'Budget': {'LUT': 5}})
    assert 'lut is bounded by 5, but' in text
    assert 'which the part has' not in text


@pytest.mark.parametrize(
    ('bound', 'whole'),
    [
        (Bound(0.005, 'x'), 0.0),
        (Bound(0.3, 'x'), 57.0),
        (Bound(0.1, '%'), 12.0),
        (Bound(100, '%'), 12288.0),
        (Bound(7, ''), 7.0),
        (Bound(1, 'x'), 190.0),
        (Bound(1 / 3, 'x'), 63.0),
    ],
)
def test_bounds_are_whole(bound, whole):
    assert bound.resolve(available=12288, unpruned=190) == whole


def test_no_bound_is_fractional(tmp_path):
    text = refusal(tmp_path, {'Budget': {'DSP': '0.0036x'}, 'Exclude': ['fc2']})
    assert 'dsp is bounded by 0, but 41 is the least' in text
    assert not re.search(r'\d\.\d', text)


@pytest.mark.parametrize('rf', [1, 4])
@pytest.mark.parametrize('strategy', ['resource', 'latency'])
def test_weights_of_a_port_are_no_memory_and_no_constants(rf, strategy):
    rng = np.random.default_rng(0)
    codes = rng.integers(-9, 9, (32, 64))
    sizes = {'input_bits': 16, 'weight_bits': 16, 'accum_bits': 32}
    inside = Kernel('fc', 'weight', 64, 32, rf, strategy, 1, codes * 1.0, codes, **sizes)
    outside = Kernel('fc', 'weight', 64, 32, rf, strategy, 1, codes * 1.0, codes, **sizes, external=True)
    found = kernel_resources(outside)
    assert found.bram18 == 0
    assert found.dsp == 64 * 32 // rf
    if inside.multiplexed:
        assert kernel_resources(inside).bram18 > 0
        assert kernel_resources(inside).dsp == found.dsp


@pytest.mark.parametrize('io_type', ['io_parallel', 'io_stream'])
def test_estimates_know_which_weights_are_a_port(tmp_path, io_type):
    config = models.hls_config(BramFactor=200)
    found = hls4ml_hwprune.estimate(models.convert(models.mlp(), config, tmp_path / 'project', io_type=io_type))
    plain = hls4ml_hwprune.estimate(models.convert(models.mlp(), models.hls_config(), tmp_path / 'project', io_type=io_type))
    assert found.layers['fc1'].resources.bram18 < plain.layers['fc1'].resources.bram18
    assert found.layers['fc2'].resources == plain.layers['fc2'].resources
    assert found.layers['fc1'].confidence['lut'].kind == 'unseen'
