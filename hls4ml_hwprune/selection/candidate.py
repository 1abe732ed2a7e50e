"""Candidate: a selection carried out, its plan made and finished only where one asks for it.

The importance of a selection is known from its weights. Most selections of a search are worth less than the best known plan,
and only point to the next selection, so that the figures of their finished designs, which take a copy of the network, are
never read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.resources import NAMES
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.formulation import Goal
from hls4ml_hwprune.selection.lazy import Chosen
from hls4ml_hwprune.selection.source import Kept
from hls4ml_hwprune.wiring import Liveness

#: From a plan to the same with the figures of its finished design.
Finish = Callable[[Plan], Plan]
#: From a selection and its pruned kernels to a plan.
Realise = Callable[[Chosen, Sequence[Kept]], Plan]


@dataclass(frozen=True)
class Candidate:
    """A selection carried out.

    Attributes
    ----------
    chosen : Chosen
    importance : float
        Importance of the weights that are alive.
    live : Liveness, optional
        None where the wiring is not known.
    state : Design
        Design for which the selection was made.
    finished : callable
        Source of the plan with the figures of its finished design, and of the savings.
    """

    chosen: Chosen
    importance: float
    live: Liveness | None
    state: Design
    finished: Callable[[], tuple[Plan, NDArray[np.float64]]] = field(repr=False, compare=False)

    @cached_property
    def _outcome(self) -> tuple[Plan, NDArray[np.float64]]:
        return self.finished()

    @property
    def plan(self) -> Plan:
        """Plan with resources, cycles and importance of the finished design."""
        return self._outcome[0]

    @property
    def saved(self) -> NDArray[np.float64]:
        """Resources counted by the knapsack less those of the finished design, shape (5,)."""
        return self._outcome[1]


@dataclass(frozen=True)
class Finishing:
    """Way from selections of a design to plans with the figures of their finished designs.

    Attributes
    ----------
    design : Design
    goal : Goal
    realise : Realise
    finish : Finish, optional
        None where dead structure stays.
    """

    design: Design
    goal: Goal
    realise: Realise
    finish: Finish | None

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Weight of a unit of each resource in the objective, shape (5,)."""
        return np.array([self.goal.weights.get(name, 0.0) for name in NAMES])

    def outcome(self, chosen: Chosen, kept: Sequence[Kept], importance: float) -> tuple[Plan, NDArray[np.float64]]:
        """Plan of a selection with the figures of its finished design, and its savings."""
        plan = replace(self.realise(chosen, kept), importance=importance)
        finished = self._finished(plan, kept, key_of(chosen))
        counted = self.design.fixed_with(chosen.bound) + sum(choice.option.cost[k] for choice, k in chosen.points)
        saved = counted - finished.after.as_array()
        objective = finished.objective + float(self.weights @ saved) if self.goal.weights else importance
        return replace(finished, objective=objective), saved

    def _finished(self, plan: Plan, kept: Sequence[Kept], names: bytes) -> Plan:
        """Return the plan with the figures of its finished design, which other rounds of the same plan may have found."""
        finish = self.finish
        if finish is None:
            return plan
        key = names, tuple(one.digest for one in kept)
        found = self.design.effort.remembered(key, lambda: finish(plan))
        return replace(plan, kernels=found.kernels, after=found.after, layers=found.layers, timing_after=found.timing_after)


def key_of(chosen: Chosen) -> bytes:
    """Key of a selection: equal for equal selections."""
    kept = [c.option.at(k) for c, k in chosen.points]
    points = [(c.kernel.key, c.option.packing, c.kernel.reuse_factor, c.kernel.slot_bits, k) for c, k in chosen.points]
    # A kernel that keeps all slots is hls4ml's own or not.
    names = repr([(*point, one.slots is None) for point, one in zip(points, kept, strict=True)] + sorted(chosen.bound))
    return names.encode() + b''.join(np.packbits(one.mask).tobytes() for one in kept)
