"""The knapsack of a design: values and costs of all alternatives, and the bounds that they meet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import KernelKey
from hls4ml_hwprune.resources import NAMES, layer_cycles, one_at_a_time
from hls4ml_hwprune.selection.alternatives import Alternative
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.knapsack.problem import Curve, Problem
from hls4ml_hwprune.selection.limits import Limits

# Rounding that a share of the importance may be short of.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Path:
    """Layers whose cycles add up, with what else is on their way.

    Attributes
    ----------
    layers : frozenset of str
    cycles : int
        Of everything but the kernels that can be pruned.
    """

    layers: frozenset[str]
    cycles: int

    def total(self, design: Design, latencies: Sequence[int]) -> int:
        """Cycles along the path where the layers of the design's kernels take `latencies`."""
        own = zip(design.kernels, latencies, strict=True)
        return self.cycles + sum(latency for kernel, latency in own if kernel.layer in self.layers)


@dataclass(frozen=True)
class Goal:
    """What is maximised, and what has to be kept.

    Attributes
    ----------
    weights : mapping of str to float
        What a unit of a resource, or of 'latency', counts where the least is used; empty to keep the most importance.
    importance : float
        Importance that is kept at least.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    importance: float = 0.0


#: Kernels of which one at least must keep a weight, as without any of them an output would not depend on the inputs.
Cut = frozenset[KernelKey]


def assemble(
    design: Design,
    alternatives: Sequence[Sequence[Alternative]],
    limits: Limits,
    goal: Goal,
    paths: Sequence[Path],
    cuts: Sequence[Cut] = (),
) -> Problem:
    """Build the knapsack.

    Parameters
    ----------
    design : Design
    alternatives : sequence of sequence of Alternative
        For each kernel of the design those that may be chosen.
    limits : Limits
    goal : Goal
    paths : sequence of Path
        Through the design, of which none may take more than the latency.
    cuts : sequence of Cut

    Returns
    -------
    Problem
        Resources are those that are limited, then the latency of each path, intervals that are too long, the intervals of
        layers of several kernels, the importance
        that is not kept, and the kernels of each cut that keep nothing.
    """
    columns = [column for column, name in enumerate(NAMES) if name in limits.resources]
    room = [limits.resources[NAMES[column]] - design.fixed[column] for column in columns]
    latency = latency_bound(design, limits)
    room += [float(latency - path.cycles) for path in paths if latency is not None]
    longest = _longest_interval(design, limits)
    together = _layers_of_several(design) if longest is not None else []
    room += [] if longest is None else [0.0, *([float(longest)] * len(together))]
    room += [_ROUNDING * abs(goal.importance) - goal.importance] if goal.importance else []
    room += [-1.0] * len(cuts)

    def curve(key: KernelKey, choice: Alternative) -> Curve:
        found = choice.option
        parts: list[NDArray] = [found.cost[:, columns]]
        parts += [(choice.latency * (key.layer in path.layers))[:, None] for path in paths if latency is not None]
        parts += [] if longest is None else [(choice.interval > longest)[:, None]]
        parts += [(choice.interval * (key.layer == name))[:, None] for name in together]
        parts += [-found.value[:, None]] if goal.importance else []
        parts += [-(choice.option.connects * float(key in one))[:, None] for one in cuts]
        return Curve(_worth(choice, goal), np.concatenate(parts, axis=1))

    kernels = [
        [curve(kernel.key, choice) for choice in choices]
        for kernel, choices in zip(design.kernels, alternatives, strict=True)
    ]
    return Problem(kernels, np.array(room, float))


def latency_bound(design: Design, limits: Limits) -> int | None:
    """Bound on the cycles of every path: where a design takes one input at a time, its interval bounds them too."""
    bounds = [limits.latency, limits.ii] if one_at_a_time(design.layers) else [limits.latency]
    return min((bound for bound in bounds if bound is not None), default=None)


def _longest_interval(design: Design, limits: Limits) -> int | None:
    """Longest interval that a layer may have; of the whole design it is one more for io_stream. 0 if another is over it."""
    if limits.ii is None or one_at_a_time(design.layers):
        return None
    longest = limits.ii - int(any(layer.io_type == 'io_stream' for layer in design.layers))
    chosen = {kernel.layer for kernel in design.kernels}
    others = [layer_cycles(layer)[2] for layer in design.layers if layer.name not in chosen]
    return 0 if max(others, default=0) > longest else longest


def _layers_of_several(design: Design) -> list[str]:
    """Layers whose interval is the sum of those of their kernels, which follow each other."""
    counts = Counter(kernel.layer for kernel in design.kernels)
    return [name for name, count in counts.items() if count > 1]


def _worth(choice: Alternative, goal: Goal) -> NDArray[np.float64]:
    """Return what each point of a curve adds to the goal."""
    if not goal.weights:
        return choice.option.value
    worth = -goal.weights.get('latency', 0.0) * choice.latency.astype(np.float64)
    for column, name in enumerate(NAMES):
        if name in goal.weights:
            worth = worth - goal.weights[name] * choice.option.cost[:, column]
    return worth
