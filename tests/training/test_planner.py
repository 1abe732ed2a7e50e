"""Plans of a network in training."""

from dataclasses import replace

import numpy as np
import pytest

from hls4ml_hwprune.calibration.recovery import planned
from hls4ml_hwprune.calibration.statistics import kernel_statistics
from hls4ml_hwprune.selection.planner import plan_design
from hls4ml_hwprune.training.adapters import open_adapter
from hls4ml_hwprune.training.conversion import Conversion
from hls4ml_hwprune.training.network import read_network
from hls4ml_hwprune.training.planner import Planner
from tests.training.networks import N_CLASSES, N_IN, blobs, hls_config

keras = pytest.importorskip('tensorflow.keras')
layers = keras.layers


@pytest.fixture(scope='module')
def read():
    keras.utils.set_random_seed(0)
    sizes = (32, 24, 16)
    model = keras.Sequential([layers.Input((N_IN,))])
    for number, size in enumerate(sizes):
        model.add(layers.Dense(size, activation='relu', name=f'fc{number}'))
    model.add(layers.Dense(N_CLASSES, activation='softmax', name='out'))
    model.compile(keras.optimizers.Adam(0.01), 'sparse_categorical_crossentropy')
    model.fit(*blobs(), epochs=4, verbose=0)
    conversion = Conversion.of(hls_config({'DSP': '0.08x'}, reuse_factor=2), 'Vitis', {})
    reading = read_network(open_adapter(model), conversion, (blobs()[0],))
    return reading, Planner.begin(conversion.settings, reading)


def wasted(plan, reading):
    """Weights that are kept for outputs that no answer depends on."""
    pruned, kept = planned(plan, reading.network.start)
    used = kernel_statistics(reading.network, pruned, reading.network.emulated, reading.network.fitted)
    return sum(kept[name][used[name].sensitivity == 0].sum() for name in kept)


def test_the_last_plan_spends_less_on_what_nothing_uses(read):
    reading, planner = read
    once = plan_design(reading.design(planner.settings), planner.settings, reading.device, planner.way.limits)
    last = planner.at(1.0, reading)
    # The rounds of the planner leave little; those of training, which know the sensitivities, no more.
    assert wasted(last, reading) <= wasted(once, reading)
    assert last.after.dsp <= planner.way.limits.budget['dsp']


def test_outputs_that_nothing_uses_are_found(read):
    """Of the first plan many; without pruning only those that no sample excites."""
    reading, planner = read
    whole = replace(planner.first, kernels=[replace(k, mask=np.ones_like(k.mask)) for k in planner.first.kernels])
    pruned, unpruned = reading.without_dead(planner.first), reading.without_dead(whole)
    idle = 0 if unpruned is None else sum(dead.sum() for dead in unpruned.dead.values())
    assert sum(dead.sum() for dead in pruned.dead.values()) > idle + 10
    for name, dead in pruned.dead.items():
        assert (
            not next(k for layer in pruned.layers for k in layer.kernels if k.key == name).statistics.sensitivity[dead].any()
        )


def test_packings_on_the_way_are_those_of_the_first_plan(read):
    reading, planner = read
    first = {kernel.layer: (kernel.packing, kernel.reuse_factor) for kernel in planner.first.kernels}
    half = planner.at(0.5, reading)
    assert {kernel.layer: (kernel.packing, kernel.reuse_factor) for kernel in half.kernels} == first
    assert planner.first.after.dsp < half.after.dsp < planner.first.before.dsp
    again = Planner.from_dict(planner.as_dict(), planner.settings, planner.first)
    assert again.way.limits == planner.way.limits
    assert again.at(0.5, reading).after == half.after
