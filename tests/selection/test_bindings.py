"""Binding of products to LUTs as a choice of the knapsack: the best of all ways that can be fixed by hand."""

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest

from hls4ml_hwprune.config import Objective, Settings
from hls4ml_hwprune.config.budget import Bound
from hls4ml_hwprune.devices import lookup
from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.records import Kernel, Layer, Operation, Target
from hls4ml_hwprune.selection.bindings import bindings_of, with_bound
from hls4ml_hwprune.selection.candidate import key_of
from hls4ml_hwprune.selection.design import read_design
from hls4ml_hwprune.selection.knapsack.problem import Solution
from hls4ml_hwprune.selection.lazy import Chosen
from hls4ml_hwprune.selection.planner import plan_design

PART = 'xcvu13p-flga2577-2-e'


def design(seed=0):
    rng, target = np.random.default_rng(seed), Target(PART)
    layers, before = [], ()
    for number, (n_in, n_out) in enumerate(((10, 8), (8, 6))):
        codes = rng.integers(100, 900, (n_out, n_in)) * rng.choice((-1, 1), (n_out, n_in))
        fc, bn = f'fc{number}', f'bn{number}'
        kernel = Kernel(fc, 'weight', n_in, n_out, 4, 'resource', 1, codes / 1024, codes, 16, 16, 32, target=target)
        layers.append(Layer(fc, 'Dense', 'io_parallel', before, kernels=(kernel,), target=target))
        scales = Operation('batchnorm', n_out, 16, rng.integers(300, 900, n_out), 16, bindable=True)
        layers.append(Layer(bn, 'BatchNormalization', 'io_parallel', (fc,), operations=(scales,), target=target))
        before = (bn,)
    return layers


def settings(budget, **options):
    return Settings(budget={name: Bound(amount, '') for name, amount in budget.items()}, **options)


def by_hand(layers, asked):
    """Best importance of all plans whose bindings are fixed."""
    names = [one.layer for one in bindings_of(layers, asked)]
    best = -1.0
    for bound in chain.from_iterable(combinations(names, n) for n in range(len(names) + 1)):
        fixed = [
            replace(layer, operations=tuple(replace(one, bindable=False) for one in layer.operations))
            for layer in with_bound(layers, bound)
        ]
        try:
            best = max(best, plan_design(read_design(fixed, asked), asked, lookup(PART)).importance)
        except InfeasibleError:
            continue
    return best


@pytest.mark.parametrize('seed', range(3))
@pytest.mark.parametrize(
    'budget', [{'dsp': 40}, {'dsp': 30}, {'dsp': 9}, {'dsp': 24, 'lut': 3600}, {'dsp': 24, 'lut': 2200}, {'lut': 1500}]
)
def test_as_good_as_the_best_by_hand(seed, budget):
    layers, asked = design(seed), settings(budget)
    expected = by_hand(layers, asked)
    if expected < 0:
        with pytest.raises(InfeasibleError):
            plan_design(read_design(layers, asked), asked, lookup(PART))
        return
    plan = plan_design(read_design(layers, asked), asked, lookup(PART))
    assert plan.status == 'optimal'
    assert plan.importance == pytest.approx(expected, rel=1e-6)
    assert all(getattr(plan.after, name) <= bound for name, bound in budget.items())


def test_luts_decide_where_they_are_minimised():
    layers = design()
    few = settings({'dsp': 60}, objective=Objective({'lut': 1.0}, 0.9))
    assert plan_design(read_design(layers, few), few, lookup(PART)).in_luts == []
    none = settings({'lut': 60_000}, objective=Objective({'dsp': 1.0}, 0.9))
    assert plan_design(read_design(layers, none), none, lookup(PART)).in_luts == ['bn0', 'bn1']


def test_an_excluded_layer_is_left_to_the_tool():
    layers, asked = design(), settings({'dsp': 20}, exclude=('bn0',))
    assert [one.layer for one in bindings_of(layers, asked)] == ['bn1']
    assert plan_design(read_design(layers, asked), asked, lookup(PART)).in_luts == ['bn1']


def test_selections_differ_by_their_bindings():
    free, bound = (Chosen((), Solution([], 0.0, 0.0, 'optimal'), frozenset(names)) for names in ((), ('bn0',)))
    assert key_of(free) != key_of(bound)
