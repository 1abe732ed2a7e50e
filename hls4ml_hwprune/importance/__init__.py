"""Importance: the value of a group of weights to the network. One file a measure."""

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


def group_values(kernel: Kernel, groups: Groups, measure: str) -> NDArray[np.float64]:
    """Return the importance of each group, shape (n_groups,).

    A group's score counts relative to what its kernel keeps when it and all better groups are kept, so that layers of any
    scale and size compare and the best group of each is worth one: the score of LAMP (Lee et al., "Layer-adaptive
    Sparsity for the Magnitude-based Pruning", ICLR 2021), for groups. Their sum is, up to the step size, the logarithm
    of the kept score, so that no layer is emptied before the others.
    """
    scores = _MEASURES[resolve(measure)](groups.per_weight(kernel.values.ravel()))
    descending = np.argsort(-scores, kind='stable')
    kept = np.cumsum(scores[descending])
    values = np.zeros(scores.shape)
    np.divide(scores[descending], kept, out=values, where=kept > 0)
    importance = np.empty(scores.shape)
    importance[descending] = values
    return importance


__all__ = ['MEASURES', 'group_values', 'resolve']
