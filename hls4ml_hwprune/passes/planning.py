"""The plan of a model: made, searched for on calibration data, or read from a file."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibrated.planning import plan_calibrated
from hls4ml_hwprune.calibration import Calibration, network_loss
from hls4ml_hwprune.config import Objective, Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.ir.reader import read_layers
from hls4ml_hwprune.passes.calibration import calibration_of
from hls4ml_hwprune.passes.target import target_device
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Layer
from hls4ml_hwprune.selection.design import Design, read_design
from hls4ml_hwprune.selection.planner import make_plan, plan_design
from hls4ml_hwprune.selection.reapply import apply_plan
from hls4ml_hwprune.selection.search import least_within_loss
from hls4ml_hwprune.simulation import Simulation

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def plan_model(model: 'ModelGraph', settings: Settings) -> Plan:
    """Plan a model after hls4ml's `optimize` flow, as its settings say."""
    layers, device = read_layers(model), target_device(model, settings)
    if settings.plan is not None:
        return apply_plan(Plan.load(settings.plan), layers, settings, device)
    if settings.objective.max_loss is None:
        if settings.calibration is None:
            return make_plan(layers, settings, device)
        return plan_calibrated(model, layers, settings, device, calibration_of(model))
    return _search(model, layers, settings, device, calibration_of(model))


def _search(
    model: 'ModelGraph', layers: Sequence[Layer], settings: Settings, device: Device, calibration: Calibration
) -> Plan:
    """Find the least use by simulating plans: the firmware is compiled once, and run with the weights of each."""
    objective = settings.objective
    assert objective.max_loss is not None
    design = read_design(layers, settings)
    with Simulation(model) as simulation:
        reference = simulation.predict(calibration.x)

        def loss_of(plan: Plan) -> float:
            outputs = simulation.predict(calibration.x, _weights(design, plan))
            return network_loss(reference, outputs, calibration.y)

        def plan_of(share: float) -> Plan:
            kept = replace(objective, min_importance=share, max_loss=None)
            return plan_design(design, replace(settings, objective=kept), device)

        most = plan_design(design, replace(settings, objective=Objective()), device)
        return least_within_loss(most, plan_of, loss_of, objective.max_loss)


def _weights(design: Design, plan: Plan) -> dict[str, NDArray[np.float64]]:
    kernels = {kernel.layer: kernel for kernel in design.kernels}
    return {p.layer: np.where(p.mask, kernels[p.layer].values if p.values is None else p.values, 0.0) for p in plan.kernels}
