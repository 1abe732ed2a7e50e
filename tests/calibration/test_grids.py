"""Values that the weights of a plan may have."""

from types import SimpleNamespace

import numpy as np
import pytest

from hls4ml_hwprune.calibration.grids import Grids, slot_grid
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.reconstruction import Affine
from hls4ml_hwprune.records import KernelKey, SlotTable
from hls4ml_hwprune.resources import constants_in_dsp
from tests import models
from tests.host.graph.graphs import from_layers

FC = KernelKey('fc')


def network(tmp_path, weight='fixed<12,4>', **layer):
    rng = np.random.default_rng(0)
    dense = models.dense('fc', rng.normal(size=(6, 4)), np.ones(4)) | layer
    precision = {'Precision': {'weight': weight, 'bias': 'fixed<6,3>'}, 'Strategy': 'Latency', 'ReuseFactor': 1}
    model = from_layers([models.input_layer((6,)), dense], tmp_path, fc=precision)
    return model, {kernel.key: kernel for found in read_layers(model) for kernel in found.kernels}


def test_weights_and_biases_are_numbers_of_their_types(tmp_path):
    grids = Grids(*network(tmp_path))
    found = grids.project(FC, Affine(np.full((4, 6), 0.3), np.full(4, 0.3)))
    assert found.weights == pytest.approx(np.full((4, 6), 77 / 256), abs=1e-12)
    assert found.bias == pytest.approx(np.full(4, 0.25), abs=1e-12)


def test_a_bias_that_is_not_there_stays_so(tmp_path):
    grids = Grids(*network(tmp_path, use_bias=False, bias_data=None))
    moved = Affine(np.full((4, 6), 0.3), np.full(4, 0.3))
    assert grids.project(FC, moved).bias.tolist() == [0, 0, 0, 0]
    rounded = grids.rounded(FC, Affine(moved.weights, np.zeros(4)), np.ones((4, 6), bool), np.eye(7))
    assert rounded.bias.tolist() == [0, 0, 0, 0]


def test_constants_take_codes_that_are_paid_for_or_free(tmp_path):
    model, kernels = network(tmp_path)
    kernel = kernels[FC]
    planned = kernel.codes.copy()
    planned[:, 3:] = 0
    grids = Grids(model, kernels, {FC: planned})
    wanted = Affine(np.random.default_rng(1).normal(size=(4, 6)), np.ones(4))
    found = np.rint(grids.project(FC, wanted).weights / kernel.unit).astype(int)
    for column in range(6):
        costly = {code for code in found[:, column].tolist() if constants_in_dsp(kernel, np.array([code]))[0]}
        assert costly <= set(planned[:, column].tolist())
    assert np.abs(found * kernel.unit - wanted.weights).max() < 0.2


def test_weights_of_a_single_bit(tmp_path):
    grids = Grids(*network(tmp_path, weight='ufixed<1,1>'))
    assert set(grids.project(FC, Affine(np.random.default_rng(0).normal(size=(4, 6)), np.ones(4))).weights.flat) == {0, 1}


def test_weights_of_paired_slots_are_multiples_of_the_power_of_two_of_their_slot(tmp_path):
    model, kernels = network(tmp_path)
    kernel, rng = kernels[FC], np.random.default_rng(2)
    positions = rng.permutation(24).reshape(6, 4)
    slots = SlotTable(positions, positions % 6, np.arange(6), np.zeros((0, 4), np.int64), np.full(6, 4))
    plan = SimpleNamespace(slots=slots, slot_bits=4)
    grid = slot_grid(kernel, plan, kernel.values)
    grids = Grids(model, kernels, paired={FC: grid})
    units = 2.0 ** np.ceil(np.log2(np.abs(kernel.codes.ravel()[positions]).max(axis=1) / 7.5)).clip(0) * kernel.unit
    wanted = Affine(rng.normal(size=(4, 6)), np.ones(4))
    for found in (grids.project(FC, wanted), grids.rounded(FC, wanted, np.ones((4, 6), bool), np.eye(7))):
        multiples = found.weights.ravel()[positions] / units[:, None]
        np.testing.assert_array_equal(multiples, np.rint(multiples))
        assert np.abs(multiples).max() <= 7
        near = np.clip(np.rint(wanted.weights.ravel()[positions] / units[:, None]), -7, 7)
        np.testing.assert_array_equal(multiples, near)
