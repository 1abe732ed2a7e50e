"""Training loop: a plan at the next budget, training of the kept weights, and so on as long as the metric holds."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import TrainingError
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.progress import meter
from hls4ml_hwprune.training.adapters import Adapter, Hold, Training
from hls4ml_hwprune.training.adapters.base import Metric
from hls4ml_hwprune.training.conversion import Conversion
from hls4ml_hwprune.training.holds import move_constants, planned_holds, prune_weights, with_groups
from hls4ml_hwprune.training.network import Reading, read_network
from hls4ml_hwprune.training.options import TrainingOptions
from hls4ml_hwprune.training.planner import Planner
from hls4ml_hwprune.training.samples import Arrays, Inputs
from hls4ml_hwprune.training.schedule import SETTLING, next_position
from hls4ml_hwprune.training.state import Checkpoint, State, Step

_LOG = logging.getLogger(__name__)
# Strengths of the group lasso that a search tries, and the epochs that each gets.
_STRENGTHS, _SEARCHED = (0.0, 1e-3, 3e-3, 1e-2, 3e-2), 1
_FIRST = 'first'
Holds = Mapping[str, Hold]


@dataclass
class Loop:
    """One run.

    Each phase depends on the state and on the arrays of the checkpoint alone, so that a run that is interrupted anywhere
    ends as if it had not been.
    """

    adapter: Adapter
    conversion: Conversion
    training: Training
    options: TrainingOptions
    checkpoint: Checkpoint
    samples: Inputs
    validation: Arrays
    metric: Metric

    def run(self) -> tuple[Plan, State]:
        """Train until the budget is reached or the metric does not hold, and return the furthest plan that held.

        Raises
        ------
        TrainingError
            If the metric held with none.
        InfeasibleError
            If nothing is within the budget.
        """
        state = self._open()
        try:
            with meter('pruning with training') as show:
                while state.phase != 'done':
                    state = getattr(self, f'_phase_{state.phase}')(state)
                    self._save(state)
                    words = f'{state.phase}, metric {state.metric:.4g} of {state.baseline:.4g}'
                    show(min(1.0, state.progress.holds), words)
        finally:
            self._end_round()
        self.adapter.load(self._best)
        return Plan.load(self.checkpoint.final_plan), state

    def _open(self) -> State:
        found = self.checkpoint.load()
        # State of a round that was interrupted, and whether a round is open.
        self._interrupted: dict[str, NDArray] = {}
        self._is_open = False
        if found is None:
            self.zeros = {name: weights == 0 for name, weights in self.adapter.weights().items()}
            self._best = self.adapter.state()
            return State()
        state, arrays = found
        self.zeros, self._best = _part(arrays, 'zeros'), _part(arrays, 'best')
        self._interrupted = _part(arrays, 'now')
        self.adapter.load(self._interrupted)
        self.channels = state.channels
        if state.way is not None:
            first = self.checkpoint.load_plan(_FIRST)
            self._planner = Planner.from_dict(state.way, self.conversion.settings, first)
        _LOG.info('the run in %s goes on where it stopped', self.checkpoint.folder)
        return state

    def _save(self, state: State) -> None:
        parts = {'now': self.adapter.state(), 'best': self._best, 'zeros': self.zeros}
        self.checkpoint.save(state, {f'{part}/{n}': a for part, arrays in parts.items() for n, a in arrays.items()})

    def _phase_begin(self, state: State) -> State:
        reading = self._read()
        self._planner = Planner.begin(self.conversion.settings, reading)
        self.channels = {str(key): match.channels for key, match in reading.matches.items()}
        baseline = self._measure()
        self.checkpoint.save_plan(_FIRST, self._planner.first)
        _LOG.info('validation metric before pruning: %.4g', baseline)
        auto = self.options.group_lasso == 'auto'
        strength = 0.0 if auto else float(self.options.group_lasso)
        state = replace(state, way=self._planner.as_dict(), channels=self.channels, baseline=baseline, metric=baseline)
        state = replace(state, strength=strength)
        return replace(state, phase='search') if auto else self._before_first(state)

    def _before_first(self, state: State) -> State:
        # There is always a first plan.
        return replace(state, phase='regrow' if state.strength else 'plan', position=self._next(state) or 1.0)

    def _phase_search(self, state: State) -> State:
        """Take the strength of the group lasso after which the first plan costs the least, before it is trained."""
        position = self._next(state) or 1.0
        found = []
        for strength in _STRENGTHS:
            self.adapter.load(self._best)
            self._train(replace(state, strength=strength), self._free_holds, _SEARCHED)
            reading = self._read()
            self._apply(self._planner.at(position, reading), position, reading)
            found.append(self._measure())
        self.adapter.load(self._best)
        strength = _STRENGTHS[int(np.argmax(found))]
        _LOG.info('strength of the group lasso: %g', strength)
        return self._before_first(replace(state, strength=strength, round=state.round + 1))

    def _phase_regrow(self, state: State) -> State:
        epochs = max(1, self.options.regrowth_epochs) if state.steps else self.options.epochs
        state = self._train(state, self._free_holds, epochs)
        return state if state.epoch < epochs else replace(state, phase='plan', epoch=0, round=state.round + 1)

    def _phase_plan(self, state: State) -> State:
        reading = self._read()
        plan = self._planner.at(state.position, reading)
        number = state.progress.tried
        self.checkpoint.save_plan(number, plan)
        self._apply(plan, state.position, reading)
        return replace(state, phase='train', plan=number, epoch=0, patient=False)

    def _phase_train(self, state: State) -> State:
        long = state.patient or (state.position >= 1 and self.options.schedule != 'binary')
        epochs = self.options.last_epochs if long else self.options.epochs
        state = self._train(state, self._planned_holds, epochs)
        return state if state.epoch < epochs else replace(state, phase='judge', epoch=0, round=state.round + 1)

    def _phase_judge(self, state: State) -> State:
        metric = self._measure()
        held = metric >= state.baseline - self.options.tolerance
        settles = state.position == SETTLING
        if not held and not state.patient and not (settles and state.progress.holds == SETTLING):
            return replace(state, phase='train', patient=True)
        plan = self.checkpoint.load_plan(state.plan or 0)
        _LOG.info('plan %s: validation metric %.4g%s', _used(plan), metric, '' if held else ', too low')
        step = Step(state.position, plan.after.as_dict(), metric, held)
        state = replace(state, progress=state.progress.after(state.position, held), steps=(*state.steps, step))
        self._end_round()
        if held and (state.position, metric) > (state.best_position, state.metric):
            self._best = self.adapter.state()
            state = replace(state, best=state.plan, best_position=state.position, metric=metric)
        position = self._next(state)
        if not held or (settles and position == 1):
            self.adapter.load(self._best)
        if position is None:
            return replace(state, phase='finish')
        grows = position == SETTLING or (held and not settles and self.options.regrowth_epochs > 0)
        return replace(state, phase='regrow' if grows else 'plan', position=position)

    def _phase_finish(self, state: State) -> State:
        if state.best is None:
            least, best = state.baseline - self.options.tolerance, max(step.metric for step in state.steps)
            raise TrainingError(
                f'no plan keeps the validation metric at {least:.4g} or above, the best had {best:.4g}: allow a larger '
                'budget or tolerance, or more steps or epochs'
            )
        self._end_round()
        self.adapter.load(self._best)
        plan = self.checkpoint.load_plan(state.best)
        self._planner.settled(plan, state.best_position, self._read()).save(self.checkpoint.final_plan)
        return replace(state, phase='done')

    def _next(self, state: State) -> float | None:
        options = self.options
        least = self._planner.way.least
        return next_position(options.schedule, options.steps, options.settling_steps, least, state.progress)

    def _train(self, state: State, holds_of: Callable[[State], Holds], epochs: int) -> State:
        """Train one epoch of a round, or the whole round where it can only be resumed from its start."""
        if not self._is_open:
            self.adapter.begin(self.training, holds_of(state))
            if state.epoch:
                self.adapter.load(self._interrupted)
            self._is_open = True
        # Groups are those of the weights at the start of a round.
        by_epoch = self.adapter.resumes_anywhere and not state.strength
        last = state.epoch + 1 if by_epoch else epochs
        seed = np.random.SeedSequence([self.options.seed, state.round, state.epoch]).generate_state(1)[0] >> 1
        self.adapter.train(state.epoch, last, epochs, int(seed))
        if last == epochs:
            self._end_round()
        return replace(state, epoch=last)

    def _end_round(self) -> None:
        self._is_open = False
        self.adapter.end()

    def _read(self) -> Reading:
        return read_network(self.adapter, self.conversion, self.samples)

    def _apply(self, plan: Plan, position: float, reading: Reading) -> None:
        """Prune the weights, and in the last plan move constants to their codes in the plan."""
        prune_weights(self.adapter, plan, self.channels)
        if position >= 1:
            move_constants(self.adapter, plan, reading.matches)

    def _planned_holds(self, state: State) -> Holds:
        plan, is_last = self.checkpoint.load_plan(state.plan or 0), state.position >= 1
        # Constants cost by their codes, so in the last plan they stay.
        holds = planned_holds(self.adapter, plan, self.channels, self.zeros, fixes=is_last)
        return holds if is_last else self._grouped(holds, state)

    def _free_holds(self, state: State) -> Holds:
        return self._grouped({name: Hold(~zeros) for name, zeros in self.zeros.items()}, state)

    def _grouped(self, holds: Holds, state: State) -> Holds:
        if not state.strength:
            return holds
        return with_groups(holds, self.adapter, self._planner.first, self._read().matches, state.strength)

    def _measure(self) -> float:
        return float(self.metric(self.validation.y, self.adapter.predict(self.validation.x)))


def _part(arrays: Mapping[str, NDArray], name: str) -> dict[str, Any]:
    return {key.removeprefix(f'{name}/'): array for key, array in arrays.items() if key.startswith(f'{name}/')}


def _used(plan: Plan) -> str:
    return ', '.join(f'{name} {plan.after.as_dict()[name]:.0f} of {bound:.0f}' for name, bound in plan.budget.items())
