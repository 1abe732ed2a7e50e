"""Estimates of strategies of hls4ml that are not pruned: their zeros count, and nothing is free."""

from dataclasses import replace

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.records import DISTRIBUTED
from hls4ml_hwprune.resources.logic.distributed import distributed_logic
from tests.models import convert, dense, hls_config, input_layer
from tests.resources.kernels import kernel


def estimate(weights, folder, strategy, reuse_factor):
    layers = [input_layer(weights.shape[:1]), dense('fc', weights)]
    # hls4ml's own code generation for distributed arithmetic needs da4ml.
    made = 'Latency' if strategy == 'distributed_arithmetic' else strategy
    config = hls_config(None, ['vivado:optimize'], Strategy=made, ReuseFactor=reuse_factor)
    model = convert(layers, config, folder, io_type='io_parallel')
    model.graph['fc'].set_attr('strategy', strategy)
    return hls4ml_hwprune.estimate(model, 'csynth').layers['fc']


@pytest.mark.parametrize('reuse_factor', [4, 16, 32])
def test_unrolled_slots_without_weights_are_not_built(tmp_path, reuse_factor):
    rng = np.random.default_rng(0)
    groups = rng.uniform(0.1, 1, (16 * 32 // reuse_factor, reuse_factor))
    whole = estimate(groups.reshape(32, 16).T, tmp_path / 'whole', 'resource_unrolled', reuse_factor).resources
    groups[::2] = 0
    half = estimate(groups.reshape(32, 16).T, tmp_path / 'half', 'resource_unrolled', reuse_factor)
    assert half.resources.dsp == whole.dsp // 2
    assert half.resources.bram18 <= -(-whole.bram18 // 2)
    assert half.resources.lut < whole.lut
    assert half.confidence['lut'].kind == 'unseen'


def test_distributed_arithmetic_is_rough_and_never_free(tmp_path):
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 0.5, (16, 32))
    found = estimate(weights, tmp_path / 'whole', 'distributed_arithmetic', 1)
    weights[rng.uniform(size=weights.shape) < 0.75] = 0
    few = estimate(weights, tmp_path / 'few', 'distributed_arithmetic', 1)
    assert (found.resources.dsp, few.resources.dsp) == (0, 0)
    assert 0 < few.resources.lut < 0.4 * found.resources.lut
    assert 0 < few.resources.ff <= found.resources.ff
    assert {found.confidence[name].kind for name in ('lut', 'ff', 'latency')} == {'rough'}


def test_adders_that_da4ml_counted_stand_for_the_weights_that_are_gone(tmp_path):
    layers = [input_layer((8,)), dense('fc', np.ones((8, 4)))]
    model = convert(layers, hls_config(None, ['vivado:optimize'], Strategy='Latency', ReuseFactor=1), tmp_path / 'project')
    node = model.graph['fc']
    for name in ('weight_data', 'bias_data', 'weight', 'weight_t', 'bias', 'bias_t'):
        del node.attributes[name]
    node.set_attr('strategy', 'distributed_arithmetic')
    node.set_attr('da_kernel_cost', 321.0)
    found = hls4ml_hwprune.estimate(model, 'csynth').layers['fc'].resources
    assert (found.dsp, found.lut) == (0, 321)
    assert found.ff > 0


@pytest.mark.parametrize(
    ('codes', 'n_adders'),
    [
        # 5 = 4 + 1 and 10 are one product of the input; each output adds two.
        ([[5, 1], [10, 1]], 3),
        ([[5, 0], [0, 7]], 2),
        # An output without additions still counts one.
        ([[4, 0], [0, -8]], 2),
    ],
)
def test_adders_are_shared_within_an_input(codes, n_adders):
    one = replace(kernel(2, 2, 1, bits=(8, 8, 16)), codes=np.array(codes), strategy=DISTRIBUTED)
    assert distributed_logic(one)[0] == 16 * n_adders
