"""Search along savings: bisection of the resources that the knapsack may count, in networks of several widths.

Dead structure is removed from a finished design, which therefore takes less than the knapsack counts. So the bounds of the
knapsack are widened, as long as plans still fit once they are finished.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.knapsack.effort import OF_SAVINGS
from hls4ml_hwprune.selection.lazy import Chosen
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.narrowing import narrowed
from hls4ml_hwprune.selection.rounds import Rounds
from hls4ml_hwprune.wiring import liveness

# Bisection steps of the resources that the knapsack may count, and shares of the hidden channels that are removed.
_BISECTIONS = 8
_WIDTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# Steps of that share in the local search around the best.
_STEPS = (0.05, 0.025)
# Successive selections in a network of one width.
_MOST_ROUNDS = 6
# Relative difference of the importance within which selections count as equal.
_EQUAL = 1e-9
# Factor of the effort as long as no plan is known.
_FOR_ANY = 5
# Relative gap to the bound that is not worth a search.
_CLOSE = 2e-3


def spend_savings(rounds: Rounds) -> None:
    """Search for plans that the prices of the knapsack rule out, and bound their objective."""
    search, plan = _Search(rounds), rounds.plan
    if plan is None or plan.status != 'optimal' or search.savings_decide:
        search.run()


@dataclass
class _Search:
    rounds: Rounds
    share: float = 0.0
    begun: int = 0
    hurried: bool = True

    def run(self) -> None:
        rounds, effort = self.rounds, self.rounds.design.effort
        if effort.is_spent:
            effort.leave_out('plans that count on what dead structure saves')
            return
        most = rounds.choose(rounds.design, self._unhurried(self._widened(rounds.removable)))
        if most.solution.status == 'infeasible':
            return
        rounds.ceiling, self.begun = most.solution.bound, effort.spent
        if self._cycles_may_fall:
            unhurried = self._unhurried(rounds.limits)
            rounds.improve(rounds.choose(rounds.design, unhurried), unhurried)
        self._iterate()
        self._look_at(0.0)
        for share in _WIDTHS:
            self._look_at(share)
        for step in _STEPS if self.savings_decide else ():
            self._look_around(step)

    @cached_property
    def savings_decide(self) -> bool:
        """Whether a resource with savings in finished designs is short at the prices of the knapsack, or minimised."""
        short = (self._is_short | (self.rounds.weights > 0)) & (self.rounds.removable > 0)
        return bool(short.any()) or self._cycles_may_fall

    @cached_property
    def _bounds(self) -> NDArray[np.float64]:
        """Bound of each resource, shape (5,)."""
        return np.array([self.rounds.limits.resources.get(name, np.inf) for name in NAMES])

    @cached_property
    def _is_short(self) -> NDArray[np.bool_]:
        """Whether all weights together exceed the bound of each resource, shape (5,)."""
        design = self.rounds.design
        rows = [np.max([choice.option.cost.max(axis=0) for choice in row], axis=0) for row in design.alternatives]
        short: NDArray[np.bool_] = design.fixed + sum(rows) > self._bounds
        return short

    @property
    def _is_close(self) -> bool:
        """Whether the best known plan is within a small gap of the bound."""
        best, ceiling = self.rounds.best, self.rounds.ceiling
        return best is not None and best.plan.objective >= ceiling - _CLOSE * abs(ceiling)

    def _narrowed(self, share: float) -> Design:
        """Return the design without the least important `share` of its hidden channels."""
        design = self.rounds.design
        if design.wiring is None or not share:
            return design
        sources = design.sources
        rows = narrowed(design.wiring, {name: source.scores for name, source in sources.items()}, share)
        masks = {name: source.kernel.codes != 0 for name, source in sources.items()}
        masks |= {name: masks[name] & kept[:, None] for name, kept in rows.items()}
        return self.rounds.without_dead(design, liveness(design.wiring, masks))

    def _look_at(self, share: float, *, closely: bool = False) -> None:
        """Search for plans of the network without a `share` of its hidden channels, by the packings that take no search."""
        if self._ends:
            return
        before = self.rounds.best
        state = self._narrowed(share).without_searches()
        self._look_in(state, closely=closely or not share)
        if self._cycles_may_fall:
            self.hurried = False
            self._look_in(state, closely=closely or not share)
            self.hurried = True
        if self.rounds.best is not before:
            self.share = share
            self._iterate()

    def _look_in(self, state: Design, *, closely: bool) -> None:
        """Search for plans of a network; `closely` by bisection of each short resource, and of all together."""
        saved = (self.rounds.removable > 0) & (self._is_short | ~np.isfinite(self._bounds))
        short = np.flatnonzero(saved & self._is_short)
        if short.size:
            self._settle(state)
        if closely or not short.size:
            for deciding in [*combinations(short, 1), tuple(short)] if short.size > 1 else [tuple(short)]:
                self._bisect(state, list(deciding), [i for i in np.flatnonzero(saved) if i not in deciding])

    def _look_around(self, step: float) -> None:
        """Search closely in networks a little wider and narrower than the best."""
        share = self.share
        for near in (share - step, share, share + step):
            if 0 <= near < 1:
                self._look_at(near, closely=True)

    def _settle(self, state: Design) -> None:
        """Plan with the bounds widened by the savings of the selection before, up to a fixed point; first without bounds."""
        room = np.full(len(NAMES), np.inf)
        for _ in range(_MOST_ROUNDS):
            chosen = self.rounds.choose(state, self._widened(room))
            if chosen.solution.status == 'infeasible':
                return
            saved = np.maximum(self.rounds.candidate(chosen, state).saved, 0.0)
            if np.array_equal(saved, room):
                return
            room = saved

    @property
    def _ends(self) -> bool:
        """Whether the search is over."""
        effort, most = self.rounds.design.effort, OF_SAVINGS[self.rounds.settings.method]
        if self.rounds.best is None:
            most *= _FOR_ANY
        spent = effort.is_spent or effort.spent - self.begun >= most
        if spent:
            effort.leave_out('networks of fewer channels')
        return spent or self._is_close

    def _bisect(self, state: Design, deciding: list[int], free: list[int]) -> None:
        """Bisect the widening of the knapsack's bounds on `deciding` resources, between none and the largest savings."""
        room = np.zeros(len(NAMES))
        room[free] = np.inf
        room[deciding] = self.rounds.removable[deciding]
        if self._fits(state, room) is not False or not deciding:
            return
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            if self._ends:
                return
            middle = (low + high) / 2
            room[deciding] = middle * self.rounds.removable[deciding]
            low, high = (low, middle) if self._fits(state, room) is False else (middle, high)

    def _fits(self, state: Design, room: NDArray[np.float64]) -> bool | None:
        """Whether the best selection with more `room`, shape (5,), fits once finished; None if it is no improvement."""
        limits = self._widened(room)
        chosen = self.rounds.choose(state, limits)
        if chosen.solution.status == 'infeasible':
            return None
        best = self.rounds.best
        if best is not None and not self.rounds.goal.weights and chosen.solution.bound <= best.plan.objective:
            return None
        if self.rounds.improve(chosen, limits, state):
            return True
        return self._fits_leanest(state, limits, chosen)

    def _fits_leanest(self, state: Design, limits: Limits, chosen: Chosen) -> bool:
        """Whether a selection of equal importance, with the least use of the short resources, fits once finished."""
        short = self._is_short & (self.rounds.removable > 0)
        if self.rounds.goal.weights or not short.any():
            return False
        weights = {name: 1 / self._bounds[i] for i, name in enumerate(NAMES) if short[i] and self._bounds[i] > 0}
        leanest = self.rounds.choose(state, limits, Goal(weights, chosen.solution.objective * (1 - _EQUAL)), chosen)
        return leanest.solution.status != 'infeasible' and self.rounds.improve(leanest, limits, state)

    def _iterate(self) -> None:
        """Plan with the bounds widened by the savings of the best plan, until nothing improves."""
        before = None
        while (best := self.rounds.best) is not None and best is not before:
            before = best
            self._fits(best.state, np.maximum(best.saved, 0.0))

    @cached_property
    def _cycles_may_fall(self) -> bool:
        """Whether cycles are bounded, and constants may take fewer once finished than the knapsack counts."""
        design, limits = self.rounds.design, self.rounds.limits
        constants = any(not choice.kernel.multiplexed for row in design.alternatives for choice in row)
        return constants and design.wiring is not None and (limits.latency is not None or limits.ii is not None)

    def _unhurried(self, limits: Limits) -> Limits:
        """Limits without bounds on cycles, where cycles may fall."""
        return replace(limits, latency=None, ii=None) if self._cycles_may_fall else limits

    def _widened(self, room: NDArray[np.float64]) -> Limits:
        """Limits with `room` more of each resource, shape (5,); without bounds on cycles unless the search is hurried."""
        limits = self.rounds.limits
        budget, part = (
            {name: bound + room[NAMES.index(name)] for name, bound in side.items()} for side in (limits.budget, limits.part)
        )
        widened = replace(limits, budget=budget, part=part)
        return widened if self.hurried else self._unhurried(widened)
