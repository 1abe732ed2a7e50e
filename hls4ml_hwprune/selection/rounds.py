"""Planning in rounds: each selection is carried out, and the next one knows its savings, dead weights and lost outputs.

The knapsack adds up kernels one by one. A finished design takes less, because dead structure is removed, and is worth
less, because dead weights are worth nothing; and a selection may part the outputs from the inputs though each kernel keeps
weights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.selection.assembly import Goal
from hls4ml_hwprune.selection.curves import Kept
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.pricing import over_bounds
from hls4ml_hwprune.selection.problem import feasible_status
from hls4ml_hwprune.selection.solving import Chosen
from hls4ml_hwprune.selection.spine import spine
from hls4ml_hwprune.selection.tightening import choose_tightly
from hls4ml_hwprune.selection.worth import point_importance
from hls4ml_hwprune.wiring import Liveness, liveness

_MOST_ROUNDS = 8
# Share of the objective within which plans are equally good.
_EQUAL = 1e-6
# Resources that finished designs take less of than the knapsack counts.
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
        Proven bound of the first round, or of a later one that found something better.
    ceiling : float
        Proven bound for any prices of logic.
    severed : tuple of str
        Outputs that the last selection cut off in spite of everything; empty if there was no such selection.
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
    severed: tuple[str, ...] = ()
    _seen: set[bytes] = field(default_factory=set)

    def run(self, first: Chosen | None = None) -> Plan | None:
        """Go on from a `first` selection, or the best known, until nothing improves; None if none is within the limits."""
        if first is not None:
            self._improve(first)
        elif self.best is not None:
            self._improve(choose_tightly(self.design, self._widened(self.design, self.best)[0], self.goal, self.settings))
        if self.best is None or self._savings_decide:
            # Prices of logic are upper bounds: the best selection at no price may do as it is, and knows its savings.
            free = replace(self.limits, budget=_without_logic(self.limits.budget), part=_without_logic(self.limits.part))
            chosen = choose_tightly(self.design, free, self.goal, self.settings)
            if chosen.solution.status != 'infeasible':
                self.ceiling = chosen.solution.bound
            self._improve(chosen, proves=False)
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

    def _improve(self, chosen: Chosen, *, proves: bool = True) -> None:
        """Carry out a selection, and the ones that follow from it."""
        state = self.design
        for _ in range(_MOST_ROUNDS):
            if chosen.solution.status == 'infeasible' or self._is_known(chosen):
                return
            found = self._carried_out(chosen)
            severed = self._severed(found)
            better = not severed and self._is_better(found.plan)
            self.best = found if better else self.best
            if proves and (better or self.bound == -np.inf):
                self.bound = max(self.bound, chosen.solution.bound)
            following = self._connected(state, found) if severed else self._alive(state, found)
            widened, decides = self._widened(state, found)
            if following is state and not decides:
                return
            state, proves = following, True
            chosen = choose_tightly(state, widened, self.goal, self.settings)

    @property
    def _savings_decide(self) -> bool:
        """Whether logic is short at the prices of the knapsack."""
        most = _most(self.design)
        return any(most[NAMES.index(name)] > self.limits.resources.get(name, np.inf) for name in _LOGIC)

    def _carried_out(self, chosen: Chosen) -> Candidate:
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
        weights_of = np.array([self.goal.weights.get(name, 0.0) for name in NAMES])
        objective = finished.objective + float(weights_of @ saved) if self.goal.weights else finished.importance
        return Candidate(replace(finished, objective=objective), chosen, saved, live)

    def _severed(self, found: Candidate) -> tuple[str, ...]:
        """Find the outputs that a selection parts from the inputs."""
        self.severed = () if found.live is None else tuple(sorted(set(found.live.severed) - set(self.design.severed)))
        return self.severed

    def _is_better(self, plan: Plan) -> bool:
        """Whether a plan is within all bounds, keeps enough, and is better than the best known."""
        if over_bounds(plan) or plan.importance < self.goal.importance * (1 - _EQUAL):
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
        if found.live is None or state.wiring is None:
            return state
        sources = {}
        for name, link in state.wiring.kernels.items():
            if (source := state.sources.get(name)) is None:
                continue
            inputs = found.live.varies[link.source]
            read = np.full(source.scores.shape[1], inputs.any()) if link.channel is None else inputs[link.channel]
            alive = found.live.used[link.output][:, None] & read
            if (source.scores[~alive] > 0).any():
                sources[name] = source.alive(alive)
        return state.refined(sources, self.settings) if sources else state

    def _widened(self, state: Design, found: Candidate) -> tuple[Limits, bool]:
        """Limits with what the finished design saves of each resource, and whether any of those decides."""
        most, budget, part = _most(state), dict(self.limits.budget), dict(self.limits.part)
        decides = False
        for bounds in (budget, part):
            for name in bounds:
                column = NAMES.index(name)
                if found.saved[column] > 0 and most[column] > bounds[name]:
                    bounds[name] += found.saved[column]
                    decides = True
        return replace(self.limits, budget=budget, part=part), decides

    def _is_known(self, chosen: Chosen) -> bool:
        """Whether a selection was carried out before."""
        key = repr([(c.kernel.layer, c.curve.packing, c.kernel.reuse_factor, k) for c, k in chosen.points]).encode()
        key += b''.join(np.packbits(c.curve.at(k).mask).tobytes() for c, k in chosen.points)
        known = key in self._seen
        self._seen.add(key)
        return known

    def _judged(self, best: Plan) -> Plan:
        """State how far a plan may be from the best."""
        bound = max(min(self.bound if self.bound > -np.inf else self.ceiling, self.ceiling), best.objective)
        if bound - best.objective <= _EQUAL * max(abs(best.objective), abs(bound)):
            return replace(best, bound=bound, status='optimal')
        return replace(best, bound=bound, status=feasible_status(best.objective, bound))


def _without_logic(bounds: Mapping[str, float]) -> dict[str, float]:
    return {name: bound for name, bound in bounds.items() if name not in _LOGIC}


def _most(design: Design) -> NDArray[np.float64]:
    """Resources that no selection exceeds, shape (5,)."""
    most: NDArray[np.float64] = design.fixed + sum(
        np.max([choice.curve.curve.cost.max(axis=0) for choice in row], axis=0) for row in design.alternatives
    )
    return most
