"""Importance scale: from the kept score of a kernel to an importance that compares kernels, packings and reuse factors."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ImportanceScale:
    """Importance of keeping some of a kernel's score.

    A weight's score counts relative to the sum over all weights that are no worse: the score of LAMP (Lee et al.,
    "Layer-adaptive Sparsity for the Magnitude-based Pruning", ICLR 2021). A group has the importance of the best single
    weights with the same score, so that packings and reuse factors of a kernel compare, and kernels of any scale and size.
    Up to the step size it is the logarithm of the kept score, so that no kernel is emptied before the others.

    Attributes
    ----------
    score : ndarray of float, shape (n_weights + 1,)
        Cumulative score of the best k weights, for k = 0 and up.
    importance : ndarray of float, shape (n_weights + 1,)
        Cumulative importance of the same: one for the best weight, less for each other.
    """

    score: NDArray[np.float64] = field(repr=False)
    importance: NDArray[np.float64] = field(repr=False)

    @classmethod
    def of(cls, scores: NDArray[np.float64]) -> 'ImportanceScale':
        """Return the scale of a kernel with these `scores`, not negative, any shape."""
        descending = -np.sort(-scores, axis=None)
        kept = np.cumsum(descending)
        each = np.zeros(kept.shape)
        np.divide(descending, kept, out=each, where=kept > 0)
        return cls(np.concatenate([[0.0], kept]), np.concatenate([[0.0], np.cumsum(each)]))

    @classmethod
    def linear(cls, scores: NDArray[np.float64]) -> 'ImportanceScale':
        """Return the scale on which `scores`, any shape, count as they are."""
        ends = np.array([0.0, float(scores.sum())])
        return cls(ends, ends)

    @property
    def total(self) -> float:
        """Importance of the whole kernel."""
        return float(self.importance[-1])

    def __call__(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the importance of keeping totals of `score`, same shape."""
        found: NDArray[np.float64] = np.interp(score, self.score, self.importance)
        return found
