"""Say why nothing is within the limits: bounds that are out of reach, the layers that hold them, and what can be changed."""

from collections.abc import Iterable, Mapping

import numpy as np

from hls4ml_hwprune.resources import NAMES, layer_cycles, slowest_path
from hls4ml_hwprune.selection.assembly import Goal
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.limits import Limits

_LISTED = 5
# Sums of whole numbers in floating point.
_ROUNDING = 1e-6
_FASTER = '; `ReuseFactor: auto` lets the knapsack choose faster ones'


def why_infeasible(design: Design, limits: Limits, goal: Goal) -> str:
    """Name each bound that is below what can be reached, and the layers that hold it; else that they conflict."""
    lines = [*_resources(design, limits), *_cycles(design, limits)]
    if not lines:
        least = f' with {goal.importance / (design.total_importance or 1.0):.1%} of the importance' if goal.weights else ''
        names = ', '.join([*limits.named(), *limits.part])
        lines = [f'each bound on {names} can be met alone, but not all of them together{least}: give one of them more room']
    return 'the budget cannot be met: ' + '; '.join(lines)


def _resources(design: Design, limits: Limits) -> list[str]:
    least = {
        kernel.layer: np.min([choice.curve.curve.cost.min(axis=0) for choice in choices], axis=0)
        for kernel, choices in zip(design.kernels, design.alternatives, strict=True)
    }
    held = {name: layer.resources.as_array() for name, layer in design.estimate.layers.items()}
    reachable = design.fixed + np.sum(list(least.values()), axis=0, initial=0.0)
    lines = []
    for column, name in enumerate(NAMES):
        if name not in limits.resources or reachable[column] <= limits.resources[name]:
            continue
        amounts = {layer: float(least.get(layer, amount)[column]) for layer, amount in held.items()}
        part = ', which the part has' if name not in limits.budget else ''
        fewest = np.ceil(reachable[column] - _ROUNDING)
        lines.append(
            f'{name} is bounded by {limits.resources[name]:.0f}{part}, but {fewest:.0f} is the least that '
            f'pruning reaches{_held_by(amounts, design)}'
        )
    return lines


def _cycles(design: Design, limits: Limits) -> list[str]:
    timed = {layer.name: layer_cycles(layer) for layer in design.layers}
    latency = {name: cycles[1] for name, cycles in timed.items()}
    interval = {name: cycles[2] for name, cycles in timed.items()}
    for kernel, choices in zip(design.kernels, design.alternatives, strict=True):
        latency[kernel.layer] = min(int(choice.latency.min()) for choice in choices)
        interval[kernel.layer] = min(int(choice.interval.min()) for choice in choices)
    advice = _FASTER if _may_be_faster(design) else ''
    lines = []
    total, path = slowest_path(design.layers, latency)
    if limits.latency is not None and total > limits.latency:
        slow = {name: latency[name] for name in path}
        held = _held_by(slow, design) or _steps(layer.name for layer in design.layers if layer.name in path)
        lines.append(f'the latency is bounded by {limits.latency} cycles, but {total} is the least{held}{advice}')
    stream = int(any(layer.io_type == 'io_stream' for layer in design.layers))
    longest = max(interval.values(), default=1) + stream
    if limits.ii is not None and longest > limits.ii:
        # A layer holds the interval only if it is itself above the bound.
        slow = {name: cycles for name, cycles in interval.items() if cycles + stream > limits.ii}
        lines.append(f'the II is bounded by {limits.ii} cycles, but {longest} is the least{_held_by(slow, design)}{advice}')
    return lines


def _may_be_faster(design: Design) -> bool:
    """Whether a kernel that shares multipliers may have no reuse factor but the configured one."""
    pairs = zip(design.kernels, design.alternatives, strict=True)
    return any(
        k.multiplexed and {choice.kernel.reuse_factor for choice in choices} == {k.reuse_factor} for k, choices in pairs
    )


def _held_by(amounts: Mapping[str, float], design: Design) -> str:
    """Return the layers that take the most, each with the reason for which it takes no less; nothing if none takes any."""
    used = sorted(((name, amount) for name, amount in amounts.items() if amount > 0), key=lambda item: -item[1])
    listed = [f'{name} {amount:.0f}{_because(name, design)}' for name, amount in used[:_LISTED]]
    listed += [f'{len(used) - _LISTED} other layers'] if len(used) > _LISTED else []
    return f' (held by {", ".join(listed)})' if listed else ''


def _because(name: str, design: Design) -> str:
    if (reason := design.not_pruned.get(name)) is not None:
        return f' [not pruned: {reason}]'
    layer = next(layer for layer in design.layers if layer.name == name)
    return '' if layer.kernels else f' [a layer of class {layer.kind}, which has no weights to prune]'


def _steps(names: Iterable[str]) -> str:
    """Return the layers on a path that takes cycles only between them."""
    return f' (held by the cycle from each layer to the next: {", ".join(names)})'
