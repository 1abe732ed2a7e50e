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

    Weights are divided by the kernel's root mean square first, so that layers of any scale compare.
    """
    nonzero = kernel.values[kernel.codes != 0]
    scale = float(np.sqrt(np.mean(nonzero**2))) if nonzero.size else 1.0
    return _MEASURES[resolve(measure)](groups.per_weight(kernel.values.ravel() / scale))


__all__ = ['MEASURES', 'group_values', 'resolve']
