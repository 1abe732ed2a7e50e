"""Importance: the value of weights, and of what a kernel keeps, to the network. One file a measure."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance import l1, l2
from hls4ml_hwprune.importance.scale import ImportanceScale
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


__all__ = ['MEASURES', 'ImportanceScale', 'resolve', 'weight_scores']
