"""A layer with two kernels: read, planned, calibrated, written to a file, applied, and read back."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.calibration.emulated import open_emulated
from hls4ml_hwprune.calibration.layerwise import Targets, match_layers
from hls4ml_hwprune.calibration.statistics import kernel_statistics
from hls4ml_hwprune.config import Settings, parse_settings
from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.host.dead_structure.dataflow import read_wiring
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.host.graph.autodiff import backpropagate, forward_model
from hls4ml_hwprune.host.node.attributes import kept_mask, packed_kernel, pruned_roles
from hls4ml_hwprune.host.node.weights import weight_matrix
from hls4ml_hwprune.host.session.plan_store import get_plan, store_plan
from hls4ml_hwprune.kernel_map import kernels_by_key
from hls4ml_hwprune.passes.application import apply_to_graph, finished
from hls4ml_hwprune.passes.pack import PackSparseWeights
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import KernelKey
from hls4ml_hwprune.resources import estimate_layers, layer_cycles
from hls4ml_hwprune.selection.design import planned_kernels, read_design
from hls4ml_hwprune.selection.planner import make_plan
from hls4ml_hwprune.selection.reapply import apply_plan
from tests import models
from tests.host.families.doubled import ROLES, doubled, layer  # noqa: F401  # a fixture
from tests.host.graph.graphs import from_layers

FIRST, SECOND = KernelKey('two'), KernelKey('two', 'second_weight')
pytestmark = pytest.mark.usefixtures('doubled')


@pytest.fixture
def model(tmp_path):
    rng = np.random.default_rng(1)
    layers = [models.input_layer((8,)), layer('two', 8, 6), models.relu('relu'), models.dense('fc', rng.normal(size=(6, 4)))]
    return from_layers(layers, tmp_path, two={'ReuseFactor': 2})


def planned(model, carried_out=True, **block):
    settings = parse_settings({'Model': {'HWPrune': block}})
    layers = read_layers(model)
    wiring = read_wiring(model, planned_kernels(layers, settings))
    finish = (lambda plan: finished(model, plan)) if carried_out else None
    return make_plan(layers, settings, lookup(models.PART), wiring, finish)


def test_both_are_read_under_names_of_their_own(model):
    kernels = kernels_by_key(read_layers(model))
    assert list(kernels) == [FIRST, SECOND, KernelKey('fc')]
    assert [kernels[key].reuse_factor for key in (FIRST, SECOND)] == [2, 4]
    assert [str(key) for key in kernels] == ['two', 'two.second_weight', 'fc']


def test_each_has_its_share_of_a_plan(model):
    plan = planned(model, Budget={'DSP': 20})
    kept = {kernel.key: (kernel.n_kept, kernel.n_slots) for kernel in plan.kernels}
    assert [slots for _, slots in kept.values()] == [24, 12, 8]
    assert sum(n for n, _ in kept.values()) == plan.after.dsp <= 20
    assert all(0 < n < slots for n, slots in kept.values())


def test_they_run_side_by_side(model):
    layers = {one.name: one for one in read_layers(model)}
    alone = [layer_cycles(replace(layers['two'], kernels=(kernel,))) for kernel in layers['two'].kernels]
    assert alone[0][1] < alone[1][1]
    assert layer_cycles(layers['two']) == alone[1]
    whole = estimate_layers(tuple(layers.values())).design
    # hls4ml knows no legal reuse factors of a made-up layer.
    assert planned(model, carried_out=False, ReuseFactor='auto', II=whole.ii - 1).timing_after.ii < whole.ii
    faster = planned(model, carried_out=False, ReuseFactor='auto', Latency=whole.latency_max - 1)
    assert faster.timing_after.latency_max < whole.latency_max
    with pytest.raises(InfeasibleError, match='II'):
        planned(model, II=whole.ii - 1)


def test_a_plan_comes_back_from_its_file_and_is_applied(model, tmp_path):
    plan = planned(model, Budget={'DSP': 20})
    plan.save(tmp_path / 'plan.json')
    found = Plan.load(tmp_path / 'plan.json')
    assert found == plan
    again = apply_plan(found, read_layers(model), Settings(), lookup(models.PART))
    assert [kernel.n_kept for kernel in again.kernels] == [kernel.n_kept for kernel in plan.kernels]


def test_both_are_pruned_in_the_graph_and_packed(model):
    plan = planned(model, Budget={'DSP': 20})
    masks = {kernel.key: kernel.mask for kernel in plan.kernels}
    apply_to_graph(model, plan)
    store_plan(model, plan)
    node = model.graph['two']
    assert node.class_name == 'SparseDoubled'
    assert set(pruned_roles(node)) == set(ROLES)
    for role in ROLES:
        np.testing.assert_array_equal(kept_mask(node, role), masks[KernelKey('two', role)])
        assert not weight_matrix(node, 8, 6, role)[~masks[KernelKey('two', role)]].any()
    for one, other in zip(get_plan(model).kernels, plan.kernels, strict=True):
        assert one == other
        np.testing.assert_array_equal(one.mask, other.mask)
    packing = PackSparseWeights()
    assert packing.match(node)
    packing.transform(model, node)
    assert not packing.match(node)
    for kernel in plan.kernels[:2]:
        assert packed_kernel(node, kernel.role)['n_kept'] == kernel.n_kept
        assert len(list(node.weights[kernel.role])) == kernel.n_kept * kernel.reuse_factor


def test_gradients_and_statistics_are_of_both(model):
    x = np.random.default_rng(2).normal(size=(60, 8))
    settings = Settings()
    kernels = list(kernels_by_key(read_layers(model)).values())
    network = open_emulated(model, kernels, [x])
    values = forward_model(model, [x])
    own = {role: weight_matrix(model.graph['two'], 8, 6, role) for role in ROLES}
    np.testing.assert_allclose(values['two'], x @ (own['weight'] + own['second_weight']).T, rtol=1e-6)
    others = {SECOND: (np.zeros((6, 8)), np.zeros(6))}
    np.testing.assert_allclose(forward_model(model, [x], others)['two'], x @ own['weight'].T, rtol=1e-6)
    back = backpropagate(model, values, {'two': np.ones_like(values['two'])}, others)
    np.testing.assert_allclose(back['x'], np.tile(own['weight'].sum(axis=0), (60, 1)), rtol=1e-6)
    found = kernel_statistics(network, network.start, network.emulated, network.fitted)
    np.testing.assert_allclose(found[SECOND].second_moment, x.T @ x / 60, rtol=1e-4)
    measured = read_design(read_layers(model), settings)
    assert {kernel.key for kernel in measured.kernels} == {FIRST, SECOND, KernelKey('fc')}


def test_one_makes_up_for_the_other(model):
    """What the second loses of the layer's outputs, the first can bring, and nothing more."""
    x = np.random.default_rng(2).normal(size=(60, 8))
    network = open_emulated(model, list(kernels_by_key(read_layers(model)).values()), [x])
    kept = {key: np.ones(affine.weights.shape, bool) for key, affine in network.start.items()}
    kept[SECOND][:, :4] = False
    start = {key: replace(affine, weights=np.where(kept[key], affine.weights, 0)) for key, affine in network.start.items()}

    def as_it_is(key, affine, inputs):
        return affine

    halves = (network.fitted[::2], network.fitted[1::2])
    found = match_layers(
        network, start, kept, network.emulated, Targets(network.start, network.emulated), as_it_is, lambda key: halves
    )
    before, after = (network.emulated(parameters, network.fitted)['two'] for parameters in (network.start, found))
    np.testing.assert_allclose(after, before, atol=0.05)
    assert np.abs(found[FIRST].weights - start[FIRST].weights).max() > 0.1
