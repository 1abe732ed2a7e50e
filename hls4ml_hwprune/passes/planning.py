"""Planning of a model: a new plan, one with calibration data, or one from a file; and its quality in firmware."""

import logging
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.evaluation import Evaluation, compare_answers
from hls4ml_hwprune.host.dead_structure.dataflow import read_wiring
from hls4ml_hwprune.host.graph.answers import find_measures
from hls4ml_hwprune.host.graph.reader import read_layers
from hls4ml_hwprune.host.node.weights import weight_matrix
from hls4ml_hwprune.host.session.device import target_device
from hls4ml_hwprune.host.session.plans import given_plan
from hls4ml_hwprune.host.session.samples import HeldSamples, samples_of
from hls4ml_hwprune.host.simulation.compiled import Simulation
from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.passes.application import finished
from hls4ml_hwprune.passes.plan_values import check_plan_values
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.samples import Calibration
from hls4ml_hwprune.selection.design import check_names, planned_kernels
from hls4ml_hwprune.selection.paired import why_unpaired
from hls4ml_hwprune.selection.planner import make_plan
from hls4ml_hwprune.selection.reapply import apply_plan

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)


def plan_model(model: 'ModelGraph', settings: Settings) -> Plan:
    """Plan a model after hls4ml's `optimize` flow, as its settings say, and measure the firmware on the validation data."""
    held = samples_of(model)
    layers = read_layers(model)
    check_names(layers, settings)
    if reason := why_unpaired(layers, settings):
        _LOG.warning('HWPrune.SlotWidth: no two slots can share a DSP block: %s', reason)
    with ExitStack() as resources:
        simulation = None
        if held.calibration is not None or held.validation is not None:
            simulation = resources.enter_context(Simulation(model, traced=held.calibration is not None))
        plan = _plan(model, settings, held, simulation)
        if simulation is None or held.validation is None:
            return plan
        return replace(plan, evaluation=_evaluated(model, plan, simulation, held.validation, settings.task))


def _plan(model: 'ModelGraph', settings: Settings, held: HeldSamples, simulation: Simulation | None) -> Plan:
    layers, device = read_layers(model), target_device(model, settings)
    if (given := given_plan(model)) is not None:
        check_plan_values(model, given, layers)
        wiring = read_wiring(model, [kernel.key for kernel in given.kernels])
        return apply_plan(given, layers, settings, device, wiring, partial(finished, model))
    if simulation is None or held.calibration is None:
        wiring = read_wiring(model, planned_kernels(layers, settings))
        return make_plan(layers, settings, device, wiring, partial(finished, model))
    # Late: the plug-in loads this module, and must not need a module that is being loaded before hls4ml.
    from hls4ml_hwprune.calibration.planning import plan_calibrated

    return plan_calibrated(model, layers, settings, device, held.calibration, simulation)


def _evaluated(model: 'ModelGraph', plan: Plan, simulation: Simulation, samples: Calibration, task: str) -> Evaluation:
    """Compare the firmware of a plan with that of the model as it is."""
    weights = {kernel.key: _weights(model, kernel) for kernel in plan.kernels}
    biases = {kernel.key: kernel.bias for kernel in plan.kernels if kernel.bias is not None}
    outputs = simulation.predict(samples.x, weights, biases)
    measures = find_measures(model, samples.task(task))
    return compare_answers(outputs, simulation.predict(samples.x), samples.y, measures)


def _weights(model: 'ModelGraph', plan: KernelPlan) -> NDArray[np.float64]:
    own = weight_matrix(model.graph[plan.layer], plan.n_in, plan.n_out, plan.role)
    return np.where(plan.mask, own if plan.values is None else plan.values, 0.0)
