"""Firmware of constants that moved to cheaper codes: plan, budget and weights, and bit for bit what plain hls4ml makes."""

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.node.attributes import planned_weights
from hls4ml_hwprune.host.node.precision import quantise
from hls4ml_hwprune.host.node.weights import set_weights
from hls4ml_hwprune.passes.remove_dead import RemoveDeadStructure
from tests.host.firmware.projects import predictions
from tests.host.firmware.unit import compile_together
from tests.models import cnn, conv2d, convert, dense, flatten, hls_config, input_layer, mlp, relu
from tests.turns import in_turn

BACKENDS, IO_TYPES = ('Vivado', 'Vitis'), ('io_parallel', 'io_stream')
BUDGETS = {'some': {'DSP': '0.3x'}, 'none': {'DSP': 0}}
CONSTANTS = {'Strategy': 'Latency', 'ReuseFactor': 1}
UNIT = 2.0**-10


def small_cnn():
    rng = np.random.default_rng(1)
    return [
        input_layer((4, 4, 2)),
        conv2d('conv', rng.uniform(-1, 1, (2, 2, 2, 3)), (4, 4)),
        relu('relu'),
        flatten('flat', 27),
        dense('fc', rng.uniform(-1, 1, (27, 3)), rng.uniform(-1, 1, 3)),
    ]


NETWORKS = {'mlp': mlp((8, 12, 8, 4)), 'cnn': small_cnn()}


def project(network, folder, packing=None, budget=None, backend='Vitis', io_type='io_parallel', **model):
    """Convert a network with weights that are constants; without `packing` by plain hls4ml."""
    block = None if packing is None else {'Budget': budget, 'Packing': packing}
    flows = None if packing is None else [f'{backend.lower()}:hwprune']
    config = hls_config(block, flows, **{**CONSTANTS, **model})
    return convert(network, config, folder, backend, io_type=io_type)


def codes_of(model):
    """Codes of each kernel that the firmware will hold, by layer."""
    return {layer.name: layer.kernels[0].codes for layer in read_layers(model) if layer.kernels}


def samples(network, n=60):
    shape = network[0]['input_shape']
    return np.random.default_rng(3).uniform(-4, 4, (n, *shape)).astype(np.float32)


def check_plan(model, plain, budget):
    """Plan, estimate, masks and weights tell the same; return how many weights moved."""
    plan = hls4ml_hwprune.get_plan(model)
    assert plan.after == hls4ml_hwprune.estimate(model).total
    assert plan.before == hls4ml_hwprune.estimate(plain, plan.stage).total
    for name, bound in budget.items():
        share = float(bound[:-1]) if isinstance(bound, str) else 0.0
        assert getattr(plan.after, name.lower()) <= share * getattr(plan.before, name.lower())
    before, moved = codes_of(plain), 0
    for kernel in plan.kernels:
        assert kernel.packing == 'snapped'
        weights = planned_weights(model.graph[kernel.layer], kernel.n_in, kernel.n_out, 'weight')
        codes = quantise(weights, plain.graph[kernel.layer].weights['weight'].type.precision)
        assert np.array_equal(kernel.mask, codes != 0)
        # Dead neurons are gone from the finished design besides.
        assert kernel.n_kept == np.count_nonzero(codes_of(model)[kernel.layer])
        assert kernel.n_kept == kernel.mask.sum() or kernel.removed_inputs or kernel.removed_outputs
        assert np.array_equal(weights != 0, kernel.mask)
        # Nothing comes to life, and signs stay.
        assert np.all((codes == 0) | (np.sign(codes) == np.sign(before[kernel.layer])))
        changed = int((kernel.mask & (codes != before[kernel.layer])).sum())
        if changed:
            assert np.array_equal(weights, codes * UNIT)
        moved += changed
    return moved


def move_weights(model, plain):
    """Give a plain model the weights of the pruned one."""
    for kernel in hls4ml_hwprune.get_plan(model).kernels:
        weights = planned_weights(model.graph[kernel.layer], kernel.n_in, kernel.n_out, 'weight')
        set_weights(plain.graph[kernel.layer], weights)


def check_firmware(case, model, plain, x):
    """Compiled, both give the same outputs."""
    (ours,), (theirs,) = predictions(model, x), predictions(plain, x)
    np.testing.assert_array_equal(ours, theirs, err_msg=case)
    assert len(np.unique(ours)) > len(x) / 2, case


@pytest.mark.parametrize(('name', 'backend', 'io_type', 'few'), in_turn(list(NETWORKS), BACKENDS, IO_TYPES, list(BUDGETS)))
def test_plan_holds(name, backend, io_type, few, tmp_path):
    network, budget = NETWORKS[name], BUDGETS[few]
    model = project(network, tmp_path / 'ours', 'snapped', budget, backend, io_type)
    plain = project(network, tmp_path / 'plain', backend=backend, io_type=io_type)
    assert check_plan(model, plain, budget)


# Where weights move and are pruned besides, plans take long.
SHORT = {'short mlp': mlp((8, 10, 4))}
CASES = [
    ('mlp', 'Vitis', 'io_parallel', {'DSP': '0.3x'}, 'Latency'),
    ('mlp', 'Vivado', 'io_parallel', {'DSP': 0}, 'Latency'),
    ('short mlp', 'Vitis', 'io_stream', {'DSP': 0, 'LUT': '0.6x'}, 'Latency'),
    ('short mlp', 'Vivado', 'io_stream', {'DSP': '0.3x', 'LUT': '0.6x'}, 'Latency'),
    ('cnn', 'Vitis', 'io_parallel', {'DSP': 0, 'LUT': '1x'}, 'Latency'),
    ('cnn', 'Vivado', 'io_parallel', {'DSP': '0.3x', 'LUT': '1x'}, 'Latency'),
    ('cnn', 'Vitis', 'io_stream', {'DSP': '0.3x'}, 'Latency'),
    ('cnn', 'Vivado', 'io_stream', {'DSP': 0}, 'Latency'),
    ('cnn', 'Vitis', 'io_parallel', {'DSP': '0.3x'}, 'Resource'),
]


@pytest.mark.parametrize('backend', BACKENDS)
def test_bit_exact(backend, tmp_path):
    pairs = {}
    for case in CASES:
        name, where, io_type, budget, strategy = case
        if where == backend:
            folder = tmp_path / f'project{len(pairs)}'
            options = {'backend': backend, 'io_type': io_type, 'Strategy': strategy}
            network = (NETWORKS | SHORT)[name]
            model = project(network, folder / 'ours', 'snapped', budget, **options)
            plain = project(network, folder / 'plain', **options)
            assert check_plan(model, plain, budget), case
            # Where LUTs are short too, weights are pruned besides, so that layers are sparse ones.
            assert hls4ml_hwprune.get_plan(model).pruned == ('LUT' in budget), case
            move_weights(model, plain)
            pairs[str(case)] = model, plain, samples(network)
    compile_together([model for *both, _ in pairs.values() for model in both])
    for case, pair in pairs.items():
        check_firmware(case, *pair)


# Pruned to no DSP at all the outputs would be constants.
@pytest.mark.parametrize('budget', [BUDGETS['some'], {'DSP': 4}], ids=str)
@pytest.mark.parametrize('network', [*NETWORKS.values(), cnn()], ids=[*NETWORKS, 'positive cnn'])
def test_weights_deviate_less_than_when_pruned(network, budget, tmp_path, monkeypatch):
    # Dead neurons would be gone from one and not from the other.
    monkeypatch.setattr(RemoveDeadStructure, 'transform', lambda self, model: False)
    exact = codes_of(project(network, tmp_path / 'plain'))
    deviations = {}
    for packing in ('aligned', 'snapped'):
        model = project(network, tmp_path / packing, packing, budget)
        deviations[packing] = sum(np.square(codes - exact[name]).sum() for name, codes in codes_of(model).items())
    assert deviations['snapped'] < 0.1 * deviations['aligned']


@pytest.mark.parametrize('packing', ['aligned', 'snapped'])
def test_nothing_changes_within_a_loose_budget(packing, tmp_path):
    network = NETWORKS['mlp']
    model, plain = project(network, tmp_path / 'ours', packing, {'DSP': '1x'}), project(network, tmp_path / 'plain')
    plan = hls4ml_hwprune.get_plan(model)
    assert (plan.pruned, plan.after, plan.objective) == (False, plan.before, pytest.approx(plan.total_importance))
    for name, codes in codes_of(model).items():
        assert np.array_equal(codes, codes_of(plain)[name])


@pytest.mark.parametrize('backend', BACKENDS)
def test_shared_multipliers_are_pruned_as_aligned(backend, tmp_path):
    plans, weights = [], []
    for packing in ('aligned', 'snapped'):
        options = {'Strategy': 'Resource', 'ReuseFactor': 4}
        model = project(mlp((16, 32, 8)), tmp_path / packing, packing, {'DSP': '0.3x'}, backend, **options)
        plans.append(hls4ml_hwprune.get_plan(model))
        weights.append(codes_of(model))
    aligned, snapped = plans
    assert snapped.as_dict() == aligned.as_dict()
    for ours, theirs in zip(snapped.kernels, aligned.kernels, strict=True):
        assert ours.as_dict() | {'packing': 'aligned'} == theirs.as_dict()
        assert np.array_equal(ours.mask, theirs.mask)
        assert np.array_equal(weights[1][ours.layer], weights[0][ours.layer])


@pytest.mark.parametrize('precision', ['fixed<16,6>', 'fixed<16,6,RND,SAT>'], ids=['wraps', 'saturates'])
def test_weights_out_of_range(precision, tmp_path):
    network = mlp((10, 16, 4))
    network[1]['weight_data'][0, 0] = 100.0
    model = project(network, tmp_path / 'ours', 'snapped', {'DSP': 0}, Precision={'default': precision})
    plain = project(network, tmp_path / 'plain', Precision={'default': precision})
    before, after = codes_of(plain), codes_of(model)
    for name, codes in after.items():
        assert np.abs(codes - before[name]).max() <= 0.25 * np.abs(before[name]).max()
    check_plan(model, plain, {'DSP': 0})
