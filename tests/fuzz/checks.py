"""Properties of every plan, network and project, each a function that raises AssertionError."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import hls4ml_hwprune
from hls4ml_hwprune import Plan
from hls4ml_hwprune.host.graph import read_layers
from hls4ml_hwprune.kernel_plan import KernelPlan
from tests.fuzz.dependence import dependent_outputs
from tests.fuzz.networks import Network
from tests.models import project_files

_HAIR = 1e-6


def figures(plan: Plan) -> dict[str, float]:
    """Everything that a finished design takes: resources, latency and interval."""
    return {**plan.after.as_dict(), 'latency': plan.timing_after.latency_max, 'ii': plan.timing_after.ii}


def whole_figures(plan: Plan) -> dict[str, int]:
    """`figures` as counts that a budget may name."""
    return {name: math.ceil(value - 1e-9) for name, value in figures(plan).items()}


def check_plan(plan: Plan, model: Any) -> None:
    """Bounds are kept, the proof is one, and the plan says of the finished design what `estimate` says."""
    used = figures(plan)
    for name, bound in {**plan.part_bounds, **plan.budget}.items():
        assert used[name] <= bound * (1 + 1e-9), f'{name}: {used[name]} of {bound}'
    check_estimate(model, plan.stage)
    total = hls4ml_hwprune.estimate(model, plan.stage).total
    assert np.allclose(total.as_array(), plan.after.as_array(), rtol=1e-9), f'estimated {total}, planned {plan.after}'
    assert plan.listed_after == (None if plan.stage == 'csynth' else hls4ml_hwprune.estimate(model, 'csynth').total)
    assert plan.objective <= plan.bound + _HAIR * abs(plan.bound), f'objective {plan.objective}, bound {plan.bound}'
    if not plan.minimized:
        assert plan.importance <= plan.bound * (1 + _HAIR), f'importance {plan.importance}, bound {plan.bound}'
    assert 0 <= plan.importance <= plan.total_importance * (1 + _HAIR)
    for kernel in plan.kernels:
        check_slots(kernel)


def check_estimate(model: Any, stage: str = 'vsynth') -> None:
    """All figures are numbers, and none is negative."""
    estimate = hls4ml_hwprune.estimate(model, stage)
    for name, layer in estimate.layers.items():
        array = layer.resources.as_array()
        assert np.isfinite(array).all() and (array >= 0).all(), f'{name}: {layer.resources}'
    design = estimate.design
    assert 0 <= design.latency_min <= design.latency_max and design.ii >= 1, f'{design}'


def check_slots(kernel: KernelPlan) -> None:
    """Each kept weight is in one slot, in one cycle, and its multiplexer brings its input in that cycle."""
    if kernel.slots is None:
        return
    slots, n_in = kernel.slots, kernel.n_in
    found = slots.positions[slots.positions >= 0]
    assert len(np.unique(found)) == len(found), f'{kernel.layer}: a weight in two slots'
    assert np.array_equal(np.sort(found), np.flatnonzero(kernel.mask)), f'{kernel.layer}: slots are not those of the mask'
    brought = slots.lane_inputs[slots.lane_of]
    busy = slots.positions >= 0
    assert np.array_equal(brought[busy], found % n_in), f'{kernel.layer}: lanes bring other inputs than the weights need'


def live_weights(plan: Plan, plain: Any) -> dict[str, np.ndarray]:
    """Weights that a plan keeps and that are not zero, by layer, shape (n_out, n_in)."""
    codes = {kernel.layer: kernel.codes for layer in read_layers(plain) for kernel in layer.kernels}
    found = {}
    for kernel in plan.kernels:
        values = codes[kernel.layer] if kernel.values is None else kernel.values
        found[kernel.layer] = kernel.mask & (np.asarray(values) != 0)
    return found


def check_dependence(network: Network, plan: Plan, plain: Any) -> None:
    """Outputs that depended on the inputs still do."""
    codes = {kernel.layer: kernel.codes != 0 for layer in read_layers(plain) for kernel in layer.kernels}
    before = dependent_outputs(network.model, codes)
    after = dependent_outputs(network.model, {**codes, **live_weights(plan, plain)})
    kept = {kernel.layer: f'{kernel.n_kept} of {kernel.n_slots}' for kernel in plan.kernels}
    for name, was, still in zip(network.model.output_names, before, after, strict=True):
        assert still or not was, f'the output {name} no longer depends on the inputs; {plan.status}, kept: {kept}'


def check_error(error: Exception) -> None:
    """The error is one of the package's, and says something in one line."""
    text = str(error)
    assert isinstance(error, hls4ml_hwprune.errors.HWPruneError), f'{type(error).__name__}: {text}'
    assert text.strip() and '\n' not in text, f'not one line: {text!r}'
    assert not re.search(r'held by \)|__\w+__', text), f'not for people: {text}'


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by name; empty where there is none."""
    return project_files(folder) if folder.is_dir() else {}


def written(model: Any, folder: Path) -> dict[str, bytes]:
    """Files of a project that is written now, hls4ml's random stamp and the folder's name blanked out."""
    model.write()
    files = project_files(folder, model.config.config['Stamp'])
    # Keras puts the time into its own file.
    files.pop('keras_model.keras', None)
    return {name: data.replace(str(folder).encode(), b'FOLDER') for name, data in files.items()}


def differences(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> list[str]:
    """Names of files that are not the same in both."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
