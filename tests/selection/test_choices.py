"""Reuse factors and packings chosen together are the best of all that can be fixed by hand."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest

from hls4ml_hwprune import tools
from hls4ml_hwprune.config import LayerSettings, Period, Settings
from hls4ml_hwprune.config.budget import Bound
from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.errors import ConfigError, InfeasibleError
from hls4ml_hwprune.records import Kernel, Layer, Target
from hls4ml_hwprune.resources import estimate_layers, kernel_resources, legal_reuse_factors
from hls4ml_hwprune.selection import Curve, Problem
from hls4ml_hwprune.selection.alternatives import kernel_alternatives
from hls4ml_hwprune.selection.curves import kernel_curve, optimistic_curve
from hls4ml_hwprune.selection.design import read_design
from hls4ml_hwprune.selection.knapsack import solver
from hls4ml_hwprune.selection.knapsack.solver import promising, solve
from hls4ml_hwprune.selection.planner import plan_design
from hls4ml_hwprune.selection.snapping import snapped_curves
from hls4ml_hwprune.selection.source import Source
from tests.turns import in_turn

PART = 'xcvu13p-flga2577-2-e'
SIZES = (12, 8, 6)


def dense_layers(tool, seed=0):
    rng = np.random.default_rng(seed)
    layers, before = [], ()
    for number, (n_in, n_out) in enumerate(pairwise(SIZES)):
        codes = np.rint(rng.normal(0, 300, (n_out, n_in)) * np.exp(rng.normal(0, 0.7, (1, n_in)))).astype(np.int64)
        target = Target(PART, 5.0, tool)
        kernel = Kernel(
            f'fc{number}', 'weight', n_in, n_out, 4, 'resource', 1, codes / 1024, codes, 16, 16, 32, target=target
        )
        layers.append(Layer(f'fc{number}', 'Dense', 'io_parallel', before, kernels=(kernel,), target=target))
        before = (f'fc{number}',)
    return layers


def settings(**options):
    bounds = {name: Bound(amount, '') for name, amount in options.pop('budget').items()}
    return Settings(budget=bounds, **options)


def importance(design, asked):
    try:
        return plan_design(design, asked, lookup(PART)).importance
    except InfeasibleError:
        return -1.0


BOUNDS = [({'dsp': 12, 'lut': 1500}, 30, None), ({'dsp': 20, 'lut': 3000, 'bram18': 9}, 22, 8), ({'lut': 900}, None, 12)]


@pytest.mark.parametrize(('bounds', 'tool'), in_turn(BOUNDS, ['Vitis HLS', 'Vivado HLS']), ids=str)
def test_no_choice_by_hand_is_better(bounds, tool):
    budget, latency, ii = bounds
    layers = dense_layers(tool)
    asked = settings(budget=budget, latency=None if latency is None else Period(latency), ii=ii, reuse_factor='auto')
    design = read_design(layers, asked)
    plan = plan_design(design, asked, lookup(PART))
    assert plan.status == 'optimal'
    kept = design.with_kernels([replace(k, **left(plan, k)) for k in design.kernels])
    after = estimate_layers(kept, asked.stage)
    assert after.total == plan.after
    assert all(getattr(plan.after, name) <= bound for name, bound in budget.items())
    assert latency is None or plan.timing_after.latency_max <= latency
    assert ii is None or plan.timing_after.ii <= ii
    best = -1.0
    factors = [legal_reuse_factors(kernel.n_in, kernel.n_out) for kernel in design.kernels]
    for chosen in product(*factors):
        fixed = {kernel.layer: LayerSettings(reuse_factor=f) for kernel, f in zip(design.kernels, chosen, strict=True)}
        by_hand = replace(asked, layers=fixed)
        best = max(best, importance(read_design(layers, by_hand), by_hand))
    assert plan.importance == pytest.approx(best, rel=2e-6)


def left(plan, kernel):
    (found,) = [k for k in plan.kernels if k.layer == kernel.layer]
    codes = np.where(found.mask, kernel.codes if found.values is None else np.rint(found.values), 0).astype(np.int64)
    return {'reuse_factor': found.reuse_factor, 'codes': codes, 'kept': found.mask, 'slots': found.slots}


@pytest.mark.parametrize('seed', range(4))
def test_auto_is_no_worse_than_any_packing(seed):
    layers = dense_layers('Vitis HLS', seed)
    for budget in ({'dsp': 15}, {'dsp': 15, 'lut': 1200}, {'lut': 1000, 'ff': 700}):
        asked = settings(budget=budget)
        found = {
            packing: importance(read_design(layers, one), one)
            for packing in ('auto', 'aligned', 'permuted', 'balanced', 'bram')
            for one in [replace(asked, packing=packing)]
        }
        assert found['auto'] >= max(found.values()) * (1 - 2e-6)


def test_packings_that_take_a_search_are_not_looked_for_where_they_cannot_help(monkeypatch):
    layers, searched = dense_layers('Vitis HLS'), []
    real = kernel_curve

    def counted(source, packing, *order):
        searched.append(packing)
        return real(source, packing, *order)

    for room in ('alternatives', 'curves'):
        monkeypatch.setattr(f'hls4ml_hwprune.selection.{room}.kernel_curve', counted)
    for budget, expected in (({'dsp': 15}, False), ({'dsp': 15, 'lut': 1200}, True)):
        searched.clear()
        asked = settings(budget=budget)
        plan_design(read_design(layers, asked), asked, lookup(PART))
        assert ('permuted' in searched) == expected


def test_an_optimistic_curve_bounds_the_packing_that_it_stands_for():
    (layer, *_) = dense_layers('Vitis HLS')
    source = Source.of(layer.kernels[0], 'l1')
    hoped = optimistic_curve(kernel_curve(source, 'balanced'), 'permuted').points
    found = kernel_curve(source, 'permuted').points
    n = min(hoped.value.size, found.value.size)
    assert (hoped.value[:n] >= found.value[:n] - 1e-12).all()
    # So do its costs, by one multiplexer of the three at the most, until as many outputs as slots read it.
    assert (hoped.cost[:n] <= found.cost[:n]).all()
    assert (hoped.cost[:n, 0] == found.cost[:n, 0]).all()


def test_reuse_factors_that_are_too_slow_alone_are_left_out():
    (layer, *_) = dense_layers('Vitis HLS')
    choices = kernel_alternatives(layer, layer.kernels[0], Settings(reuse_factor='auto'), 10)
    assert {choice.kernel.reuse_factor for choice in choices} == {1, 2, 3, 4, 6}


@pytest.mark.parametrize(('tool', 'least'), [('Vivado HLS', 2), ('Vitis HLS', 1)])
def test_more_constants_than_vivado_takes_apart_are_no_choice(tool, least, monkeypatch):
    (layer, *_) = dense_layers(tool)
    shared = replace(layer.kernels[0], reuse_factor=2)
    limited = replace(tools.tool_named('Vivado HLS'), largest_array=shared.n_in * shared.n_out - 1)
    monkeypatch.setitem(tools._TOOLS, 'Vivado HLS', limited)
    settings = Settings(reuse_factor='auto')
    assert kernel_alternatives(layer, shared, settings, None)[0].kernel.reuse_factor == least
    own = replace(shared, reuse_factor=1)
    assert kernel_alternatives(layer, own, settings, None)[0].kernel.reuse_factor == 1


def test_saturating_accumulators_keep_their_order():
    (layer, *_) = dense_layers('Vitis HLS')
    ordered = replace(layer.kernels[0], ordered_sums=True)
    choices = kernel_alternatives(layer, ordered, Settings(reuse_factor='auto'), None)
    assert {choice.option.packing for choice in choices if choice.kernel.multiplexed} == {'aligned'}


@pytest.mark.parametrize('packing', ['balanced', 'permuted'])
def test_the_order_of_sums_is_asked_of_the_reuse_factor_that_is_chosen(packing):
    (layer, *_) = dense_layers('Vitis HLS')
    once = replace(layer.kernels[0], ordered_sums=True, reuse_factor=1)
    found = kernel_alternatives(layer, once, Settings(packing=packing), None)
    assert {choice.kernel.reuse_factor for choice in found} == {1}
    for asked in (3, 'auto'):
        with pytest.raises(ConfigError, match=rf'{packing}.*order of additions'):
            kernel_alternatives(layer, once, Settings(packing=packing, reuse_factor=asked), None)
    # Nor does the reuse factor count that it would not have.
    shared = replace(once, reuse_factor=3)
    found = kernel_alternatives(layer, shared, Settings(packing=packing, reuse_factor=1), None)
    assert {choice.kernel.reuse_factor for choice in found} == {1}


def test_alternatives_that_cannot_be_part_of_anything_better():
    good, bad = Curve([0, 5, 9], [[0], [1], [2]]), Curve([0, 1, 2], [[0], [1], [2]])
    problem = Problem([[bad, good], [good, bad]], [3])
    best = solve(problem).objective
    found, bound = promising(problem, best - 0.5)
    assert set(found) == {(0, 1), (1, 0)}
    assert bound >= best
    assert promising(problem, best)[0] == []
    assert promising(Problem([[good]], [-1]), 0)[0] == []


def test_a_first_selection_that_is_hard_to_find(monkeypatch):
    # No option is the cheapest in all, and the relaxation's own selections do not fit.
    rng = np.random.default_rng(8)
    kernels = []
    for _ in range(12):
        costs = rng.integers(1, 60, (12, 4)).astype(float)
        kernels.append([Curve([value], [cost]) for value, cost in zip(rng.uniform(1, 9, 12), costs, strict=True)])
    budget = np.sum([np.median([c.cost[0] for c in kernel], axis=0) for kernel in kernels], axis=0) * 0.75
    problem = Problem(kernels, np.floor(budget))
    expected = solve(problem)
    monkeypatch.setattr(solver, 'settled', lambda *_: ())
    found = solve(problem)
    assert (found.status, found.objective) == (expected.status, pytest.approx(expected.objective, rel=1e-6))


SHAPES = [(64, 32, 4), (784, 20, 4), (96, 42, 3), (32, 32, 8), (16, 16, 32), (16, 16, 16)]


@pytest.mark.parametrize('stage', ['csynth', 'vsynth'])
@pytest.mark.parametrize(('tool', 'ways'), [('Vitis HLS', 0), ('Vivado HLS', 64)])
@pytest.mark.parametrize(('n_in', 'n_out', 'reuse_factor'), SHAPES)
def test_no_packing_takes_more_than_its_curve_says(n_in, n_out, reuse_factor, tool, ways, stage):
    codes = np.rint(np.random.default_rng(0).normal(0, 100, (n_out, n_in))).astype(np.int64)
    target = Target(PART, 5.0, tool)
    kernel = Kernel(
        'fc',
        'weight',
        n_in,
        n_out,
        reuse_factor,
        'resource',
        1,
        codes / 1.0,
        codes,
        16,
        16,
        16,
        target=target,
        multiplexer_ways=ways,
    )
    for packing in ('aligned', 'permuted', 'balanced'):
        curve = kernel_curve(Source.of(kernel, 'l1', stage), packing)
        for k in {1, curve.value.size // 2, curve.value.size - 1}:
            kept = curve.at(k)
            made = kernel_resources(replace(kernel, codes=kept.codes, kept=kept.mask, slots=kept.slots), stage).as_array()
            assert (made <= curve.cost[k] + 1e-9).all()
            # What `permuted` takes is known before it is laid out, and slots of `aligned` are.
            assert packing == 'balanced' or (made == curve.cost[k]).all()


@pytest.mark.parametrize('stage', ['csynth', 'vsynth'])
@pytest.mark.parametrize(('tool', 'bits'), [('Vitis HLS', 16), ('Vivado HLS', 16), ('Vivado HLS', 6)])
def test_no_moved_codes_take_more_than_their_curve_says(tool, bits, stage):
    codes = np.random.default_rng(1).integers(-(2 ** (bits - 1)) + 1, 2 ** (bits - 1), (12, 16))
    target = Target(PART, 5.0, tool)
    kernel = Kernel('fc', 'weight', 16, 12, 1, 'latency', 1, codes / 1.0, codes, 16, bits, 32, target=target)
    for curve in snapped_curves(Source.of(kernel, 'l1', stage)):
        for k in range(0, curve.value.size, 7):
            kept = curve.at(k)
            made = kernel_resources(replace(kernel, codes=kept.codes, kept=kept.mask), stage).as_array()
            assert (made <= curve.cost[k] + 1e-9).all()
