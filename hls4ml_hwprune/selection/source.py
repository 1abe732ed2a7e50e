"""Scores of a kernel's weights, from which options are made, and kept weights at a point of an option."""

from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance import ImportanceScale, importance_scale, live_scores
from hls4ml_hwprune.records import Kernel, SlotTable

#: Orders in which groups are kept: by importance, or by importance for each DSP.
BY_IMPORTANCE, SPARING = 'importance', 'sparing'


@dataclass(frozen=True)
class Kept:
    """Pruned kernel at one point of a curve.

    Attributes
    ----------
    codes : ndarray of int, shape (n_out, n_in)
        Weights of the firmware, in units of the last place.
    mask : ndarray of bool, shape (n_out, n_in)
        Kept weights.
    n_slots : int
        Number of multiplier slots.
    slots : SlotTable, optional
        Table of the slots, where their layout or the kernel that keeps all of them is not hls4ml's.
    """

    codes: NDArray[np.int64] = field(repr=False)
    mask: NDArray[np.bool_] = field(repr=False)
    n_slots: int
    slots: SlotTable | None = field(default=None, repr=False)

    @property
    def digest(self) -> bytes:
        """Digest of weights, mask and slots: equal for equal kernels."""
        return _digest(self.codes, self.mask, *([] if self.slots is None else vars(self.slots).values()))


@dataclass(frozen=True)
class Source:
    """Scored kernel from which a curve is made.

    Attributes
    ----------
    kernel : Kernel
        Kernel at the reuse factor of the curve.
    importance : str
        Importance measure.
    scores : ndarray of float, shape (n_out, n_in)
    scale : ImportanceScale
    stage : str
        'csynth' or 'vsynth'.
    pinned : ndarray of int, shape (n,)
        Flat positions of weights kept before all others, because they connect the network.
    searched : bool
        Whether layouts of slots are searched for, so that slots share multiplexers.
    """

    kernel: Kernel
    importance: str
    scores: NDArray[np.float64] = field(repr=False)
    scale: ImportanceScale = field(repr=False)
    stage: str
    pinned: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)
    searched: bool = True

    @classmethod
    def of(cls, kernel: Kernel, importance: str, stage: str = 'csynth', *, searched: bool = True) -> 'Source':
        """Score the weights of a kernel."""
        scores = live_scores(kernel, importance)
        return cls(kernel, importance, scores, importance_scale(scores, importance), stage, searched=searched)

    @property
    def digest(self) -> bytes:
        """Digest of weights, scores, scale and pinned weights: equal for equal sources of one kernel."""
        kernel, scale = self.kernel, self.scale
        return _digest(kernel.codes, kernel.values, self.scores, scale.score, scale.importance, self.pinned)

    def alive(self, weights: NDArray[np.bool_]) -> 'Source':
        """Zero all weights but these, shape (n_out, n_in); the scale stays."""
        kernel = replace(
            self.kernel, codes=np.where(weights, self.kernel.codes, 0), values=np.where(weights, self.kernel.values, 0.0)
        )
        return replace(self, kernel=kernel, scores=np.where(weights, self.scores, 0.0))


def _digest(*arrays: NDArray) -> bytes:
    digest = blake2b(digest_size=32)
    for array in arrays:
        digest.update(repr(array.shape).encode() + array.tobytes())
    return digest.digest()
