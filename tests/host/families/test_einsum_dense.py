"""EinsumDense layers: sparse firmware bit for bit, and arithmetic in floating point that of numpy."""

import copy

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.host.graph.autodiff import backpropagate, forward_model
from hls4ml_hwprune.host.node.weights import bias_rows, bias_vector, set_bias
from hls4ml_hwprune.records import KernelKey
from tests import models
from tests.host.firmware.projects import both_outputs, select, zero_like
from tests.host.graph.graphs import from_layers

RNG = np.random.default_rng(0)


def einsum(name, equation, read, weights, made):
    return {
        'class_name': 'EinsumDense',
        'name': name,
        'equation': equation,
        'inp_shape': read,
        'out_shape': made,
        'weight_data': RNG.normal(0, 0.5, weights),
        'bias_data': RNG.normal(0, 0.3, made),
    }


# Weights for the last axis, as in attention; for the first one, as in mixers; for two axes; and of an axis that both have.
LAYERS = [
    models.input_layer((6, 8)),
    einsum('last', 'bc,cd->bd', (6, 8), (8, 5), (6, 5)),
    models.relu('relu'),
    einsum('first', 'bc,be->ec', (6, 5), (6, 4), (4, 5)),
    einsum('heads', 'bc,cde->bde', (4, 5), (5, 2, 3), (4, 2, 3)),
    einsum('apart', 'bde,bef->bdf', (4, 2, 3), (4, 3, 2), (4, 2, 2)),
]
PRUNED = ('last', 'first', 'heads')


@pytest.mark.parametrize(('backend', 'reuse_factor', 'share'), [('Vivado', 1, 0.4), ('Vitis', 2, 0.0)])
def test_bit_exact(backend, reuse_factor, share, tmp_path, monkeypatch):
    config = models.hls_config({'Budget': {'DSP': '1x'}}, [f'{backend.lower()}:hwprune'], Strategy='Latency')
    config['Model']['ReuseFactor'] = reuse_factor
    own = {key: copy.deepcopy(value) for key, value in config.items() if key != 'Flows'}
    own['Model'].pop('HWPrune')
    plain = models.convert(LAYERS, own, tmp_path / 'plain', backend)
    select(monkeypatch, lambda kernel, n: round((share if kernel == 'last' else 0.5) * n))
    sparse = models.convert(LAYERS, config, tmp_path / 'sparse', backend)
    plan = hls4ml_hwprune.get_plan(sparse)
    assert tuple(kernel.layer for kernel in plan.kernels) == PRUNED
    assert 'differ along an axis' in plan.not_pruned['apart']
    zero_like(plain, plan)
    x = np.random.default_rng(1).normal(0, 2, (40, 6, 8)).astype(np.float32)
    (ours,), (theirs,) = both_outputs(sparse, plain, x)
    np.testing.assert_array_equal(ours, theirs)
    assert np.ptp(theirs) > 0


@pytest.fixture
def model(tmp_path):
    return from_layers(LAYERS[:-1], tmp_path)


def by_numpy(values, layer):
    return np.einsum(layer['equation'].replace('b', 'nb', 1).replace('->', '->n'), values, layer['weight_data'])


def test_arithmetic_is_that_of_numpy(model):
    x = np.random.default_rng(1).normal(0, 1, (7, 6, 8))
    values, last = forward_model(model, [x]), x
    for layer in LAYERS[1:-1]:
        last = np.maximum(last, 0) if layer['name'] == 'relu' else by_numpy(last, layer) + layer['bias_data']
        np.testing.assert_allclose(values[layer['name']].reshape(last.shape), last, rtol=1e-6)
    seed = np.random.default_rng(2).normal(size=values['heads'].shape)
    back = backpropagate(model, values, {'heads': seed})
    step = 1e-6 * np.random.default_rng(3).normal(size=x.shape)
    ahead, behind = (forward_model(model, [x + sign * step])['heads'] for sign in (1, -1))
    np.testing.assert_allclose((back['x'] * step).sum(), ((ahead - behind) / 2 * seed).sum(), rtol=1e-4)


def test_other_weights_and_biases_keep_the_differences_of_positions(model):
    node = model.graph['first']
    rows, bias = bias_rows(node), bias_vector(node)
    assert rows.shape == (5, 4)
    x = np.random.default_rng(1).normal(0, 1, (7, 6, 8))
    own = (np.zeros((4, 6)), bias + 1)
    found = forward_model(model, [x], {KernelKey('first'): own})['first']
    np.testing.assert_allclose(found, np.broadcast_to(LAYERS[3]['bias_data'] + 1, (7, 4, 5)), rtol=1e-6)
    set_bias(node, bias + 1)
    np.testing.assert_allclose(bias_rows(node), rows + 1)
