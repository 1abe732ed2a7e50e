"""Plans with paired slots beside wide ones: the choice of the knapsack, plan files, and plans on other weights."""

from dataclasses import replace

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.errors import ConfigError, PlanError
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.packing.narrow import narrowed_matrix
from hls4ml_hwprune.selection.alternatives import kernel_alternatives
from hls4ml_hwprune.selection.candidate import key_of
from hls4ml_hwprune.selection.knapsack.problem import Solution
from hls4ml_hwprune.selection.lazy import Chosen
from tests.models import conv2d, convert, dense, hls_config, input_layer

FLOW = ['vitis:hwprune']


def network(seed=0, n_hidden=24):
    rng = np.random.default_rng(seed)
    return [
        input_layer([16]),
        dense('first', rng.normal(size=(16, n_hidden)) * rng.gamma(0.5, size=(16, 1))),
        dense('second', rng.normal(size=(n_hidden, 8))),
    ]


def planned(folder, block, layers=None, below=None, part='xcvu13p-flga2577-2-e', **model):
    config = hls_config(block, FLOW, **model)
    if below:
        config['LayerName'] = below
    return convert(layers or network(), config, folder, part=part)


def plan_of(folder, block, *arguments, **options):
    return hls4ml_hwprune.get_plan(planned(folder, block, *arguments, **options))


def test_two_slots_in_a_dsp_keep_more_for_the_same(tmp_path):
    budget = {'Budget': {'DSP': 40}}
    wide, paired = (plan_of(tmp_path, {**budget, 'SlotWidth': width}) for width in ('config', 'auto'))
    assert plan_of(tmp_path, budget).as_dict() == wide.as_dict()
    assert {kernel.slot_bits for kernel in wide.kernels} == {0}
    assert {kernel.slot_bits for kernel in paired.kernels} == {6}
    assert paired.importance > 1.05 * wide.importance
    assert max(wide.after.dsp, paired.after.dsp) <= 40
    assert sum(kernel.n_kept for kernel in paired.kernels) > 1.5 * sum(kernel.n_kept for kernel in wide.kernels)
    assert 'two in a DSP at 6 bits' in ' '.join(str(paired).split())
    for kernel in paired.kernels:
        codes = np.rint(kernel.values * 1024).astype(np.int64)
        np.testing.assert_array_equal(narrowed_matrix(codes, kernel.slots.positions, 6), codes)


def test_a_design_that_fits_stays_as_it_is(tmp_path):
    plan = plan_of(tmp_path, {'Budget': {'DSP': '1x'}, 'SlotWidth': 'auto'})
    assert not any(kernel.changed for kernel in plan.kernels)


def test_a_layer_has_a_width_of_its_own(tmp_path):
    below = {'first': {'HWPrune': {'SlotWidth': 4}}}
    plan = plan_of(tmp_path, {'Budget': {'DSP': 40}}, below=below)
    assert [kernel.slot_bits for kernel in plan.kernels] == [4, 0]


@pytest.mark.parametrize(
    ('part', 'bits'), [('xc7k160tffg676-2', 5), ('xcku115-flvb2104-2-i', 6), ('xcvc1902-vsva2197-2MP-e-S', 6)]
)
def test_the_width_is_that_of_the_parts_dsp_blocks(part, bits, tmp_path):
    plan = plan_of(tmp_path, {'Budget': {'DSP': 30}, 'SlotWidth': 'auto'}, part=part)
    assert {kernel.slot_bits for kernel in plan.kernels} <= {0, bits}
    assert bits in {kernel.slot_bits for kernel in plan.kernels}


def test_saturating_sums_keep_the_order_of_hls4ml(tmp_path):
    precision = {'default': 'fixed<16,6>'}
    below = {name: {'Precision': {'accum': 'fixed<16,6,RND,SAT>'}} for name in ('first', 'second')}
    plan = plan_of(tmp_path, {'Budget': {'DSP': 40}, 'SlotWidth': 'auto'}, below=below, Precision=precision)
    assert {kernel.packing for kernel in plan.kernels} == {'aligned'}
    assert 6 in {kernel.slot_bits for kernel in plan.kernels}


def test_a_slot_alone_is_another_choice_than_a_wide_one(tmp_path):
    layers = [input_layer([16]), dense('fc', np.random.default_rng(0).normal(size=(16, 1)))]
    (layer,) = (one for one in read_layers(convert(layers, hls_config(ReuseFactor=16), tmp_path)) if one.kernels)
    (kernel,) = layer.kernels
    found = kernel_alternatives(layer, kernel, Settings(packing='aligned', slot_width='auto'), None)
    assert [one.kernel.slot_bits for one in found] == [0, 6]
    # Both have a table of the same slot, whose weights are rounded in one of them alone.
    found = [replace(one, option=replace(one.option, rebuilt=True)) for one in found]
    keys = {key_of(Chosen(((one, 1),), Solution([1], 0.0, 0.0, 'optimal'), frozenset())) for one in found}
    assert len(keys) == 2


def test_a_convolution_is_paired(tmp_path):
    layers = [input_layer([6, 6, 4]), conv2d('conv', np.random.default_rng(1).normal(size=(3, 3, 4, 8)), (6, 6))]
    plan = plan_of(tmp_path, {'Budget': {'DSP': 20}, 'SlotWidth': 'auto'}, layers, ReuseFactor=6)
    (kernel,) = plan.kernels
    assert kernel.slot_bits == 6
    assert kernel.after.dsp <= 20 < kernel.n_kept


def test_a_file_brings_the_plan_back_and_other_weights_are_rounded_anew(tmp_path):
    plan = plan_of(tmp_path / 'one', {'Budget': {'DSP': 40}, 'SlotWidth': 'auto'})
    plan.save(tmp_path / 'plan.json')
    again = plan_of(tmp_path / 'two', {'Plan': str(tmp_path / 'plan.json')})
    for ours, theirs in zip(plan.kernels, again.kernels, strict=True):
        assert (ours.slot_bits, ours.after.dsp) == (theirs.slot_bits, theirs.after.dsp)
        np.testing.assert_array_equal(ours.values, theirs.values)
    model = planned(tmp_path / 'three', {'Plan': str(tmp_path / 'plan.json')}, network(seed=1))
    for kernel in hls4ml_hwprune.get_plan(model).kernels:
        codes = np.rint(kernel.values * 1024).astype(np.int64)
        assert not np.array_equal(kernel.values, plan.kernels[0].values)
        np.testing.assert_array_equal(narrowed_matrix(codes, kernel.slots.positions, 6), codes)
    model.write()


def test_values_of_a_plan_are_those_that_its_slots_hold(tmp_path):
    plan = plan_of(tmp_path / 'one', {'Budget': {'DSP': 40}, 'SlotWidth': 'auto'})
    moved = [replace(k, values=k.values + np.where(k.mask, 2.0**-10, 0)) for k in plan.kernels]
    model = planned(tmp_path / 'two', {'Plan': replace(plan, kernels=moved)})
    for kernel in hls4ml_hwprune.get_plan(model).kernels:
        codes = np.rint(kernel.values * 1024).astype(np.int64)
        np.testing.assert_array_equal(narrowed_matrix(codes, kernel.slots.positions, 6), codes)
    model.write()


def test_a_plan_whose_pairs_do_not_fit_is_refused(tmp_path):
    plan = plan_of(tmp_path / 'one', {'Budget': {'DSP': 40}, 'SlotWidth': 'auto'})
    with pytest.raises(PlanError, match="pairs slots of 6 bits in the layer 'first', where a DSP block has room for 5 bits"):
        planned(tmp_path / 'two', {'Plan': plan}, part='xc7k160tffg676-2')


@pytest.mark.parametrize(
    ('change', 'message'), [({'slot_bits': 1}, 'slot_bits: expected 0, or 2 to 13'), ({'slots': None}, 'slots')]
)
def test_a_damaged_file_is_refused(change, message, tmp_path):
    plan = plan_of(tmp_path / 'one', {'Budget': {'DSP': 40}, 'SlotWidth': 'auto'})
    replace(plan, kernels=[replace(kernel, **change) for kernel in plan.kernels]).save(tmp_path / 'plan.json')
    with pytest.raises(PlanError, match=message):
        hls4ml_hwprune.Plan.load(tmp_path / 'plan.json')


@pytest.mark.parametrize('width', [1, 14, True, 6.0, 'narrow', '6'])
def test_a_width_that_is_none_is_refused(width, tmp_path):
    with pytest.raises(ConfigError, match=r'SlotWidth: .* is neither a whole number from 2 to 13 nor one of config, auto'):
        planned(tmp_path, {'Budget': {'DSP': 40}, 'SlotWidth': width})
