"""Multiplexers that slots share: the same hardware has the same price under every packing, and for whole kernels."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.config import LayerSettings, Settings
from hls4ml_hwprune.config.budget import Bound
from hls4ml_hwprune.config.settings import Objective
from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.packing import block_lanes, in_own_order, own_slots, pack, slot_table
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Kernel, Layer, Target
from hls4ml_hwprune.resources import estimate_layers, kernel_resources
from hls4ml_hwprune.selection.curves import kernel_curve
from hls4ml_hwprune.selection.planner import make_plan
from hls4ml_hwprune.selection.reapply import apply_plan
from hls4ml_hwprune.selection.source import Source

PART = 'xcvu13p-flga2577-2-e'
STAGES = ('csynth', 'vsynth')
SHAPES = [(64, 32, 4), (32, 32, 8), (16, 64, 2), (48, 16, 3), (64, 16, 64)]


def kernel(n_in, n_out, rf, tool='Vivado HLS', name='fc', **more):
    codes = np.rint(np.random.default_rng(n_in + rf).normal(0, 300, (n_out, n_in))).astype(np.int64)
    codes[codes == 0] = 1
    target = Target(PART, 5.0, tool)
    return Kernel(name, 'weight', n_in, n_out, rf, 'resource', 1, codes / 1024, codes, 16, 16, 38, target=target, **more)


def layer(one, before=()):
    return Layer(one.layer, 'Dense', 'io_parallel', before, kernels=(one,), target=one.target)


def planned(one, packing, budget, stage='csynth', **more):
    bounds = {name: Bound(amount, '') for name, amount in budget.items()}
    asked = Settings(budget=bounds, packing=packing, stage=stage, **more)
    return make_plan([layer(one)], asked, lookup(PART))


@pytest.mark.parametrize('stage', STAGES)
@pytest.mark.parametrize('shape', SHAPES)
def test_the_same_slots_have_the_same_price_with_and_without_their_table(shape, stage):
    k = kernel(*shape)
    groups = pack(k, 'aligned', np.abs(k.values))
    for share in (0.1, 0.5, 0.9):
        kept = np.random.default_rng(1).permutation(k.n_slots)[: max(1, int(share * k.n_slots))]
        mask = groups.mask(kept, k.codes.shape)
        plain = replace(k, kept=mask)
        tabled = replace(plain, slots=own_slots(k, mask))
        assert in_own_order(tabled.slots)
        assert kernel_resources(plain, stage) == kernel_resources(tabled, stage)
        # So have as many slots of another order of the inputs that read as many blocks.
        other = np.random.default_rng(2).permutation(k.n_in)
        moved = np.arange(k.n_out)[:, None] * k.n_in + other
        index = replace(groups, index=moved.reshape(k.n_slots, -1))
        permuted = slot_table(k, 'permuted', index, kept)
        assert len(permuted.lane_inputs) == len(tabled.slots.lane_inputs)
        there = replace(k, kept=index.mask(kept, k.codes.shape), slots=permuted)
        assert kernel_resources(there, stage) == kernel_resources(plain, stage)


@pytest.mark.parametrize('packing', ['aligned', 'permuted', 'bram'])
@pytest.mark.parametrize('stage', STAGES)
@pytest.mark.parametrize('shape', SHAPES)
def test_every_point_of_a_curve_is_priced_as_it_is_built(shape, stage, packing):
    curve = kernel_curve(Source.of(kernel(*shape), 'l1', stage), packing)
    for k in (0, 1, 2, curve.value.size // 2, curve.value.size - 2, curve.value.size - 1):
        kept = curve.at(k)
        left = replace(curve.kernel, codes=kept.codes, kept=kept.mask, slots=kept.slots)
        assert kernel_resources(left, stage).as_array() == pytest.approx(curve.cost[k]), k


def test_blocks_are_counted_once():
    k = kernel(16, 4, 4)
    index = pack(k, 'aligned', np.abs(k.values)).index
    assert block_lanes(k, index[[0, 4, 8, 1, 5, 2]]).tolist() == [0, 1, 1, 1, 2, 2, 3]
    assert block_lanes(k, pack(k, 'bram', np.abs(k.values)).index)[-1] == 4


@pytest.mark.parametrize('tool', ['Vivado HLS', 'Vitis HLS'])
@pytest.mark.parametrize('stage', STAGES)
@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('share', [0.2, 0.5, 0.8])
def test_aligned_keeps_as_many_slots_as_permuted(shape, stage, tool, share):
    k = kernel(*shape, tool)
    groups = kernel_curve(Source.of(k, 'l1', stage), 'permuted')
    lut = groups.cost[int(share * k.n_slots), 3]
    kept = {}
    for packing in ('aligned', 'permuted'):
        (found,) = planned(k, packing, {'dsp': 0.8 * k.n_slots, 'lut': lut}, stage).kernels
        kept[packing] = found.n_kept
    # An order of inputs can do with fewer blocks, a multiplexer each: with a slot or two less elsewhere.
    lanes = groups.lanes[kept['permuted']]
    each = groups.cost[k.n_slots // 2, 3] - groups.cost[k.n_slots // 2 - 1, 3]
    spare = k.n_in // k.reuse_factor - lanes
    multiplexer = max(0.0, groups.cost[1, 3] - 2 * each)
    assert kept['aligned'] >= kept['permuted'] - np.ceil(spare * multiplexer / max(each, 1))


def test_dsp_and_lut_bounds_of_a_layer_keep_alike_shares_at_both_stages():
    # Priced by a 64:1 multiplexer a slot, `aligned` kept 29 of 512 slots at csynth, and 281 at vsynth.
    k = kernel(64, 32, 4)
    kept = {
        (packing, stage): planned(k, packing, {'dsp': 281, 'lut': 9000}, stage).kernels[0].n_kept
        for packing in ('aligned', 'permuted')
        for stage in STAGES
    }
    assert kept['aligned', 'csynth'] > 100
    for stage in STAGES:
        assert kept['aligned', stage] == kept['permuted', stage]


@pytest.mark.parametrize('packing', ['auto', 'aligned', 'bram', 'permuted', 'balanced'])
def test_a_whole_kernel_shares_multiplexers_where_the_budget_needs_it(packing):
    k = kernel(16, 32, 4)
    before = estimate_layers([layer(k)]).total
    (own,) = planned(k, packing, {'lut': before.lut}).kernels
    assert (own.n_kept, own.slots, own.changed, own.after) == (128, None, False, own.before)
    plan = planned(k, packing, {'lut': before.lut // 2})
    (shared,) = plan.kernels
    assert (shared.n_kept, shared.pruned, shared.changed) == (128, False, True)
    assert in_own_order(shared.slots)
    assert plan.after.lut <= before.lut // 2
    assert plan.importance == plan.total_importance
    assert 'shared input multiplexers' in str(plan)
    # A few slots less are no cliff.
    less = planned(k, packing, {'lut': plan.after.lut - 1})
    assert 0 < plan.after.lut - less.after.lut < 100 * (128 - less.kernels[0].n_kept)


def test_kernels_stay_as_they_are_one_by_one():
    kernels = [kernel(16, 32, 4, name='a'), kernel(32, 16, 4, name='b')]
    layers = [layer(kernels[0]), layer(kernels[1], ('a',))]
    before = estimate_layers(layers).total
    costs = [kernel_resources(k).lut for k in kernels]
    shared = [kernel_resources(replace(k, kept=k.codes != 0, slots=own_slots(k))).lut for k in kernels]
    gains = [was - now for was, now in zip(costs, shared, strict=True)]
    asked = Settings(budget={'lut': Bound(before.lut - min(gains), '')}, stage='csynth')
    plan = make_plan(layers, asked, lookup(PART))
    assert sorted(one.replaced for one in plan.kernels) == [False, True]
    assert plan.importance == plan.total_importance


def test_the_least_of_a_resource_takes_the_cheaper_kernel():
    k = kernel(16, 32, 4)
    plan = planned(k, 'aligned', {}, objective=Objective({'lut': 1.0}, 1.0))
    assert plan.kernels[0].replaced
    assert plan.after.lut < plan.before.lut
    of_dsp = planned(k, 'aligned', {}, objective=Objective({'dsp': 1.0}, 1.0))
    assert not of_dsp.kernels[0].replaced


def test_logic_synthesis_needs_no_other_kernel():
    k = kernel(16, 32, 4)
    curve = kernel_curve(Source.of(k, 'l1', 'vsynth'), 'aligned')
    assert not curve.rebuilt
    assert curve.at(128).slots is None


def test_plans_of_whole_kernels_are_saved_and_applied(tmp_path):
    k = kernel(16, 32, 4, ordered_sums=True)
    bound = {'lut': kernel_resources(k).lut // 2}
    plan = planned(k, 'auto', bound)
    assert plan.kernels[0].slots is not None
    plan.save(tmp_path / 'plan.json')
    read = Plan.load(tmp_path / 'plan.json')
    asked = Settings(budget={'lut': Bound(bound['lut'], '')}, layers={'fc': LayerSettings()}, stage='csynth')
    applied = apply_plan(read, [layer(k)], asked, lookup(PART))
    assert applied.after == plan.after
    # Another order of the same slots changes sums, which saturate here.
    slots = plan.kernels[0].slots
    turned = replace(slots, positions=slots.positions[:, ::-1], lane_inputs=slots.lane_inputs[:, ::-1])
    with pytest.raises(PlanError, match='order of additions'):
        apply_plan(replace(plan, kernels=[replace(plan.kernels[0], slots=turned)]), [layer(k)], asked, lookup(PART))


@pytest.mark.parametrize('packing', ['aligned', 'bram'])
def test_plans_without_a_table_are_applied_at_the_price_of_shared_multiplexers(packing, tmp_path):
    k = kernel(32, 16, 4)
    plan = planned(k, packing, {'dsp': 60})
    assert plan.kernels[0].slots is None
    assert 0 < plan.kernels[0].n_kept <= 60
    plan.save(tmp_path / 'plan.json')
    applied = apply_plan(Plan.load(tmp_path / 'plan.json'), [layer(k)], Settings(stage='csynth'), lookup(PART))
    assert applied.after == plan.after
