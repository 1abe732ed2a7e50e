"""Knapsack of a design: values and costs of all alternatives, and bounds on their sums."""

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

# Relative rounding by which the importance may fall short of its lower bound.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Path:
    """Latency path: kernels whose cycles add up, one of each layer on it.

    Attributes
    ----------
    kernels : frozenset of KernelKey
    cycles : int
        Cycles along the path of everything but the prunable kernels.
    """

    kernels: frozenset[KernelKey]
    cycles: int

    def total(self, design: Design, latencies: Sequence[int]) -> int:
        """Cycles along the path where the design's kernels take `latencies`."""
        own = zip(design.kernels, latencies, strict=True)
        return self.cycles + sum(latency for kernel, latency in own if kernel.key in self.kernels)


@dataclass(frozen=True)
class Goal:
    """Objective, and lower bound on the importance.

    Attributes
    ----------
    weights : mapping of str to float
        Weight of a unit of each minimised resource, or of 'latency'; empty to maximise the importance.
    importance : float
        Least importance to keep.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    importance: float = 0.0


#: Cut: kernels without which an output would not depend on the inputs, so that at least one must keep a weight.
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
        Alternatives to choose from, for each kernel of the design.
    limits : Limits
    goal : Goal
    paths : sequence of Path
        Paths through the design, each within the latency.
    cuts : sequence of Cut

    Returns
    -------
    Problem
        Its rows: the kernels, then the layers whose products may be bound to LUTs. Its resources: the limited ones,
        then the latency of each path, the number of intervals that are too long, the negative importance, and for each cut
        the negative number of its kernels that keep a weight.
    """
    columns = [column for column, name in enumerate(NAMES) if name in limits.resources]
    room = [limits.resources[NAMES[column]] - design.fixed[column] for column in columns]
    latency = latency_bound(design, limits)
    room += [float(latency - path.cycles) for path in paths if latency is not None]
    longest = _longest_interval(design, limits)
    room += [] if longest is None else [0.0]
    room += [_ROUNDING * abs(goal.importance) - goal.importance] if goal.importance else []
    room += [-1.0] * len(cuts)

    rows = []
    for kernel, choices in zip(design.kernels, alternatives, strict=True):
        columns_of = _Columns(
            resources=tuple(columns),
            paths=tuple(kernel.key in path.kernels for path in paths if latency is not None),
            longest=longest,
            importance=bool(goal.importance),
            cuts=tuple(kernel.key in one for one in cuts),
            weights=tuple(goal.weights.items()),
        )
        rows.append([choice.remembered(columns_of, _curve) for choice in choices])
    weights = np.array([goal.weights.get(name, 0.0) for name in NAMES])
    rows += [one.curves(columns, len(room) - len(columns), weights) for one in design.bindings]
    return Problem(rows, np.array(room, float))


@dataclass(frozen=True)
class _Columns:
    """All that the curve of an alternative in a problem goes by, besides the alternative."""

    resources: tuple[int, ...]
    paths: tuple[bool, ...]
    longest: int | None
    importance: bool
    cuts: tuple[bool, ...]
    weights: tuple[tuple[str, float], ...]


def _curve(choice: Alternative, columns: _Columns) -> Curve:
    found = choice.option
    parts: list[NDArray] = [found.cost[:, list(columns.resources)]]
    parts += [(choice.latency * inside)[:, None] for inside in columns.paths]
    parts += [] if columns.longest is None else [(choice.interval > columns.longest)[:, None]]
    parts += [-found.value[:, None]] if columns.importance else []
    parts += [-(found.connects * float(inside))[:, None] for inside in columns.cuts]
    return Curve(_worth(choice, dict(columns.weights)), np.concatenate(parts, axis=1))


def latency_bound(design: Design, limits: Limits) -> int | None:
    """Bound on the cycles of every path; the interval bounds them too where a design takes one input at a time."""
    bounds = [limits.latency, limits.ii] if one_at_a_time(design.layers) else [limits.latency]
    return min((bound for bound in bounds if bound is not None), default=None)


def _longest_interval(design: Design, limits: Limits) -> int | None:
    """Longest interval allowed for a layer (a design of io_stream takes one more); 0 if a fixed layer is over it."""
    if limits.ii is None or one_at_a_time(design.layers):
        return None
    longest = limits.ii - int(any(layer.io_type == 'io_stream' for layer in design.layers))
    chosen = {kernel.layer for kernel in design.kernels}
    others = [layer_cycles(layer)[2] for layer in design.layers if layer.name not in chosen]
    return 0 if max(others, default=0) > longest else longest


def _worth(choice: Alternative, weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the contribution of each point of a curve to the objective."""
    if not weights:
        return choice.option.value
    worth = -weights.get('latency', 0.0) * choice.latency.astype(np.float64)
    for column, name in enumerate(NAMES):
        if name in weights:
            worth = worth - weights[name] * choice.option.cost[:, column]
    return worth
