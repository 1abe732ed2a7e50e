"""Binary search for the cheapest plan whose loss is within MaxLoss."""

from dataclasses import replace

from hls4ml_hwprune.calibration.network import Affines
from hls4ml_hwprune.calibration.planner import Planning
from hls4ml_hwprune.calibration.recovery import firmware_matched, planned, recover
from hls4ml_hwprune.config import Objective
from hls4ml_hwprune.errors import InfeasibleError
from hls4ml_hwprune.evaluation import network_loss
from hls4ml_hwprune.importance import LOSSES
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.selection.planner import plan_design
from hls4ml_hwprune.selection.search import deeper_within_loss, in_magnitudes, in_proportion, least_within_loss

# Plans that a search tries, with the effort of the steps to one budget together; and with that of a budget each.
_TRIED, _IN_FULL = 10, 4


def plan_within_loss(planning: Planning) -> Plan:
    """Search for the least use within MaxLoss, with new weights for every plan that is tried.

    Raises
    ------
    InfeasibleError
        If even the plan of the most importance within the budget loses more than `MaxLoss` allows.
    """
    network, settings, objective = planning.network, planning.settings, planning.settings.objective
    assert objective.max_loss is not None
    design = planning.first_design()
    reference = network.firmware_outputs({})

    def planned_with(goal: Objective) -> Plan:
        return plan_design(design, replace(settings, objective=goal), planning.device)

    def least_for(share: float) -> Plan:
        return planned_with(replace(objective, min_importance=share, max_loss=None))

    def recovered(plan: Plan) -> Plan:
        return planning.with_weights(plan, _quickly_recovered(planning, plan))

    def loss_of(plan: Plan) -> float:
        outputs = network.firmware_outputs(planned(plan, network.start)[0])
        return network_loss(reference, outputs, network.y, planning.measures)

    def in_full_effort(position: float) -> Plan | None:
        try:
            return planning.as_small_as(least_for(share_at(position) * most.percent_kept / 100), design)
        except InfeasibleError:
            # Constants that make up for others may cost more than these did.
            return None

    most = recovered(planned_with(Objective()))
    losses = any(kernel.importance in LOSSES for kernel in most.kernels)
    share_at = in_magnitudes if losses else in_proportion
    found, position = least_within_loss(
        most, lambda share: recovered(least_for(share)), loss_of, objective.max_loss, share_at
    )
    if not planning.emulates or not found.pruned:
        return found
    return deeper_within_loss(found, position, in_full_effort, loss_of, objective.max_loss, _IN_FULL)


def _quickly_recovered(planning: Planning, plan: Plan) -> Affines:
    network = planning.network
    pruned, kept = planned(plan, network.start)
    if planning.settings.reconstruction == 'none' or not plan.pruned:
        return pruned
    grids = planning.grids(plan, pruned)
    if planning.emulates:
        return recover(
            network,
            network.start,
            pruned,
            kept,
            grids,
            planning.effort.schedule(_TRIED, last=False),
            threaded=planning.effort.threaded,
        )
    return firmware_matched(network, pruned, kept, grids, planning.effort, emulated=False)
