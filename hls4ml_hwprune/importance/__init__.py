"""Importance: the value of weights, and of groups of them, to the network. One file a measure."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance import l1, l2
from hls4ml_hwprune.packing import Groups
from hls4ml_hwprune.records import Kernel

_MEASURES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {'l1': l1.score, 'l2': l2.score}

#: Names a user may give; 'auto' leaves the choice to the package.
MEASURES: tuple[str, ...] = ('auto', *_MEASURES)


def resolve(name: str) -> str:
    """Return the measure that a name stands for: 'auto' is 'l1'."""
    return 'l1' if name == 'auto' else name


def weight_scores(kernel: Kernel, measure: str) -> NDArray[np.float64]:
    """Return the score of each weight under one of `MEASURES`, not negative, shape (n_out, n_in).

    A group's score is the sum of those of its weights.
    """
    return _MEASURES[resolve(measure)](kernel.values)


def group_values(groups: Groups, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the importance of each group, shape (n_groups,), from the `scores` (n_out, n_in) of the weights.

    A group's score counts relative to what its kernel keeps when it and all better groups are kept, so that layers of any
    scale and size compare and the best group of each is worth one: the score of LAMP (Lee et al., "Layer-adaptive
    Sparsity for the Magnitude-based Pruning", ICLR 2021), for groups. Their sum is, up to the step size, the logarithm
    of the kept score, so that no layer is emptied before the others.
    """
    sums = groups.per_weight(scores.ravel()).sum(axis=1)
    descending = np.argsort(-sums, kind='stable')
    kept = np.cumsum(sums[descending])
    values = np.zeros(sums.shape)
    np.divide(sums[descending], kept, out=values, where=kept > 0)
    importance = np.empty(sums.shape)
    importance[descending] = values
    return importance


__all__ = ['MEASURES', 'group_values', 'resolve', 'weight_scores']
