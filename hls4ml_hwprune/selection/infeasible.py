"""Explanation of an infeasible budget: bounds out of reach, the layers that hold them, and possible changes."""

from collections.abc import Mapping, Sequence

from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import NAMES, one_at_a_time
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.reachable import Attempt, Reach, Reachable

_LISTED = 5
_FASTER = '; `ReuseFactor: auto` lets the knapsack choose faster ones'


def why_infeasible(design: Design, limits: Limits, goal: Goal, attempt: Attempt, parted: Attempt) -> str:
    """Name the bounds to raise, their reachable values, and the layers that hold them; a plan for the raised bounds exists.

    Parameters
    ----------
    design : Design
    limits : Limits
    goal : Goal
    attempt, parted : Attempt
        Planning within limits; `parted` may part the outputs of the network from its inputs.
    """
    needed, together = Reach(attempt, goal).raised(limits)
    kept = f' with {goal.importance / (design.total_importance or 1.0):.1%} of the importance' if goal.importance else ''
    if not needed:
        names = ', '.join([*limits.named(), *limits.part])
        return f'the budget cannot be met{kept}: no bound on {names} can be met, whatever the others are'
    lines = [_line(design, limits, one) for one in needed]
    text = f'the budget cannot be met{kept}: {"; ".join(lines) if together else "; or ".join(lines)}'
    if design.wiring is not None and _parts(needed, limits, goal, parted):
        text += '; with less the outputs would no longer depend on the inputs'
    return text


def _parts(needed: Sequence[Reachable], limits: Limits, goal: Goal, parted: Attempt) -> bool:
    """Whether a design with constant outputs would take less."""
    less = [Reach(parted, goal).least(one.name, limits) for one in needed]
    return any(found is None or found.least < one.least for found, one in zip(less, needed, strict=True))


def _line(design: Design, limits: Limits, one: Reachable) -> str:
    if one.name in NAMES:
        part = '' if one.name in limits.budget else ', which the part has'
        held = _held_by(_amounts(design, one.plan, one.name), design)
        return f'{one.name} is bounded by {one.bound:.0f}{part}, but {one.least:.0f} is the least that pruning reaches{held}'
    whole = one.name == 'latency' or one_at_a_time(design.layers)
    column = 'latency_max' if whole else 'ii'
    cycles = {name: float(getattr(layer, column)) for name, layer in one.plan.layers.items()}
    if not whole:
        # A layer holds the interval only if it is above the bound itself; io_stream adds a cycle.
        stream = int(any(layer.io_type == 'io_stream' for layer in design.layers))
        cycles = {name: amount for name, amount in cycles.items() if amount + stream > one.bound}
    held = _held_by(cycles, design) or f' (held by the cycle from each layer to the next: {", ".join(cycles)})'
    title = 'II' if one.name == 'ii' else 'latency'
    advice = _FASTER if _may_be_faster(design) else ''
    return f'the {title} is bounded by {one.bound:.0f} cycles, but {one.least:.0f} is the least{held}{advice}'


def _amounts(design: Design, plan: Plan, name: str) -> dict[str, float]:
    layers = plan.layers or design.estimate.layers
    return {layer: float(getattr(found.resources, name)) for layer, found in layers.items()}


def _may_be_faster(design: Design) -> bool:
    """Whether a kernel with shared multipliers has its configured reuse factor as the only choice."""
    pairs = zip(design.kernels, design.alternatives, strict=True)
    return any(
        k.multiplexed and {choice.kernel.reuse_factor for choice in choices} == {k.reuse_factor} for k, choices in pairs
    )


def _held_by(amounts: Mapping[str, float], design: Design) -> str:
    """Return the layers of the largest amounts, each with the reason why it takes no less; nothing if all are zero."""
    most = sorted(((name, amount) for name, amount in amounts.items() if amount > 0), key=lambda item: -item[1])
    listed = [f'{name} {amount:.0f}{_because(name, design)}' for name, amount in most[:_LISTED]]
    listed += [f'{len(most) - _LISTED} other layers'] if len(most) > _LISTED else []
    return f' (held by {", ".join(listed)})' if listed else ''


def _because(name: str, design: Design) -> str:
    if (reason := design.not_pruned.get(name)) is not None:
        return f' [not pruned: {reason}]'
    layer = next(layer for layer in design.layers if layer.name == name)
    return '' if layer.kernels else f' [a layer of class {layer.kind}, which has no weights to prune]'
