"""Planning with calibration data: for a budget or for a loss, with the answers measured."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from hls4ml_hwprune.calibration.effort import Effort, multiplications
from hls4ml_hwprune.calibration.loss_search import plan_within_loss
from hls4ml_hwprune.calibration.network import node_positions, open_network
from hls4ml_hwprune.calibration.planner import Planning
from hls4ml_hwprune.calibration.recovery import planned
from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.evaluation import compare_answers
from hls4ml_hwprune.host.dead_structure.dataflow import read_wiring
from hls4ml_hwprune.host.graph.answers import find_measures
from hls4ml_hwprune.host.simulation.compiled import Simulation
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.records import Layer
from hls4ml_hwprune.samples import Calibration
from hls4ml_hwprune.selection.design import prunable_kernels
from hls4ml_hwprune.selection.planner import log_plan_found

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)


def plan_calibrated(
    model: 'ModelGraph',
    layers: Sequence[Layer],
    settings: Settings,
    device: Device,
    calibration: Calibration,
    simulation: Simulation,
) -> Plan:
    """Plan a model, and reconstruct the weights that are kept to make up for the others.

    Parameters
    ----------
    model : ModelGraph
        After hls4ml's `optimize` flow; it is left as it is.
    layers : sequence of Layer
        The whole design.
    settings : Settings
    device : Device
    calibration : Calibration
    simulation : Simulation
        Simulation of the model, traced.

    Returns
    -------
    Plan

    Raises
    ------
    InfeasibleError, ConfigError
        As `selection.planner.make_plan`; the first also if no plan within the budget loses as little as it may.
    """
    started = perf_counter()
    kernels = [kernel for _, kernel in prunable_kernels(layers, settings)]
    sizes = [(node_positions(model, kernel), kernel.n_in, kernel.n_out) for kernel in kernels]
    effort = Effort.of(multiplications(sizes), calibration.n_samples)
    if effort.n_samples < calibration.n_samples:
        _LOG.info('%d of %d calibration samples are used', effort.n_samples, calibration.n_samples)
    task = calibration.task(settings.task)
    _LOG.info('the network is run on %d inputs as it is', effort.n_samples + effort.n_made)
    network = open_network(model, kernels, simulation, calibration, effort.n_samples, effort.n_made, task)
    wiring = read_wiring(model, [kernel.key for kernel in kernels])
    planning = Planning(network, tuple(layers), settings, device, effort, tuple(find_measures(model, task)), wiring)
    plan = planning.within_budget() if settings.objective.max_loss is None else plan_within_loss(planning)
    log_plan_found(plan, perf_counter() - started)
    outputs = network.firmware_outputs(planned(plan, network.start)[0])
    measured = compare_answers(outputs, network.firmware_outputs({}), network.y, planning.measures)
    return replace(plan, evaluation=measured)
