"""Findings about designs: zeros in slots, reuse factors, limits, fit, types, answers."""

import numpy as np
import pytest

from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.explain.answers import explain_answers
from hls4ml_hwprune.explain.board import explain_board
from hls4ml_hwprune.explain.design import explain
from hls4ml_hwprune.explain.strategies import explain_strategies
from hls4ml_hwprune.explain.synthesis import explain_synthesis
from hls4ml_hwprune.explain.zeros import explain_zeros
from hls4ml_hwprune.records import Kernel, Layer, Target
from hls4ml_hwprune.resources import estimate_layers
from tests import models


def layer(codes, strategy='resource', factor=4, tool='Vitis HLS', part='xcvu13p-flga2577-2-e'):
    n_out, n_in = codes.shape
    target = Target(part, 5.0, tool)
    kernel = Kernel('fc', 'weight', n_in, n_out, factor, strategy, 1, codes / 1024, codes, 16, 16, 32, target=target)
    return Layer('fc', 'Dense', 'io_parallel', (), kernels=(kernel,), target=target)


def test_zeros_that_sit_in_shared_multipliers():
    codes = np.ones((4, 8), np.int64)
    codes[:, 1::2] = 0
    (found,) = explain_zeros([layer(codes)])
    assert '16 of 32 weights (50 %) are zero' in found.text
    assert '0 of 8 slots have nothing but zeros' in found.text
    assert 'need 4 slots' in found.cure


def test_zeros_of_constants_cost_nothing():
    codes = np.eye(8, dtype=np.int64)
    (found,) = explain_zeros([layer(codes, 'latency', 1)])
    assert 'cost nothing already' in found.text and not found.is_trouble
    assert not list(explain_zeros([layer(np.ones((2, 2), np.int64))]))


@pytest.mark.parametrize(
    ('tool', 'size', 'stops'), [('Vivado HLS', 65, True), ('Vivado HLS', 64, False), ('Vitis HLS', 65, False)]
)
def test_arrays_that_vivado_does_not_take_apart(tool, size, stops):
    codes = np.ones((size, 64), np.int64)
    found = list(explain_synthesis([layer(codes, 'latency', 1, tool)]))
    assert bool(found) == stops
    assert not list(explain_synthesis([layer(codes, 'resource', 4, tool)]))


def test_products_without_end():
    (found,) = explain_synthesis([layer(np.ones((200, 200), np.int64), 'latency', 1)])
    assert '40,000 products' in found.text


def test_fit():
    small = layer(np.full((40, 40), 77), factor=4)
    estimate = estimate_layers([small])
    (found,) = explain_board(estimate, lookup('xcvu13p'))
    assert found.text.startswith('fits xcvu13p') and not found.is_trouble
    found = list(explain_board(estimate, lookup('xc7z010')))
    assert 'DSP: 400 of the 80 of xc7z010 (500 %)' in found[0].text


def test_strategies_that_hls4ml_does_not_know():
    config = {'Model': {'Strategy': 'Resorce'}, 'LayerName': {'fc': {'Strategy': 'Latency'}, 'out': {'Strategy': 'fast'}}}
    found = list(explain_strategies(config))
    assert [one.layer for one in found] == ['', 'out']
    assert 'Resource' in found[0].cure


def test_the_first_layer_that_leaves_the_network():
    rng = np.random.default_rng(0)
    own = {name: rng.normal(0, 3, (50, 4)) for name in 'abc'}
    firmware = {'a': own['a'] + 1e-3, 'b': np.clip(own['b'], -1, 1), 'c': 0 * own['c'], 'other': own['a']}
    found = list(explain_answers(firmware, own))
    assert [one.layer for one in found] == ['a', 'b', 'c']
    assert [one.is_trouble for one in found] == [False, True, False]


def test_a_whole_model(tmp_path):
    layers = models.mlp((16, 32, 5))
    layers[1]['weight_data'] = np.where(np.abs(layers[1]['weight_data']) < 0.6, 0, layers[1]['weight_data'])
    layers[1]['weight_data'][0, 0] = 50
    found = explain(models.convert(layers, models.hls_config(), tmp_path))
    topics = {one.topic for one in found}
    assert {'zeros', 'reuse', 'board', 'types'} <= topics
    (types,) = [one for one in found if one.topic == 'types' and one.layer == 'fc1.weight' and 'outside' in one.text]
    assert '1 of 512 values' in types.text and '7 integer bits' in types.cure
