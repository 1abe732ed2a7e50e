"""Solve the knapsack of a design: paths are bounded, and packings looked for, only where they matter."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.config.settings import Method
from hls4ml_hwprune.resources import NAMES, layer_cycles, slowest_path
from hls4ml_hwprune.selection.alternatives import Alternative
from hls4ml_hwprune.selection.assembly import Goal, Path, assemble
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.options import binding
from hls4ml_hwprune.selection.problem import Problem, Solution
from hls4ml_hwprune.selection.scenarios import Choices, scenarios
from hls4ml_hwprune.selection.solver import promising, solve

# Packings are looked for among so many weights in all: a tenth of a second for some ten thousand.
_MOST_LOOKED_FOR = 1_000_000


@dataclass(frozen=True)
class Chosen:
    """A point of one alternative for each kernel, none where nothing is within the limits, and how good they are."""

    points: tuple[tuple[Alternative, int], ...] = field(repr=False)
    solution: Solution


def choose(design: Design, limits: Limits, goal: Goal, settings: Settings) -> Chosen:
    """Choose for every kernel of a design.

    Parameters
    ----------
    design : Design
    limits : Limits
    goal : Goal
    settings : Settings
        Whose method and time limit count.
    """
    deadline = None if settings.time_limit is None else time.monotonic() + settings.time_limit
    found = [_Search(design, limits, goal, settings.method, deadline).run(choices) for choices in scenarios(design)]
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

    def run(self, choices: Choices) -> Chosen:
        """Look for packings until no other can be part of anything better."""
        paths = self._first_paths(choices)
        choices = self._that_matter(choices, paths)
        choices, left = self._as_mixed(choices, paths)
        while True:
            chosen = self._fast_enough(tuple(tuple(c for c in row if c.curve.exact) for row in choices), paths)
            wanted, bound = self._unknown(choices, paths, chosen.solution.objective if chosen.points else -np.inf)
            if not wanted:
                return chosen
            if left <= 0 and chosen.points:
                return replace(chosen, solution=chosen.solution.with_bound(bound))
            choices, left = _with_found(choices, wanted), left - _weights(choices, wanted)

    def _as_mixed(self, choices: Choices, paths: Sequence[Path]) -> tuple[Choices, int]:
        """Look for the packings that the relaxation mixes: the best selection is close to it."""
        left = _MOST_LOOKED_FOR
        while left > 0:
            wanted, _ = self._unknown(choices, paths, None)
            if not wanted:
                break
            choices, left = _with_found(choices, wanted), left - _weights(choices, wanted)
        return choices, left

    def _unknown(self, choices: Choices, paths: Sequence[Path], known: float | None) -> tuple[list[tuple[int, int]], float]:
        """Packings not looked for yet that may be part of a selection worth more than `known`, or that the relaxation mixes.

        And an upper bound on what any selection is worth.
        """
        if all(choice.curve.exact for row in choices for choice in row):
            return [], np.inf
        found, bound = promising(self._problem(choices, paths), known)
        return [(i, a) for i, a in found if not choices[i][a].curve.exact][: max(4, len(choices))], bound

    def _problem(self, choices: Choices, paths: Sequence[Path]) -> Problem:
        return assemble(self.design, choices, self.limits, self.goal, paths)

    def _that_matter(self, choices: Choices, paths: Sequence[Path]) -> Choices:
        """Leave out packings that could only save LUTs and flip-flops where there are enough of them."""
        limited = [name for name in NAMES if name in self.limits.resources]
        scarce = binding(self._problem(choices, paths))[: len(limited)]
        if any(scarce[limited.index(name)] for name in ('lut', 'ff') if name in limited) or self.goal.weights:
            return choices
        return tuple(tuple(choice for choice in row if choice.curve.exact) for row in choices)

    def _fast_enough(self, choices: Choices, paths: list[Path]) -> Chosen:
        """Add the slowest path of the best selection to `paths` until it is fast enough."""
        while True:
            left = None if self.deadline is None else max(0.01, self.deadline - time.monotonic())
            solution = solve(self._problem(choices, paths), left, self.method)
            points = tuple((row[a], k) for row, (a, k) in zip(choices, solution.choices, strict=False))
            if self.limits.latency is None or not points:
                return Chosen(points, solution)
            latencies = [int(choice.latency[k]) for choice, k in points]
            slowest = _slowest(self.design, latencies)
            if slowest.total(self.design, latencies) <= self.limits.latency or slowest in paths:
                return Chosen(points, solution)
            paths.append(slowest)

    def _first_paths(self, choices: Choices) -> list[Path]:
        if self.limits.latency is None:
            return []
        return [_slowest(self.design, [min(int(choice.latency.min()) for choice in row) for row in choices])]


def _weights(choices: Choices, wanted: Sequence[tuple[int, int]]) -> int:
    return sum(choices[kernel][number].kernel.codes.size for kernel, number in wanted)


def _with_found(choices: Choices, wanted: Sequence[tuple[int, int]]) -> Choices:
    rows = [list(row) for row in choices]
    for kernel, number in wanted:
        rows[kernel][number] = rows[kernel][number].found()
    return tuple(tuple(row) for row in rows)


def _slowest(design: Design, latencies: Sequence[int]) -> Path:
    """Slowest path where the layers of the kernels take `latencies`."""
    cycles = {layer.name: layer_cycles(layer)[1] for layer in design.layers}
    own = {kernel.layer: latency for kernel, latency in zip(design.kernels, latencies, strict=True)}
    total, names = slowest_path(design.layers, cycles | own)
    return Path(names, total - sum(latency for name, latency in own.items() if name in names))
