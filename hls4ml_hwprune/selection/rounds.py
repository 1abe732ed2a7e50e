"""Planning in rounds: each selection is carried out, and the next one knows its savings, dead weights and lost outputs.

The knapsack adds up kernels one by one. A finished design takes less, because dead structure is removed, and has less
importance, because dead weights are worth nothing; and a selection may part the outputs from the inputs though each kernel
keeps weights.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.selection.candidate import Candidate, Finish, Finishing, Realise, key_of
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.knapsack.effort import OF_ANY_CANDIDATE, OF_CANDIDATE
from hls4ml_hwprune.selection.knapsack.problem import Solution, feasible_status
from hls4ml_hwprune.selection.lazy import Chosen
from hls4ml_hwprune.selection.limits import Limits
from hls4ml_hwprune.selection.narrowing import removable
from hls4ml_hwprune.selection.pricing import over_bounds
from hls4ml_hwprune.selection.spine import spine
from hls4ml_hwprune.selection.tightening import choose_tightly
from hls4ml_hwprune.selection.worth import point_importance
from hls4ml_hwprune.wiring import Liveness, liveness

# Successive selections, each without the dead weights of the one before.
_MOST_ROUNDS = 6
# Bisection steps of the required importance where part of it dies.
_HALVINGS = 5
# Relative difference of the objective within which plans count as equal.
_EQUAL = 1e-6
# Relative gap within which a plan is called optimal: the dead weights of kept groups may be worth so much.
_PROVEN = 1e-4


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
    finish : Finish, optional
        None where dead structure stays.
    best : Candidate, optional
        Best known candidate within the limits.
    bound : float
        Proven bound at the prices of the knapsack, which are exact where nothing can be saved.
    ceiling : float
        Proven bound with all possible savings; infinite where savings do not decide.
    """

    design: Design
    limits: Limits
    goal: Goal
    settings: Settings
    realise: Realise
    finish: Finish | None
    best: Candidate | None = None
    bound: float = -np.inf
    ceiling: float = np.inf
    _seen: dict[bytes, Candidate] = field(default_factory=dict)

    @property
    def plan(self) -> Plan | None:
        """Best known plan with its proven gap; None if no plan within the limits is known."""
        return None if self.best is None else self._judged(self.best.plan)

    def take_up(self, other: 'Rounds') -> bool:
        """Take over the best plan of other rounds, if it is within the limits here and better."""
        if other.best is None:
            return False
        plan = replace(other.best.plan, budget=self.limits.named(), part_bounds=dict(self.limits.part))
        used = float(self.weights @ (plan.after.as_array() - self.design.fixed))
        plan, saved = replace(plan, objective=-used if self.goal.weights else plan.importance), other.best.saved
        taken = replace(other.best, finished=lambda: (plan, saved))
        if not self._is_better(taken):
            return False
        self.best = taken
        return True

    def improve(self, chosen: Chosen, limits: Limits, state: Design | None = None) -> bool:
        """Carry out a selection within `limits` of the knapsack, then its successors; whether the last is within all bounds.

        `state` is the design of the selection, if it has fewer weights than `self.design`.
        """
        first = state = state or self.design
        last = None
        for _ in range(_MOST_ROUNDS):
            if chosen.solution.status == 'infeasible':
                return False
            found = last = self.candidate(chosen, state)
            severed = self._is_severed(found)
            if state is first and not self._keeps_enough(found) and self.goal.importance:
                found = self._with_enough(state, limits) or found
            following = self._connected(state, found) if severed else self._alive(state, found)
            if following is state or self._ends_early(severed):
                break
            state = following
            chosen = self.choose(state, limits)
        return last is not None and not self._is_severed(last) and self._is_within(last)

    def choose(self, state: Design, limits: Limits, goal: Goal | None = None, start: Chosen | None = None) -> Chosen:
        """Select for a design, for another goal if one is given; without proof where packings were left out.

        Where a plan is known, a search that finds nothing within the user's time limit returns an infeasible solution.
        """
        settings = self.settings if state.searched else replace(self.settings, method='fast')
        try:
            return choose_tightly(state, limits, goal or self.goal, settings, start)
        except HWPruneError:
            if self.best is None or settings.time_limit is None:
                raise
            return Chosen((), Solution([], 0.0, 0.0, 'infeasible'))

    def _with_enough(self, state: Design, limits: Limits) -> Candidate | None:
        """Bisect the required importance, as part of it dies: the least at which enough is alive; None if there is none."""
        enough, low, high = None, self.goal.importance, self.design.total_importance
        asked = high
        for _ in range(_HALVINGS):
            chosen = self.choose(state, limits, replace(self.goal, importance=asked))
            found = None if chosen.solution.status == 'infeasible' else self.candidate(chosen, state)
            if found is not None and self._keeps_enough(found) and not self._is_severed(found):
                enough, high = found, asked
            elif found is None:
                high = asked
            else:
                low = asked
            asked = (low + high) / 2
        return enough

    def _ends_early(self, severed: bool) -> bool:
        """Whether the effort is spent; a first plan, with outputs that depend on the inputs, may take twice as much."""
        effort = self.design.effort
        needed = severed or self.best is None
        if effort.is_exhausted if needed else effort.is_spent:
            effort.leave_out('selections that know the dead weights of those before')
            return True
        return False

    def candidate(self, chosen: Chosen, state: Design) -> Candidate:
        """Carry out a selection, once, and compare it with the best known."""
        key = key_of(chosen)
        if key not in self._seen:
            found = self._seen[key] = self._carried_out(chosen, state)
            better = not self._is_severed(found) and self._is_better(found)
            self.best = found if better else self.best
            if self.bound == -np.inf or better:
                self.bound = max(self.bound, chosen.solution.bound)
        return self._seen[key]

    def _carried_out(self, chosen: Chosen, state: Design) -> Candidate:
        laid_out = sum(choice.layout_work(k) for choice, k in chosen.points)
        copied = 0 if self.finish is None else OF_ANY_CANDIDATE + OF_CANDIDATE * self.design.n_weights
        self.design.effort.spend(copied + laid_out)
        kept = [choice.option.at(k) for choice, k in chosen.points]
        values = [float(choice.option.value[k]) for choice, k in chosen.points]
        live = None
        if self.design.wiring is not None:
            kernels = [choice.kernel.key for choice, _ in chosen.points]
            live = liveness(
                self.design.wiring, {key: one.mask & (one.codes != 0) for key, one in zip(kernels, kept, strict=True)}
            )
            values = [
                point_importance(choice.option.source, value, one.mask & (one.codes != 0), live.alive[choice.kernel.key])
                for (choice, _), value, one in zip(chosen.points, values, kept, strict=True)
            ]
        importance = sum(values)
        finished = partial(self._finishing.outcome, chosen, kept, importance)
        return Candidate(chosen, importance, live, state, finished)

    @cached_property
    def _finishing(self) -> Finishing:
        """Way from selections to finished plans; it knows no candidates, so that no cycle of references keeps them."""
        return Finishing(self.design, self.goal, self.realise, self.finish)

    @cached_property
    def removable(self) -> NDArray[np.float64]:
        """Upper bound on the resources saved by removal of dead structure, shape (5,)."""
        return removable(self.design, dead=self.finish is not None)

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weight of a unit of each resource in the objective, shape (5,)."""
        return self._finishing.weights

    def _is_severed(self, found: Candidate) -> bool:
        """Whether a selection parts an output from the inputs."""
        return found.live is not None and not set(found.live.severed) <= set(self.design.severed)

    def _is_within(self, found: Candidate) -> bool:
        """Whether a candidate keeps enough importance, and is within all bounds."""
        return self._keeps_enough(found) and not over_bounds(found.plan)

    def _keeps_enough(self, found: Candidate) -> bool:
        return found.importance >= self.goal.importance * (1 - _EQUAL)

    def _is_better(self, found: Candidate) -> bool:
        """Whether a candidate is within all bounds, and better than the best known."""
        if not self.goal.weights and not self._is_more(found.importance):
            # The importance is the objective, and known before the design is finished.
            return False
        return self._is_within(found) and self._is_more(found.plan.objective)

    def _is_more(self, objective: float) -> bool:
        """Whether an objective is above that of the best known plan."""
        best = None if self.best is None else self.best.plan.objective
        return best is None or objective > best + _EQUAL * abs(best)

    def _connected(self, state: Design, found: Candidate) -> Design:
        """Pin a chain of weights to each output; the design as it is if it has pins already."""
        assert state.wiring is not None
        kept = {choice.kernel.key: bool(choice.option.connects[k]) for choice, k in found.chosen.points}
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
        """Zero the weights of channels that a selection leaves dead."""
        return state if found.live is None else self.without_dead(state, found.live)

    def without_dead(self, state: Design, live: Liveness) -> Design:
        """Zero the weights of channels that are not `live`; the design as it is where there are none."""
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
        """State the proven gap of a plan."""
        bound = self.bound if self.ceiling == np.inf else self.ceiling
        if self.best is not None and float(self.weights @ self.best.saved) > 0:
            # Another plan may save more of the minimised resources.
            bound += float(self.weights @ self.removable)
        bound = max(bound, best.objective)
        if bound - best.objective <= _PROVEN * max(abs(best.objective), abs(bound)):
            return replace(best, bound=bound, status='optimal')
        return replace(best, bound=bound, status=feasible_status(best.objective, bound))
