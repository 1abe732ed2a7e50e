"""Planning in rounds: each selection is carried out, and the next one knows its savings, dead weights and lost outputs.

The knapsack adds up kernels one by one. A finished design takes less, because dead structure is removed, and is worth
less, because dead weights are worth nothing; and a selection may part the outputs from the inputs though each kernel keeps
weights.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.selection.assembly import Goal
from hls4ml_hwprune.selection.curves import Kept
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.effort import OF_CANDIDATE
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.narrowing import narrowed, removable
from hls4ml_hwprune.selection.pricing import over_bounds
from hls4ml_hwprune.selection.problem import feasible_status
from hls4ml_hwprune.selection.solving import Chosen
from hls4ml_hwprune.selection.spine import spine
from hls4ml_hwprune.selection.tightening import choose_tightly
from hls4ml_hwprune.selection.worth import point_importance
from hls4ml_hwprune.wiring import Liveness, liveness

# Selections that follow from one, each without the dead weights of the one before.
_MOST_ROUNDS = 6
# Halvings of the importance that is asked for where some of it dies.
_HALVINGS = 8
# Halvings of the resources that the knapsack may count, and shares of the hidden channels that are given up.
_BISECTIONS = 4
_WIDTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# Share of the objective within which plans are equally good.
_EQUAL = 1e-6
# Share of the bound within which a plan is called optimal: the dead weights of groups that are kept may be worth so much.
_PROVEN = 1e-4
# Share of the bound that is not worth a search.
_CLOSE = 2e-3
# Resources that have a price of their own for every input and output of a kernel.
_LOGIC = ('lut', 'ff')
#: From a plan to the same with what its finished design takes.
Finish = Callable[[Plan], Plan]
#: From a selection to a plan, and what is left of each kernel.
Realise = Callable[[Chosen], tuple[Plan, list[Kept]]]


@dataclass(frozen=True)
class Candidate:
    """A selection carried out.

    Attributes
    ----------
    plan : Plan
        With resources, cycles and importance of the finished design.
    chosen : Chosen
    saved : ndarray of float, shape (5,)
        Resources that the knapsack counted and the finished design does not take.
    live : Liveness, optional
        None where the wiring is not known.
    """

    plan: Plan
    chosen: Chosen
    saved: NDArray[np.float64]
    live: Liveness | None


@dataclass
class Rounds:
    """Rounds of planning one design for the same limits and goal.

    Attributes
    ----------
    design : Design
    limits : Limits
    goal : Goal
    settings : Settings
    realise : Realise
    finish : Finish
    best : Candidate, optional
        The best known that is within the limits.
    bound : float
        Proven bound at the prices of the knapsack, which hold where there is nothing to save.
    ceiling : float
        Proven bound of a design with all savings that any plan may have; infinite where none decides.
    """

    design: Design
    limits: Limits
    goal: Goal
    settings: Settings
    realise: Realise
    finish: Finish
    best: Candidate | None = None
    bound: float = -np.inf
    ceiling: float = np.inf
    _seen: dict[bytes, Candidate] = field(default_factory=dict)

    def run(self, first: Chosen | None = None, *, thorough: bool = True) -> Plan | None:
        """Go on from a `first` selection, or the best known, until nothing improves; None if no plan is within the limits.

        Only if it is `thorough` the savings of finished designs are spent on other weights.
        """
        if first is not None:
            self._improve(first, self.limits)
        if thorough:
            self._spend_savings()
        return None if self.best is None else self._judged(self.best.plan)

    def take_up(self, other: 'Rounds') -> bool:
        """Take the best of other rounds for the best known, if it is within the limits here."""
        if other.best is None:
            return False
        plan = replace(other.best.plan, budget=self.limits.named(), part_bounds=dict(self.limits.part))
        plan = plan if self.goal.weights else replace(plan, objective=plan.importance)
        if not self._is_better(plan):
            return False
        self.best = replace(other.best, plan=plan)
        return True

    def _spend_savings(self) -> None:
        """Look for plans that the prices of the knapsack rule out, as finished designs take less than it counts."""
        if self.best is not None and not self._savings_decide:
            return
        if self.design.effort.is_spent:
            self.design.effort.leave_out('plans that count on what dead structure saves')
            return
        most = choose_tightly(self.design, self._unhurried(self._widened(self._removable)), self.goal, self.settings)
        if most.solution.status == 'infeasible':
            return
        self.ceiling = most.solution.bound
        free = self._unhurried(self._widened(np.array([np.inf if name in _LOGIC else 0.0 for name in NAMES])))
        self._improve(choose_tightly(self.design, free, self.goal, self.settings), free)
        if self._is_close or self.design.wiring is None:
            return
        self._bisect(self._candidate(most))
        for share in _WIDTHS:
            if self.design.effort.of_savings_is_spent or self._is_close:
                self.design.effort.leave_out(f'networks without {share:.0%} and more of their channels')
                return
            self._improve_narrowed(share)

    @property
    def _is_close(self) -> bool:
        """Whether no plan can be much better than the best known."""
        return self.best is not None and self.best.plan.objective >= self.ceiling - _CLOSE * abs(self.ceiling)

    def _bisect(self, most: Candidate) -> None:
        """Bisect the resources that the knapsack may count, between the limits and those of the best selection of all."""
        bounds = np.array([self.limits.resources.get(name, np.inf) for name in NAMES])
        room = np.maximum(most.plan.after.as_array() + most.saved - bounds, 0.0)
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            if self.design.effort.of_savings_is_spent or self._is_close:
                self.design.effort.leave_out('plans between those that count on savings and those that do not')
                return
            middle = (low + high) / 2
            between = self._widened(middle * room)
            fits = self._improve(choose_tightly(self.design, between, self.goal, self.settings), between)
            low, high = (middle, high) if fits else (low, middle)

    def _improve(self, chosen: Chosen, limits: Limits) -> bool:
        """Carry out a selection within `limits` of the knapsack, and those that follow; whether the last is within all."""
        state, fits = self.design, False
        for _ in range(_MOST_ROUNDS):
            if chosen.solution.status == 'infeasible':
                return False
            found = self._candidate(chosen)
            severed = self._is_severed(found)
            fits = not severed and self._is_within(found.plan)
            if state is self.design and not self._keeps_enough(found.plan) and self.goal.importance:
                found = self._with_enough(limits) or found
            following = self._connected(state, found) if severed else self._alive(state, found)
            if following is state or self._ends_early(severed):
                return fits
            state = following
            chosen = choose_tightly(state, limits, self.goal, self.settings)
        return fits

    def _with_enough(self, limits: Limits) -> Candidate | None:
        """Bisect the importance to ask for, as some of it dies: the least at which enough is alive; None if none is."""
        enough, low, high = None, self.goal.importance, self.design.total_importance
        asked = high
        for _ in range(_HALVINGS):
            goal = replace(self.goal, importance=asked)
            chosen = choose_tightly(self.design, limits, goal, self.settings)
            found = None if chosen.solution.status == 'infeasible' else self._candidate(chosen)
            if found is not None and self._keeps_enough(found.plan) and not self._is_severed(found):
                enough, high = found, asked
            elif found is None:
                high = asked
            else:
                low = asked
            asked = (low + high) / 2
        return enough

    def _ends_early(self, severed: bool) -> bool:
        """Whether the effort is spent; a plan at all, with outputs that depend on the inputs, may take twice as much."""
        effort = self.design.effort
        needed = severed or self.best is None
        if effort.is_exhausted if needed else effort.is_spent:
            effort.leave_out('selections that know the dead weights of those before')
            return True
        return False

    def _improve_narrowed(self, share: float) -> None:
        """Plan the network without a share of its hidden channels, as much as its savings leave room for."""
        assert self.design.wiring is not None
        sources = self.design.sources
        rows = narrowed(self.design.wiring, {name: source.scores for name, source in sources.items()}, share)
        masks = {name: source.kernel.codes != 0 for name, source in sources.items()}
        masks |= {name: masks[name] & kept[:, None] for name, kept in rows.items()}
        state = self._without_dead(self.design, liveness(self.design.wiring, masks))
        # All that is left of the network first: its savings are about those of any plan of this width.
        room = np.full(len(NAMES), np.inf)
        for _ in range(_MOST_ROUNDS):
            chosen = choose_tightly(state, self._widened(room), self.goal, self.settings)
            if chosen.solution.status == 'infeasible':
                return
            saved = np.maximum(self._candidate(chosen).saved, 0.0)
            if np.array_equal(saved, room) or self.design.effort.is_spent:
                return
            room = saved

    def _candidate(self, chosen: Chosen) -> Candidate:
        """Carry out a selection, once, and compare it with the best known."""
        key = _key(chosen)
        if key not in self._seen:
            found = self._seen[key] = self._carried_out(chosen)
            better = not self._is_severed(found) and self._is_better(found.plan)
            self.best = found if better else self.best
            if self.bound == -np.inf or better:
                self.bound = max(self.bound, chosen.solution.bound)
        return self._seen[key]

    @property
    def _savings_decide(self) -> bool:
        """Whether a resource that finished designs take less of is short at the prices of the knapsack, or is minimised."""
        most = self.design.fixed + sum(
            np.max([choice.curve.curve.cost.max(axis=0) for choice in row], axis=0) for row in self.design.alternatives
        )
        bounds = np.array([self.limits.resources.get(name, np.inf) for name in NAMES])
        short = (((most > bounds) | (self._weights > 0)) & (self._removable > 0)).any()
        return bool(short) or self._unhurried(self.limits) != self.limits

    def _unhurried(self, limits: Limits) -> Limits:
        """Limits without cycles where there are constants: finished, they may take fewer than the knapsack counts."""
        multiplexed = all(choice.kernel.multiplexed for row in self.design.alternatives for choice in row)
        return limits if multiplexed or self.design.wiring is None else replace(limits, latency=None, ii=None)

    def _widened(self, room: NDArray[np.float64]) -> Limits:
        """Limits with more of each resource, shape (5,)."""
        budget, part = (
            {name: bound + room[NAMES.index(name)] for name, bound in side.items()}
            for side in (self.limits.budget, self.limits.part)
        )
        return replace(self.limits, budget=budget, part=part)

    def _carried_out(self, chosen: Chosen) -> Candidate:
        self.design.effort.spend(OF_CANDIDATE * self.design.n_weights + sum(c.layout_work(k) for c, k in chosen.points))
        plan, kept = self.realise(chosen)
        live = None
        if self.design.wiring is not None:
            weights = {k.layer: one.mask & (one.codes != 0) for k, one in zip(plan.kernels, kept, strict=True)}
            live = liveness(self.design.wiring, weights)
            importance = sum(
                point_importance(choice.curve.source, value, mask, live.alive[choice.kernel.layer])
                for (choice, k), mask in zip(chosen.points, weights.values(), strict=True)
                for value in [float(choice.curve.curve.value[k])]
            )
            plan = replace(plan, importance=importance)
        finished = self.finish(plan)
        counted = self.design.fixed + sum(choice.curve.curve.cost[k] for choice, k in chosen.points)
        saved = counted - finished.after.as_array()
        objective = finished.objective + float(self._weights @ saved) if self.goal.weights else finished.importance
        return Candidate(replace(finished, objective=objective), chosen, saved, live)

    @cached_property
    def _removable(self) -> NDArray[np.float64]:
        return removable(self.design)

    @property
    def _weights(self) -> NDArray[np.float64]:
        """Worth of a unit less of each resource, shape (5,)."""
        return np.array([self.goal.weights.get(name, 0.0) for name in NAMES])

    def _is_severed(self, found: Candidate) -> bool:
        """Whether a selection parts an output from the inputs."""
        return found.live is not None and not set(found.live.severed) <= set(self.design.severed)

    def _is_within(self, plan: Plan) -> bool:
        """Whether a plan is within all bounds, and keeps enough."""
        return not over_bounds(plan) and self._keeps_enough(plan)

    def _keeps_enough(self, plan: Plan) -> bool:
        return plan.importance >= self.goal.importance * (1 - _EQUAL)

    def _is_better(self, plan: Plan) -> bool:
        """Whether a plan is within all bounds, and better than the best known."""
        if not self._is_within(plan):
            return False
        best = None if self.best is None else self.best.plan.objective
        return best is None or plan.objective > best + _EQUAL * abs(best)

    def _connected(self, state: Design, found: Candidate) -> Design:
        """Pin a chain of weights to each output that was cut off; the design as it is if there are pins already."""
        assert state.wiring is not None
        kept = {choice.kernel.layer: bool(choice.curve.connects[k]) for choice, k in found.chosen.points}
        usable = {
            name: np.where((source.kernel.codes != 0) & kept[name], source.scores, np.nan)
            for name, source in state.sources.items()
        }
        if any(source.pinned.size for source in state.sources.values()):
            return state
        outputs = [name for name in state.wiring.outputs if name not in self.design.severed]
        pins = spine(state.wiring, usable, outputs)
        return state.refined(
            {name: replace(state.sources[name], pinned=pinned) for name, pinned in pins.items()}, self.settings
        )

    def _alive(self, state: Design, found: Candidate) -> Design:
        """Take weights of dead channels for zeros; the design as it is where there are none."""
        return state if found.live is None else self._without_dead(state, found.live)

    def _without_dead(self, state: Design, live: Liveness) -> Design:
        assert state.wiring is not None
        sources = {}
        for name, link in state.wiring.kernels.items():
            if (source := state.sources.get(name)) is None:
                continue
            inputs = live.varies[link.source]
            read = np.full(source.scores.shape[1], inputs.any()) if link.channel is None else inputs[link.channel]
            alive = (live.used[link.output] & live.varies[link.output])[:, None] & read
            if (source.scores[~alive] > 0).any():
                sources[name] = source.alive(alive)
        return state.refined(sources, self.settings) if sources else state

    def _judged(self, best: Plan) -> Plan:
        """State how far a plan may be from the best."""
        bound = self.bound if self.ceiling == np.inf else self.ceiling
        if self.best is not None and float(self._weights @ self.best.saved) > 0:
            # Another plan may save more of what is minimised.
            bound += float(self._weights @ self._removable)
        bound = max(bound, best.objective)
        if bound - best.objective <= _PROVEN * max(abs(best.objective), abs(bound)):
            return replace(best, bound=bound, status='optimal')
        return replace(best, bound=bound, status=feasible_status(best.objective, bound))


def _key(chosen: Chosen) -> bytes:
    """Tell selections apart."""
    points = repr([(c.kernel.layer, c.curve.packing, c.kernel.reuse_factor, k) for c, k in chosen.points]).encode()
    return points + b''.join(np.packbits(c.curve.at(k).mask).tobytes() for c, k in chosen.points)
