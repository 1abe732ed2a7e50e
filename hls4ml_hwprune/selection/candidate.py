"""Candidate: a selection carried out, its plan made and finished only where one asks for it.

The importance of a selection is known from its weights. Most selections of a search are worth less than the best known plan,
and only point to the next selection, so that the figures of their finished designs, which take a copy of the network, are
never read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.selection.design import Design
from hls4ml_hwprune.selection.lazy import Chosen
from hls4ml_hwprune.wiring import Liveness


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
