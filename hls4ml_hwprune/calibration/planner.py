"""Plans of one network with calibration data: the budget path, with reconstruction after each of its plans."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.calibration.budget_path import Way, as_chosen, steps_toward
from hls4ml_hwprune.calibration.effort import Effort
from hls4ml_hwprune.calibration.grids import Grids, slot_grid
from hls4ml_hwprune.calibration.network import Affines, Network, ValuesOf
from hls4ml_hwprune.calibration.recovery import Masks, firmware_matched, holding, planned, recover
from hls4ml_hwprune.calibration.revalued import revalued
from hls4ml_hwprune.calibration.statistics import kernel_statistics
from hls4ml_hwprune.config import Objective, Settings
from hls4ml_hwprune.devices import Device
from hls4ml_hwprune.evaluation import Measure
from hls4ml_hwprune.kernel_map import replace_kernels
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.progress import progress
from hls4ml_hwprune.reconstruction import Affine
from hls4ml_hwprune.records import Kernel, KernelKey, Layer
from hls4ml_hwprune.selection.design import Design, read_design
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.limits import Limits, resolve_limits
from hls4ml_hwprune.selection.planner import plan_design
from hls4ml_hwprune.selection.pricing import over_bounds
from hls4ml_hwprune.selection.tightening import luts_decide
from hls4ml_hwprune.selection.worth import kept_importance, severed_by
from hls4ml_hwprune.wiring import Wiring

# Loss of the firmware over that in floating point up to which rounding is no matter.
_AS_EMULATED = 1.05
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Planning:
    """Plans of one network with calibration data.

    Attributes
    ----------
    network : Network
    layers : tuple of Layer
        The whole design, unpruned.
    settings : Settings
    device : Device
    effort : Effort
    measures : tuple of Measure
        Measure of the loss of each output of the network.
    wiring : Wiring
    """

    network: Network
    layers: tuple[Layer, ...]
    settings: Settings
    device: Device
    effort: Effort
    measures: tuple[Measure, ...]
    wiring: Wiring = field(repr=False)

    def within_budget(self) -> Plan:
        """Plan once with the network as it is; where all layers can be emulated, again at each step of the budget path."""
        design = self.first_design()
        return self._within(design, resolve_limits(self.settings, self.device, design.estimate.total, design.clock_ns))

    def as_small_as(self, other: Plan, design: Design) -> Plan:
        """Plan in the effort of a budget, for no more than another plan of the same design takes."""
        settings = self.settings
        limits = resolve_limits(settings, self.device, design.estimate.total, design.clock_ns)
        taken = other.after.as_dict()
        small = replace(limits, budget={name: float(taken[name]) for name in limits.resources}, part={})
        plan = replace(self, settings=replace(settings, objective=Objective()))._within(design, small)
        named: dict[str, Any] = {'budget': limits.named(), 'part_bounds': dict(limits.part), 'minimized': other.minimized}
        # The proof is that of the other plan, which takes no less.
        return replace(plan, **named, status=other.status, objective=other.objective, bound=other.bound)

    def _within(self, design: Design, limits: Limits) -> Plan:
        network, settings = self.network, self.settings
        plan = plan_design(design, settings, self.device, limits, thorough=not self.emulates)
        if settings.reconstruction == 'none' or not any(kernel.changed for kernel in plan.kernels):
            return plan
        weights: Affines
        kept: Masks
        weights, kept = planned(plan, network.start)
        if self.emulates:
            steps = steps_toward(Way.within(design, plan, limits))
            searched = luts_decide(design, limits, Goal({}, 0.0))
            plan, weights, kept = self._approach(plan, [limits] if settings.objective.weights else steps, searched)
        plan = replace(
            plan,
            importance=kept_importance(design, {k.key: k.mask for k in plan.kernels}),
            total_importance=design.total_importance,
        )
        return self.with_weights(plan, self._best(plan, weights, kept))

    def first_design(self) -> Design:
        """Return the design as it is, with the statistics of its kernels in the firmware."""
        return self._design(self.network.start, self.network.traced, self.network.all_samples, self.settings)

    def with_weights(self, plan: Plan, weights: Affines) -> Plan:
        """Put weights into a plan; constants stay as planned if new ones would exceed the bounds."""
        network, stage = self.network, self.settings.stage
        found = revalued(plan, self.layers, network, weights, stage)
        if severed := severed_by(found, network.kernels, self.wiring):
            _LOG.info('new weights would part %s from the inputs: the planned ones stay', ', '.join(severed))
            return revalued(plan, self.layers, network, planned(plan, network.start)[0], stage)
        if not (over := over_bounds(found)):
            return found
        pruned, _ = planned(plan, network.start)
        constants = {name: pruned[name] for name in self._constants(plan)}
        _LOG.info(
            'new weights of %s would take too much (%s): they stay as planned',
            ', '.join(map(str, constants)),
            ', '.join(over),
        )
        return revalued(plan, self.layers, network, {**weights, **constants}, stage)

    def _constants(self, plan: Plan) -> list[KernelKey]:
        """Kernels of a plan whose weights are constants to the tool."""
        kernels = self.network.kernels
        return [k.key for k in plan.kernels if not replace(kernels[k.key], reuse_factor=k.reuse_factor).multiplexed]

    @property
    def emulates(self) -> bool:
        """Whether new weights are found in floating point."""
        return self.network.complete and self.settings.reconstruction == 'auto'

    def _design(
        self, weights: Affines, values_of: ValuesOf, samples: NDArray[np.int64], settings: Settings, *, searched: bool = True
    ) -> Design:
        """Return the design with other weights, and with the statistics of its kernels then."""
        statistics = kernel_statistics(self.network, weights, values_of, samples)

        def measured(kernel: Kernel) -> Kernel:
            own = weights[kernel.key].weights
            codes = np.rint(own / kernel.unit).astype(np.int64)
            return replace(kernel, values=own, codes=codes, statistics=statistics[kernel.key])

        kernels = {key: measured(kernel) for key, kernel in self.network.kernels.items()}
        return read_design(replace_kernels(self.layers, kernels), settings, self.wiring, searched=searched)

    def _approach(self, first: Plan, steps: Sequence[Limits], searched: bool) -> tuple[Plan, dict[KernelKey, Affine], Masks]:
        """Plan for one step after the other, each with the weights reconstructed after the one before.

        Layouts of slots are `searched` for in the last step, and in the others where LUTs decide.
        Reuse factors and packings along the path are those of the `first` plan; the last step may choose all anew.
        """
        network, plan, weights = self.network, first, dict(self.network.start)
        kept: Masks = {}
        for number, limits in enumerate(progress(steps, 'pruning step by step'), 1):
            is_last = number == len(steps)
            if len(steps) > 1:
                settings = self.settings if is_last else as_chosen(self.settings, first)
                design = self._design(weights, network.emulated, network.fitted, settings, searched=searched or is_last)
                plan = plan_design(design, settings, self.device, limits, thorough=is_last)
            pruned, kept = planned(plan, weights)
            grids = self.grids(plan, pruned) if is_last else Grids(network.model, network.kernels)
            weights = recover(
                network,
                weights,
                pruned,
                kept,
                grids,
                self.effort.schedule(len(steps), is_last),
                threaded=self.effort.threaded,
            )
            loss = network.emulated_loss(weights, network.held_out)
            _LOG.debug('step %d of %d to the budget: divergence %.4g', number, len(steps), loss)
            if is_last:
                plan = holding(plan, pruned)
        return plan, weights, kept

    def grids(self, plan: Plan, pruned: Affines) -> Grids:
        """Values that weights may have in the planned design: constants no new codes that need a DSP, pairs few bits."""
        kernels = self.network.kernels
        paired = {k.key: slot_grid(kernels[k.key], k, pruned[k.key].weights) for k in plan.kernels if k.slot_bits}
        codes = {n: np.rint(pruned[n].weights / kernels[n].unit).astype(np.int64) for n in self._constants(plan)}
        return Grids(self.network.model, kernels, codes, paired)

    def _best(self, plan: Plan, weights: Affines, kept: Masks) -> Affines:
        """Return the weights whose firmware is the closest to the network before pruning."""
        network = self.network
        plain, _ = planned(plan, network.start)
        tried = network.held_out[: self.effort.simulated(3)]
        found = [plain, weights]
        losses = [network.firmware_loss(one, tried) for one in found]
        if not self.emulates or losses[1] > _AS_EMULATED * network.emulated_loss(weights, tried):
            grids = self.grids(plan, planned(plan, weights)[0])
            found.append(firmware_matched(network, weights, kept, grids, self.effort, self.emulates))
            losses.append(network.firmware_loss(found[-1], tried))
        _LOG.info('answers of the firmware differ by %.3g nats, by %.3g without new weights', min(losses), losses[0])
        return found[int(np.argmin(losses))]
