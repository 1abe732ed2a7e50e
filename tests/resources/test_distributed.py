"""Curves of kernels in distributed arithmetic: each point is the price of the weights kept until there."""

from dataclasses import replace

import numpy as np

from hls4ml_hwprune.records import DISTRIBUTED
from hls4ml_hwprune.resources import kernel_resources, selection_costs
from hls4ml_hwprune.resources.logic.distributed import distributed_curve, distributed_logic
from tests.resources import kernels


def made():
    codes = np.random.default_rng(0).integers(-31, 32, (12, 9))
    return replace(kernels.kernel(9, 12, 1), codes=codes, values=codes / 8, strategy=DISTRIBUTED)


def test_points_are_prices_of_the_weights_kept():
    whole = made()
    positions = np.random.default_rng(1).permutation(np.flatnonzero(whole.codes))
    luts, registers = distributed_curve(whole, positions)
    for k in (0, 1, 2, 17, 60, positions.size):
        codes = np.zeros_like(whole.codes)
        codes.flat[positions[:k]] = whole.codes.flat[positions[:k]]
        assert distributed_logic(replace(whole, codes=codes)) == (luts[k], registers[k])
    costs = selection_costs(whole, positions[:, None], np.ones(positions.size, np.int64), 'vsynth')
    assert (np.diff(costs, axis=0) >= 0).all()
    assert not costs[:, 0].any()
    np.testing.assert_array_equal(costs[-1], kernel_resources(whole, 'vsynth').as_array())


def test_adders_that_were_counted_count():
    counted = replace(made(), codes=np.zeros((12, 9), np.int64), adder_bits=123.0)
    assert distributed_logic(counted)[0] == 123.0
