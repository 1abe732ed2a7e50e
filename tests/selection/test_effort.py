"""Work of a plan: bounded for large networks, the same on all machines, and what it leaves out is said."""

import logging
from collections import OrderedDict
from types import SimpleNamespace

import numpy as np
import pytest

import hls4ml_hwprune
from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.packing.layout import slots
from hls4ml_hwprune.packing.order import input_order
from hls4ml_hwprune.packing.order.clustering import work_of_clusters
from hls4ml_hwprune.packing.order.swaps import work_of_sweep
from hls4ml_hwprune.records import Kernel, Layer, Target
from hls4ml_hwprune.selection import alternatives, savings
from hls4ml_hwprune.selection.design import read_design
from hls4ml_hwprune.selection.knapsack import effort
from hls4ml_hwprune.selection.knapsack.effort import Effort
from tests import models

FLOWS = ['vitis:hwprune']


@pytest.fixture
def plan_of(tmp_path):
    count = iter(range(10))

    def plan(sizes, reuse_factor=4, **block):
        config = models.hls_config(block, FLOWS, ReuseFactor=reuse_factor)
        return hls4ml_hwprune.get_plan(models.convert(models.mlp(sizes), config, tmp_path / f'project{next(count)}'))

    return plan


@pytest.fixture
def counted(monkeypatch):
    """Group scores that searches for orders of inputs looked at, counted beside the effort."""
    found, original = SimpleNamespace(work=0, searches=0), input_order.improved

    def improved(scores, block, worth, sweeps, rng):
        after, done = original(scores, block, worth, sweeps, rng)
        found.work += done * work_of_sweep(*scores.shape)
        found.searches += 1
        return after, done

    monkeypatch.setattr(input_order, 'improved', improved)
    monkeypatch.setattr('hls4ml_hwprune.packing.permuted._ORDERS', OrderedDict())
    return found


def test_searches_of_a_large_network_end_with_the_effort(plan_of, counted, monkeypatch, caplog):
    most = 200_000_000
    monkeypatch.setattr(effort, 'MOST_OPERATIONS', most)
    # However close the bound is.
    monkeypatch.setattr(savings, '_CLOSE', -1.0)
    caplog.set_level(logging.WARNING, 'hls4ml_hwprune')
    plan = plan_of((160, 160, 16), 16, Budget={'LUT': '0.35x'})
    # With all the effort of a plan it is twice as much.
    assert 0 < counted.work < 2 * most
    assert 'the effort of a plan, 0.2 billion operations, is spent: left out are' in caplog.text
    assert 'orders of inputs' in caplog.text and 'plans that count on what dead structure saves' in caplog.text
    assert plan.after.lut <= plan.budget['lut']
    assert plan.bound >= plan.objective


def test_networks_of_few_weights_are_not_limited(plan_of, monkeypatch, caplog):
    caplog.set_level(logging.WARNING, 'hls4ml_hwprune')
    block = {'Budget': {'LUT': '0.5x'}}
    before = plan_of((16, 32, 5), **block)
    monkeypatch.setattr(effort, 'MOST_OPERATIONS', 1)
    after = plan_of((16, 32, 5), **block)
    assert 'effort' not in caplog.text
    assert (after.objective, after.bound, after.status) == (before.objective, before.bound, before.status)


def test_results_that_are_remembered_count_each_time_and_end_where_they_would():
    spent, made = Effort(limit=10), []

    def search():
        made.append(spent.spent)
        spent.spend(4)
        return len(made)

    assert [spent.remembered('key', search) for _ in range(2)] == [1, 1]
    assert (spent.spent, made) == (8, [0])
    # The effort would be spent within the search, which then ends earlier.
    assert spent.remembered('key', search) == 2
    assert spent.is_spent
    assert Effort().remembered('key', lambda: 5) == 5


def test_work_that_is_remembered_counts_once():
    spent = Effort(limit=10)
    for _ in range(3):
        spent.spend_once('order', 4)
    assert (spent.spent, spent.is_spent, spent.is_exhausted) == (4, False, False)
    spent.spend(6)
    assert (spent.is_spent, spent.is_exhausted) == (True, False)
    spent.spend(10)
    assert spent.is_exhausted
    assert not Effort.of(effort.FEW_WEIGHTS).is_spent and Effort.of(effort.FEW_WEIGHTS).limit is None


@pytest.mark.parametrize('size', [64, 512, 2048, 8192])
def test_the_search_of_an_order_is_bounded_whatever_the_size(size):
    """Four sweeps without a break would be 4.8 billion at 8,192 inputs, where a look at all inputs is the least."""
    least = work_of_sweep(size, size)
    assert input_order.search_work(size, size) <= 1_000_000_000 + 2 * least + 2 * work_of_clusters(size, size)


def resource_layer(n_in, n_out, reuse_factor):
    codes = np.random.default_rng(0).integers(1, 500, (n_out, n_in))
    target = Target(models.PART, 5.0, 'Vitis HLS')
    kernel = Kernel('fc', 'weight', n_in, n_out, reuse_factor, 'resource', 1, codes / 1024, codes, 16, 16, 32, target=target)
    return Layer('fc', 'Dense', 'io_parallel', (), kernels=(kernel,), target=target)


def test_large_kernels_are_offered_the_nearest_reuse_factors(monkeypatch, caplog):
    monkeypatch.setattr(alternatives, '_MOST_READ', 1)
    caplog.set_level(logging.WARNING, 'hls4ml_hwprune')
    design = read_design([resource_layer(64, 8, 8)], Settings(reuse_factor='auto'))
    assert {choice.kernel.reuse_factor for choice in design.alternatives[0]} == {2, 4, 8, 16, 32}
    assert 'fc: of 512 weights, so reuse factors 1, 64, 128, 256, 512 are left out' in caplog.text


def test_all_reuse_factors_are_offered_otherwise(caplog):
    caplog.set_level(logging.WARNING, 'hls4ml_hwprune')
    design = read_design([resource_layer(64, 8, 8)], Settings(reuse_factor='auto'))
    assert {choice.kernel.reuse_factor for choice in design.alternatives[0]} == {2**n for n in range(10)}
    assert 'left out' not in caplog.text


def test_a_layout_that_is_not_searched_for_is_said(plan_of, monkeypatch, caplog):
    caplog.set_level(logging.INFO, 'hls4ml_hwprune')
    monkeypatch.setattr(slots, '_MOST_SEARCHED', 100)
    plan = plan_of((16, 32, 5), Budget={'DSP': '0.5x'}, Packing='balanced')
    kept = int(plan.kernels[0].mask.sum())
    assert f'layer fc1: cycles are chosen without a search, as it keeps {kept} weights' in caplog.text
