"""Reasons for which nothing is within the limits, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.resources import NAMES, layer_cycles
from hls4ml_hwprune.selection.assembly import Goal
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.reachable import Reach, Reachable
from hls4ml_hwprune.selection.solving import Chosen

_LISTED = 5
_UNITS = {'latency': ' cycles', 'ii': ' cycles'}


def why_infeasible(design: Design, limits: Limits, goal: Goal, settings: Settings, severed: Sequence[str] = ()) -> str:
    """Name the bounds to raise, how far, and the layers that hold them; a plan for the raised bounds exists.

    Parameters
    ----------
    design : Design
    limits : Limits
    goal : Goal
    settings : Settings
    severed : sequence of str
        Outputs that every selection found within the limits cuts off.
    """
    needed = Reach.of(design, goal, settings).raised(limits)
    if not needed:
        reason = 'the budget leaves too few slots to lead from the inputs to an output' if severed else _conflict(limits)
        return f'the budget cannot be met: {reason}{_kept(design, goal)}'
    free = Reach.of(replace(design, wiring=None), goal, settings).raised(limits) if design.wiring is not None else needed
    lines = [_line(design, one) for one in needed]
    connected = ''
    if [(one.name, one.least) for one in free] != [(one.name, one.least) for one in needed]:
        connected = '; below that the outputs would no longer depend on the inputs'
    together = len(needed) > 1 and _all_needed(design, limits, goal, settings, needed)
    return f'the budget cannot be met{_kept(design, goal)}: {(" and " if together else ", or ").join(lines)}{connected}'


def _all_needed(design: Design, limits: Limits, goal: Goal, settings: Settings, needed: Sequence[Reachable]) -> bool:
    """Whether all bounds have to be raised, and not one of them."""
    return not Reach.of(design, goal, settings).suffices(limits, needed[0])


def _kept(design: Design, goal: Goal) -> str:
    return f' with {goal.importance / (design.total_importance or 1.0):.1%} of the importance' if goal.importance else ''


def _conflict(limits: Limits) -> str:
    return f'the bounds on {", ".join([*limits.named(), *limits.part])} cannot be met together'


def _line(design: Design, one: Reachable) -> str:
    unit = _UNITS.get(one.name, '')
    least, bound = f'{one.least:.0f}', f'{int(one.bound):d}'
    holders = _top(_amounts(design, one.chosen, one.name), design.not_pruned)
    held = f' (held by {holders})' if holders else ''
    return f'{one.name} is bounded by {bound}{unit}, but {least} is the least that pruning reaches{held}'


def _amounts(design: Design, chosen: Chosen, name: str) -> dict[str, float]:
    """Use of each layer of a design with a selection."""
    points = {choice.kernel.layer: (choice, k) for choice, k in chosen.points}
    amounts = {}
    for layer in design.layers:
        choice, k = points.get(layer.name, (None, 0))
        if name in NAMES:
            whole = getattr(design.estimate.layers[layer.name].resources, name)
            amounts[layer.name] = whole if choice is None else float(choice.curve.curve.cost[k][NAMES.index(name)])
        elif choice is None:
            amounts[layer.name] = layer_cycles(layer)[1 if name == 'latency' else 2]
        else:
            amounts[layer.name] = int((choice.latency if name == 'latency' else choice.interval)[k])
    return amounts


def _top(amounts: Mapping[str, float], reasons: Mapping[str, str]) -> str:
    """Name the layers that use most, and why those that cannot be pruned cannot."""
    ordered = sorted(((name, amount) for name, amount in amounts.items() if amount > 0), key=lambda item: -item[1])
    told = [f'{name} {amount:.0f}' + (f': {reasons[name]}' if name in reasons else '') for name, amount in ordered]
    return ', '.join(told[:_LISTED])
