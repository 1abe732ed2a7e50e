"""Reachable bounds: least values to which the bounds of an infeasible budget have to be raised, found by planning."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.limits import Limits

_CYCLES = ('latency', 'ii')
#: From limits and a goal to the best plan found, None if there is none.
Attempt = Callable[[Limits, Goal], Plan | None]


@dataclass(frozen=True)
class Reachable:
    """Least value at which a bound can be met.

    Attributes
    ----------
    name : str
        A resource, 'latency' or 'ii'.
    bound, least : float
        Bound of the user, and least use of any plan.
    plan : Plan
        Plan of that least use.
    """

    name: str
    bound: float
    least: float
    plan: Plan


@dataclass(frozen=True)
class Reach:
    """Search for the least use of a design.

    Attributes
    ----------
    attempt : Attempt
    goal : Goal
        Goal of the budget: its importance has to be kept.
    """

    attempt: Attempt
    goal: Goal

    def raised(self, limits: Limits) -> tuple[list[Reachable], bool]:
        """Find the bounds to raise.

        Returns
        -------
        (needed, together) : list of Reachable, bool
            Bounds that make the budget feasible when raised, each alone or all `together`.
        """
        bounds = bounds_of(limits)
        alone = [found for name in bounds if (found := self.least(name, limits))]
        if alone:
            return alone, False
        needed: dict[str, Reachable] = {}
        for name in bounds:
            if (found := self.least(name, only(limits, name))) is not None:
                needed[name], limits = found, raised_to(limits, name, found.least)
        # Bounds that can be met alone may still not be met together: each in turn leaves room for those before it.
        names = list(bounds)
        for number, name in enumerate(names):
            if self.attempt(limits, self.keeping) is not None:
                break
            lifted = limits
            for later in names[number + 1 :]:
                lifted = raised_to(lifted, later, None)
            if (found := self.least(name, lifted)) is not None:
                needed[name], limits = replace(found, bound=bounds[name]), raised_to(limits, name, found.least)
        return list(needed.values()), True

    @property
    def keeping(self) -> Goal:
        """Goal without an objective: any plan that keeps enough importance."""
        return Goal(importance=self.goal.importance)

    def least(self, name: str, limits: Limits) -> Reachable | None:
        """Find the least use of `name` within the other limits; None if these cannot be met, or its own bound is met."""
        free = raised_to(limits, name, None)
        plan = (
            self._fewest_cycles(name, free)
            if name in _CYCLES
            else self.attempt(free, replace(self.keeping, weights={name: 1.0}))
        )
        if plan is None or (use := used(plan)[name]) <= (bound := bounds_of(limits)[name]):
            return None
        return Reachable(name, bound, use, plan)

    def _fewest_cycles(self, name: str, free: Limits) -> Plan | None:
        """Bisect the bound on cycles."""
        best = self.attempt(free, self.keeping)
        if best is None:
            return None
        low, high = 0, int(used(best)[name])
        while high - low > 1:
            middle = (low + high) // 2
            found = self.attempt(raised_to(free, name, middle), self.keeping)
            if found is None:
                low = middle
            else:
                best, high = found, int(used(found)[name])
        return best


def used(plan: Plan) -> dict[str, float]:
    """Resources, latency and interval of a plan, by name."""
    return {**plan.after.as_dict(), 'latency': plan.timing_after.latency_max, 'ii': plan.timing_after.ii}


def bounds_of(limits: Limits) -> dict[str, float]:
    """Return all bounds by name, including the part's."""
    return {**limits.resources, **limits.named()}


def only(limits: Limits, name: str) -> Limits:
    """Limits with the bound on `name` alone."""
    return raised_to(Limits(), name, bounds_of(limits)[name])


def raised_to(limits: Limits, name: str, bound: float | None) -> Limits:
    """Limits with another bound on `name`, or with none."""
    cycles = None if bound is None else int(bound)
    if name == 'latency':
        return replace(limits, latency=cycles)
    if name == 'ii':
        return replace(limits, ii=cycles)
    part = {other: value for other, value in limits.part.items() if other != name}
    budget = {other: value for other, value in limits.budget.items() if other != name}
    return replace(limits, part=part, budget=budget if bound is None else {**budget, name: bound})
