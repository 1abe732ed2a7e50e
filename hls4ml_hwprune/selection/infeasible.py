"""Say why nothing is within the limits."""

from collections.abc import Mapping

import numpy as np

from hls4ml_hwprune.resources import NAMES, layer_cycles, slowest_path
from hls4ml_hwprune.selection.assembly import Goal
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.limits import Limits

_LISTED = 5


def why_infeasible(design: Design, limits: Limits, goal: Goal) -> str:
    """Name each bound that is below what can be reached, and the layers that hold it; else that they conflict."""
    lines = [*_resources(design, limits), *_cycles(design, limits)]
    if not lines:
        least = f' with {goal.importance / (design.total_importance or 1.0):.1%} of the importance' if goal.weights else ''
        names = ', '.join([*limits.named(), *limits.part])
        lines = [f'each bound on {names} can be met alone, but not all of them together{least}']
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
        lines.append(
            f'{name} is bounded by {limits.resources[name]:.7g}, but {reachable[column]:.0f} is the least that pruning '
            f'reaches (held by {_top(amounts)})'
        )
    return lines


def _cycles(design: Design, limits: Limits) -> list[str]:
    timed = {layer.name: layer_cycles(layer) for layer in design.layers}
    latency = {name: cycles[1] for name, cycles in timed.items()}
    interval = {name: cycles[2] for name, cycles in timed.items()}
    for kernel, choices in zip(design.kernels, design.alternatives, strict=True):
        latency[kernel.layer] = min(int(choice.latency.min()) for choice in choices)
        interval[kernel.layer] = min(int(choice.interval.min()) for choice in choices)
    lines = []
    total, path = slowest_path(design.layers, latency)
    if limits.latency is not None and total > limits.latency:
        slow = _top({name: cycles for name, cycles in latency.items() if name in path})
        lines.append(f'the latency is bounded by {limits.latency} cycles, but {total} is the least (held by {slow})')
    stream = int(any(layer.io_type == 'io_stream' for layer in design.layers))
    longest = max(interval.values(), default=1) + stream
    if limits.ii is not None and longest > limits.ii:
        lines.append(f'the II is bounded by {limits.ii} cycles, but {longest} is the least (held by {_top(interval)})')
    return lines


def _top(amounts: Mapping[str, float]) -> str:
    used = sorted(((name, amount) for name, amount in amounts.items() if amount > 0), key=lambda item: -item[1])
    return ', '.join(f'{name} {amount:.0f}' for name, amount in used[:_LISTED])
