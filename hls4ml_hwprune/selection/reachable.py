"""Reachable bounds: the least that each bound of an infeasible budget has to be raised to, found by planning."""

from dataclasses import dataclass, replace

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.selection.assembly import Goal
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.solving import Chosen, choose, cycles_of

_CYCLES = ('latency', 'ii')


@dataclass(frozen=True)
class Reachable:
    """The least use that a bound can be met with.

    Attributes
    ----------
    name : str
        A resource, 'latency' or 'ii'.
    bound, least : float
        As asked for, and the least that a plan reaches.
    chosen : Chosen
        Selection of that plan.
    """

    name: str
    bound: float
    least: float
    chosen: Chosen


@dataclass(frozen=True)
class Reach:
    """Search for the least use of one design.

    Attributes
    ----------
    design : Design
    goal : Goal
        Whose importance has to be kept.
    settings : Settings
    """

    design: Design
    goal: Goal
    settings: Settings

    @classmethod
    def of(cls, design: Design, goal: Goal, settings: Settings) -> 'Reach':
        """Take all alternatives of a design, those that are too slow for its own bound included."""
        unhurried = replace(settings, latency=None)
        if settings.latency is not None:
            design = design.refined(design.sources, unhurried)
        return cls(design, Goal(importance=goal.importance), unhurried)

    def raised(self, limits: Limits) -> list[Reachable]:
        """Return bounds that have to be raised: each alone makes the budget feasible, or where none does, all together."""
        alone = [found for name in bounds_of(limits) if (found := self._least(name, limits))]
        if alone:
            return alone
        needed = [found for name in bounds_of(limits) if (found := self._least(name, _only(limits, name)))]
        for one in needed:
            limits = _with(limits, one.name, one.least)
        return self._together(needed, limits)

    def suffices(self, limits: Limits, one: Reachable) -> bool:
        """Whether the budget can be met with one bound raised."""
        return self._choose(_with(limits, one.name, one.least)).solution.status != 'infeasible'

    def _together(self, needed: list[Reachable], limits: Limits) -> list[Reachable]:
        """Raise bounds that can be met alone, but not together, one after the other in the order of their names."""
        names = list(bounds_of(limits))
        for number, name in enumerate(names):
            if self._choose(limits).solution.status != 'infeasible':
                break
            lifted = limits
            for later in names[number + 1 :]:
                lifted = _with(lifted, later, None)
            if (found := self._least(name, lifted)) is not None:
                limits = _with(limits, name, found.least)
                asked = next((one.bound for one in needed if one.name == name), found.bound)
                needed = [*(one for one in needed if one.name != name), replace(found, bound=asked)]
        return needed

    def _choose(self, limits: Limits, goal: Goal | None = None) -> Chosen:
        return choose(self.design, limits, goal or self.goal, self.settings)

    def _least(self, name: str, limits: Limits) -> Reachable | None:
        """Least use of `name` with the other limits as they are; None if these cannot be met, or it is within its bound."""
        free = _with(limits, name, None)
        if name in _CYCLES:
            found = self._fewest_cycles(name, free)
        else:
            found = self._choose(free, replace(self.goal, weights={name: 1.0}))
        if found is None or found.solution.status == 'infeasible':
            return None
        bound, least = bounds_of(limits)[name], used(self.design, found)[name]
        return Reachable(name, bound, least, found) if least > bound else None

    def _fewest_cycles(self, name: str, free: Limits) -> Chosen | None:
        """Bisect the bound on cycles."""
        best = self._choose(free)
        if best.solution.status == 'infeasible':
            return None
        low, high = 0, int(used(self.design, best)[name])
        while high - low > 1:
            middle = (low + high) // 2
            found = self._choose(_with(free, name, middle))
            if found.solution.status == 'infeasible':
                low = middle
            else:
                best, high = found, int(used(self.design, found)[name])
        return best


def used(design: Design, chosen: Chosen) -> dict[str, float]:
    """Resources of a selection as the knapsack counts them, and its latency and interval, by name."""
    total = design.fixed + sum(choice.curve.curve.cost[k] for choice, k in chosen.points)
    cycles = dict(zip(_CYCLES, cycles_of(design, chosen.points), strict=True))
    return {**dict(zip(NAMES, total.tolist(), strict=True)), **cycles}


def bounds_of(limits: Limits) -> dict[str, float]:
    """Return all bounds by name, those of the part included."""
    return {**limits.resources, **limits.named()}


def _with(limits: Limits, name: str, bound: float | None) -> Limits:
    """Limits with another bound, or with none."""
    cycles = None if bound is None else int(bound)
    if name == 'latency':
        return replace(limits, latency=cycles)
    if name == 'ii':
        return replace(limits, ii=cycles)
    part = {other: value for other, value in limits.part.items() if other != name}
    budget = {other: value for other, value in limits.budget.items() if other != name}
    return replace(limits, part=part, budget=budget if bound is None else {**budget, name: bound})


def _only(limits: Limits, name: str) -> Limits:
    """Limits on one thing alone."""
    return _with(Limits(), name, bounds_of(limits)[name])
