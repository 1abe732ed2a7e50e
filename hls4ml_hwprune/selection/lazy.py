"""Lazy constraints and lazy alternatives of a design's knapsack: violated paths and cuts, packings that may pay off."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.config.settings import Method
from hls4ml_hwprune.records import KernelKey
from hls4ml_hwprune.resources import NAMES, layer_cycles, slowest_path
from hls4ml_hwprune.selection.alternatives import Alternative
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.formulation import Cut, Goal, Path, assemble, latency_bound
from hls4ml_hwprune.selection.knapsack.effort import OF_ANY_PROBLEM, OF_POINT
from hls4ml_hwprune.selection.knapsack.options import binding
from hls4ml_hwprune.selection.knapsack.problem import Problem, Solution
from hls4ml_hwprune.selection.knapsack.solver import promising, solve
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.scenarios import Choices, scenarios
from hls4ml_hwprune.wiring import cut

# Weights of all kernels whose packings are searched for, at most: a tenth of a second for some ten thousand.
_MOST_LOOKED_FOR = 1_000_000


Points = tuple[tuple[Alternative, int], ...]


@dataclass(frozen=True)
class Chosen:
    """A point of one alternative for each kernel, none where nothing is within the limits, with the solution's bound.

    `bound` names the layers whose products are in LUTs.
    """

    points: Points = field(repr=False)
    solution: Solution
    bound: frozenset[str] = frozenset()


def choose(design: Design, limits: Limits, goal: Goal, settings: Settings, start: Chosen | None = None) -> Chosen:
    """Choose for every kernel of a design.

    Parameters
    ----------
    design : Design
    limits : Limits
    goal : Goal
    settings : Settings
        Source of method and time limit.
    start : Chosen, optional
        A selection within the limits that reaches the goal.
    """
    deadline = None if settings.time_limit is None else time.monotonic() + settings.time_limit
    found = [_Search(design, limits, goal, settings.method, deadline, start).run(choices) for choices in scenarios(design)]
    feasible = [chosen for chosen in found if chosen.solution.status != 'infeasible']
    if not feasible:
        return Chosen((), Solution([], 0.0, 0.0, 'infeasible'))
    best = max(feasible, key=lambda chosen: chosen.solution.objective)
    return replace(best, solution=best.solution.with_bound(max(chosen.solution.bound for chosen in feasible)))


@dataclass
class _Search:
    design: Design
    limits: Limits
    goal: Goal
    method: Method
    deadline: float | None
    start: Chosen | None
    paths: list[Path] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    def run(self, choices: Choices) -> Chosen:
        """Search for packings until no other one can be part of a better selection."""
        self.paths, self.cuts = self._first_paths(choices), first_cuts(self.design)
        choices = self._that_matter(choices)
        choices, left = self._as_mixed(choices)
        while True:
            chosen = self._within_rows(tuple(tuple(c for c in row if c.option.exact) for row in choices))
            wanted, bound = self._unknown(choices, chosen.solution.objective if chosen.points else -np.inf)
            if not wanted:
                return chosen
            if self.design.effort.is_spent:
                self.design.effort.leave_out('orders of inputs (`permuted`)')
            if (left <= 0 or self.design.effort.is_spent) and chosen.points:
                return replace(chosen, solution=chosen.solution.with_bound(bound))
            if self.design.effort.is_exhausted:
                return chosen
            choices, left = self._with_found(choices, wanted), left - _weights(choices, wanted)

    def _as_mixed(self, choices: Choices) -> tuple[Choices, int]:
        """Search for the packings that the relaxation mixes: the best selection is close to it."""
        left = _MOST_LOOKED_FOR
        while left > 0:
            wanted, _ = self._unknown(choices, None)
            if not wanted or self.design.effort.is_spent:
                break
            choices, left = self._with_found(choices, wanted), left - _weights(choices, wanted)
        return choices, left

    def _with_found(self, choices: Choices, wanted: Sequence[tuple[int, int]]) -> Choices:
        """Search for packings, for the first of them at least, until the effort is spent."""
        rows, effort = [list(row) for row in choices], self.design.effort
        for number, (kernel, alternative) in enumerate(wanted):
            if number and effort.is_spent:
                break
            found = rows[kernel][alternative]
            effort.spend_once(*found.search)
            rows[kernel][alternative] = found.found()
        return tuple(tuple(row) for row in rows)

    def _unknown(self, choices: Choices, known: float | None) -> tuple[list[tuple[int, int]], float]:
        """List the unsearched packings that may be in a selection worth more than `known`; default: in the relaxation's mix.

        The second result is an upper bound on the value of any selection.
        """
        if all(choice.option.exact for row in choices for choice in row):
            return [], np.inf
        found, bound = promising(self._problem(choices), known)
        of_kernels = [(i, a) for i, a in found if i < len(choices)]
        return [(i, a) for i, a in of_kernels if not choices[i][a].option.exact][: max(4, len(choices))], bound

    def _problem(self, choices: Choices) -> Problem:
        points = sum(choice.option.value.size for row in choices for choice in row)
        self.design.effort.spend(OF_ANY_PROBLEM + OF_POINT * points)
        return assemble(self.design, choices, self.limits, self.goal, self.paths, self.cuts)

    def _that_matter(self, choices: Choices) -> Choices:
        """Leave out packings that only save LUTs and flip-flops where these are not scarce."""
        limited = [name for name in NAMES if name in self.limits.resources]
        scarce = binding(self._problem(choices))[: len(limited)]
        if any(scarce[limited.index(name)] for name in ('lut', 'ff') if name in limited) or self.goal.weights:
            return choices
        return tuple(tuple(choice for choice in row if choice.option.exact) for row in choices)

    def _within_rows(self, choices: Choices) -> Chosen:
        """Add the slowest path, or the cut, that the best selection violates, until it violates none."""
        while True:
            left = None if self.deadline is None else max(0.01, self.deadline - time.monotonic())
            solution = solve(self._problem(choices), left, self.method, self.design.effort, self._started(choices))
            points = tuple((row[a], k) for row, (a, k) in zip(choices, solution.choices, strict=False))
            if not points or not (self._adds_path(points) or self._adds_cut(points)):
                of_bindings = zip(self.design.bindings, solution.choices[len(choices) :], strict=False)
                return Chosen(points, solution, frozenset(one.layer for one, (in_luts, _) in of_bindings if in_luts))

    def _started(self, choices: Choices) -> list[tuple[int, int]] | None:
        """Return the selection to begin with by numbers of these choices; None if one is not among them."""
        if self.start is None or len(self.start.points) != len(choices):
            return None
        found = []
        for row, (choice, k) in zip(choices, self.start.points, strict=True):
            like = [number for number, one in enumerate(row) if one.is_like(choice)]
            if not like:
                return None
            found.append((like[0], k))
        return found + [(int(one.layer in self.start.bound), 0) for one in self.design.bindings]

    def _adds_path(self, points: Points) -> bool:
        """Whether the slowest path of a selection is a new violated constraint."""
        bound = latency_bound(self.design, self.limits)
        if bound is None:
            return False
        latencies = [int(choice.latency[k]) for choice, k in points]
        slowest = _slowest(self.design, latencies)
        if slowest.total(self.design, latencies) <= bound or slowest in self.paths:
            return False
        self.paths.append(slowest)
        return True

    def _adds_cut(self, points: Points) -> bool:
        """Whether the empty kernels of a selection part an output from the inputs by a new cut."""
        if self.design.wiring is None:
            return False
        empty = [choice.kernel.key for choice, k in points if not choice.option.connects[k]]
        found = cut(self.design.wiring, empty, self.design.severed)
        if not found or found in self.cuts:
            return False
        self.cuts.append(found)
        return True

    def _first_paths(self, choices: Choices) -> list[Path]:
        if latency_bound(self.design, self.limits) is None:
            return []
        return [_slowest(self.design, [min(int(choice.latency.min()) for choice in row) for row in choices])]


def first_cuts(design: Design) -> list[Cut]:
    """Cuts of one kernel each: kernels on every path to an output, and kernels with pinned weights."""
    if design.wiring is None:
        return []
    alone = [cut(design.wiring, [kernel.key], design.severed) for kernel in design.kernels]
    pinned = [
        frozenset([kernel.key])
        for kernel, choices in zip(design.kernels, design.alternatives, strict=True)
        if choices[0].option.source.pinned.size
    ]
    return sorted({one for one in (*alone, *pinned) if one}, key=sorted)


def _weights(choices: Choices, wanted: Sequence[tuple[int, int]]) -> int:
    return sum(choices[kernel][number].kernel.codes.size for kernel, number in wanted)


def _slowest(design: Design, latencies: Sequence[int]) -> Path:
    """Slowest path where the kernels take `latencies`: of a layer on it, through its slowest kernel."""
    cycles = {layer.name: layer_cycles(layer)[1] for layer in design.layers}
    own: dict[str, tuple[int, KernelKey]] = {}
    for kernel, latency in zip(design.kernels, latencies, strict=True):
        own[kernel.layer] = max(own.get(kernel.layer, (-1, kernel.key)), (latency, kernel.key), key=lambda one: one[0])
    total, names = slowest_path(design.layers, cycles | {name: latency for name, (latency, _) in own.items()})
    on_path = [one for name, one in own.items() if name in names]
    return Path(frozenset(key for _, key in on_path), total - sum(latency for latency, _ in on_path))
