"""The way to a budget, and inputs made of few samples."""

import numpy as np
import pytest

from hls4ml_hwprune.calibration.augmentation import make_inputs
from hls4ml_hwprune.calibration.budget_path import Way, as_chosen, steps_toward
from hls4ml_hwprune.calibration.effort import Effort, multiplications
from hls4ml_hwprune.config import LayerSettings, Settings
from hls4ml_hwprune.selection.limits import Limits

#: DSP, BRAM18, URAM, LUT, FF.
FIXED, KERNELS = np.array([10.0, 0, 0, 500, 500]), np.array([90.0, 40, 0, 9500, 900])


def test_kernels_shrink_by_the_same_share_at_each_step():
    steps = steps_toward(Way(Limits({'dsp': 19.0}, {'lut': 5000.0}), FIXED, KERNELS))
    left = [(step.budget['dsp'] - 10) / 90 for step in steps]
    assert left[-1] == pytest.approx(0.1)
    ratios = np.array(left[1:]) / np.array(left[:-1])
    assert ratios == pytest.approx(left[0])
    assert 0.7 < left[0] < 0.8
    # What the part bounds stays as it is.
    assert all(step.part == {'lut': 5000.0} for step in steps)


def test_each_resource_that_is_short_has_its_own_share():
    limits = Limits({'dsp': 55.0, 'lut': 9000.0, 'bram18': 80.0}, latency=30, ii=4)
    steps = steps_toward(Way(limits, FIXED, KERNELS))
    assert steps[-1] == limits
    assert len(steps) == 3
    assert [step.budget['dsp'] for step in steps] == sorted((step.budget['dsp'] for step in steps), reverse=True)
    assert [step.budget['lut'] for step in steps] == sorted((step.budget['lut'] for step in steps), reverse=True)
    assert all(step.budget['bram18'] == 80 and step.latency == 30 and step.ii == 4 for step in steps)


@pytest.mark.parametrize('budget', [{}, {'dsp': 100.0}, {'dsp': 1e9}])
def test_a_budget_that_is_met_takes_one_step(budget):
    assert steps_toward(Way(Limits(budget), FIXED, KERNELS)) == [Limits(budget)]


@pytest.mark.parametrize('budget', [{'dsp': 10.0}, {'dsp': 0.0}, {'uram': 0.0, 'dsp': 12.0}])
def test_budgets_that_leave_next_to_nothing(budget):
    steps = steps_toward(Way(Limits(budget), FIXED, KERNELS))
    assert steps[-1].budget == budget
    assert len(steps) == 10
    assert all(step.budget['dsp'] > budget['dsp'] for step in steps[:-1])


def test_only_the_number_of_slots_is_left_to_choose(kernel_plans):
    settings = Settings(reuse_factor='auto', layers={'a': LayerSettings(importance='l2')})
    chosen = as_chosen(settings, kernel_plans)
    assert chosen.layers['a'] == LayerSettings(packing='balanced', importance='l2', reuse_factor=8, slot_width=6)
    assert chosen.layers['b'] == LayerSettings(packing='aligned', reuse_factor='config', slot_width='config')


@pytest.fixture
def kernel_plans():
    class Kernels:
        def __init__(self, layer, packing, reuse_factor, configured, slot_bits):
            self.layer, self.packing = layer, packing
            self.reuse_factor, self.configured_reuse_factor = reuse_factor, configured
            self.slot_bits = slot_bits

    class Made:
        kernels = (Kernels('a', 'balanced', 8, 4, 6), Kernels('b', 'aligned', 4, 4, 0))

    return Made()


def test_effort_falls_with_the_size_of_the_network():
    small, large = (Effort.of(n, 100_000) for n in (5_000, 50_000_000))
    assert small.n_samples == 16_384
    assert large.n_samples == 64
    assert small.schedule(5, last=True).passes * small.n_samples > large.schedule(5, last=True).passes * large.n_samples
    assert small.schedule(5, last=True).passes > small.schedule(5, last=False).passes
    assert small.simulated(1000) < small.simulated(1)
    assert multiplications([(2, 3, 4), (1, 5, 6)]) == 54


def test_few_samples_are_joined_by_others():
    assert Effort.of(5_000, 300).n_made == 1_700
    assert Effort.of(5_000, 2_000).n_made == 0
    # Where the firmware is slow, fewer are made.
    assert Effort.of(2_000_000, 300).n_made == 300


def test_vectors_are_mixed_and_nothing_else():
    x = np.random.default_rng(0).normal(size=(20, 3))
    (made,) = make_inputs((x,), np.arange(10), 50)
    assert made.shape == (50, 3)
    assert (made >= x.min()).all()
    assert (made <= x.max()).all()
    # One in two is a sample as it is, of those that may be used.
    assert {tuple(row) for row in made[::2]} <= {tuple(row) for row in x[:10]}
    for row in made[1::2]:
        on_a_line = [
            abs(np.cross(row - a, b - a)).max() for i, a in enumerate(x[:10]) for j, b in enumerate(x[:10]) if i <= j
        ]
        assert min(on_a_line) < 1e-9


def test_images_are_moved_a_little_and_change_their_contrast():
    x = np.zeros((2, 32, 32, 1))
    x[:, 16, 16] = 1.0
    x[:, 0, 0] = -1.0
    (made,) = make_inputs((x,), np.arange(2), 40)
    rows, columns = zip(*(np.unravel_index(image.argmax(), image.shape)[:2] for image in made[::2]), strict=True)
    assert set(rows) == set(columns) == {14, 15, 16, 17, 18}
    assert made.max() <= 1
    assert len({float(image.max()) for image in made[::2]}) > 5
    same, other = make_inputs((x,), np.arange(2), 40), make_inputs((x, x), np.arange(2), 40)
    assert same[0].tobytes() == made.tobytes()
    assert len(other) == 2
