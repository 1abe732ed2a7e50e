"""Scores of a kernel's weights, from which options are made, and the state of a kernel at a point of one."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance import ImportanceScale, importance_scale, live_scores
from hls4ml_hwprune.records import Kernel, SlotTable

#: Orders in which groups are kept: the most important first, or those first that are worth most for each DSP.
BY_IMPORTANCE, SPARING = 'importance', 'sparing'


@dataclass(frozen=True)
class Kept:
    """What is left of a kernel at one point of a curve.

    Attributes
    ----------
    codes : ndarray of int, shape (n_out, n_in)
        Weights of the firmware, in units of the last place.
    mask : ndarray of bool, shape (n_out, n_in)
        Weights that are kept.
    n_slots : int
        Multiplier slots.
    slots : SlotTable, optional
        Their table, where their layout is not hls4ml's, or all of them are kept in a kernel that is not.
    """

    codes: NDArray[np.int64] = field(repr=False)
    mask: NDArray[np.bool_] = field(repr=False)
    n_slots: int
    slots: SlotTable | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Source:
    """What a curve is made of.

    Attributes
    ----------
    kernel : Kernel
        At the reuse factor of the curve.
    importance : str
        Measure of the weights.
    scores : ndarray of float, shape (n_out, n_in)
    scale : ImportanceScale
    stage : str
        'csynth' or 'vsynth'.
    pinned : ndarray of int, shape (n,)
        Flat positions of weights that are kept before all others, because they connect the network.
    """

    kernel: Kernel
    importance: str
    scores: NDArray[np.float64] = field(repr=False)
    scale: ImportanceScale = field(repr=False)
    stage: str
    pinned: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)

    @classmethod
    def of(cls, kernel: Kernel, importance: str, stage: str = 'csynth') -> 'Source':
        """Score the weights of a kernel."""
        scores = live_scores(kernel, importance)
        return cls(kernel, importance, scores, importance_scale(scores, importance), stage)

    def alive(self, weights: NDArray[np.bool_]) -> 'Source':
        """Take the other weights, shape (n_out, n_in), for zeros; what the kept ones are worth stays."""
        kernel = replace(
            self.kernel, codes=np.where(weights, self.kernel.codes, 0), values=np.where(weights, self.kernel.values, 0.0)
        )
        return replace(self, kernel=kernel, scores=np.where(weights, self.scores, 0.0))
