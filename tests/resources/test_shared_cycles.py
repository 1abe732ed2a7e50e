"""Layers of an io_parallel design share a cycle where the clock leaves them the time."""

import numpy as np
import pytest

import hls4ml_hwprune
from tests.models import convert, dense, hls_config, input_layer, relu


def trigger(folder, clock_period, block=None, part='xcvu9p-flga2104-2-e'):
    """A network of a trigger: 44-32-16-3, weights are constants."""
    rng = np.random.default_rng(0)
    layers = [input_layer((44,))]
    for number, (n_in, n_out) in enumerate(((44, 32), (32, 16), (16, 3)), 1):
        layers += [dense(f'fc{number}', rng.uniform(0.1, 1, (n_in, n_out))), relu(f'relu{number}')]
    config = hls_config(
        block, ['vivado:optimize'] if block is None else ['vitis:hwprune'], Strategy='Latency', ReuseFactor=1
    )
    return convert(layers[:-1], config, folder, io_type='io_parallel', clock_period=clock_period, part=part)


@pytest.mark.parametrize(('clock_period', 'low', 'high'), [(25, 0, 1), (12.5, 1, 3), (5, 5, 12)])
def test_a_slow_clock_needs_no_cycle_a_layer(tmp_path, clock_period, low, high):
    design = hls4ml_hwprune.estimate(trigger(tmp_path, clock_period)).design
    assert low <= design.latency_max <= high
    assert design.ii == 1
    # Whatever the clock, the inputs have registers.
    assert design.resources.ff >= 44 * 16


def test_a_bound_of_few_cycles_can_be_met_at_a_slow_clock(tmp_path):
    plan = hls4ml_hwprune.get_plan(trigger(tmp_path, 25, {'Latency': 1, 'II': 1}))
    assert plan.timing_after.latency_max <= 1


def test_slow_fabric_shares_no_cycle(tmp_path):
    found = hls4ml_hwprune.estimate(trigger(tmp_path, 25, part='xc7a100tcsg324-1'))
    assert found.design.latency_max >= 4
