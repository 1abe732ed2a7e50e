"""Importance: the value of weights, and of a pruned kernel, to the network. One file a measure."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance import activation, l1, l2, obs
from hls4ml_hwprune.importance.scale import ImportanceScale
from hls4ml_hwprune.records import Kernel

_MEASURES: dict[str, Callable[[Kernel], NDArray[np.float64]]] = {
    'l1': l1.score,
    'l2': l2.score,
    'activation': activation.score,
    'obs': obs.score,
}

#: Names a user may give; 'auto' leaves the choice to the package.
MEASURES: tuple[str, ...] = ('auto', *_MEASURES)
#: Measures that need statistics of calibration data.
CALIBRATED = ('activation', 'obs')
#: Measures that are losses of the network, which need no scale to compare kernels.
LOSSES = ('obs',)


def resolve(name: str, kernel: Kernel) -> str:
    """Return the measure of a name: 'auto' is 'obs' where there are statistics of the kernel, else 'l1'."""
    if name != 'auto':
        return name
    return 'l1' if kernel.statistics is None else 'obs'


def weight_scores(kernel: Kernel, measure: str) -> NDArray[np.float64]:
    """Return the score of each weight under one of `MEASURES`, not negative, shape (n_out, n_in).

    A group's score is the sum of its weights' scores.

    Raises
    ------
    ConfigError
        If the measure is one of `CALIBRATED` and the kernel has no statistics.
    """
    return _MEASURES[resolve(measure, kernel)](kernel)


def live_scores(kernel: Kernel, measure: str) -> NDArray[np.float64]:
    """Return `weight_scores`, with zero for weights that quantise to zero."""
    return np.where(kernel.codes != 0, weight_scores(kernel, measure), 0.0)


def importance_scale(scores: NDArray[np.float64], measure: str) -> ImportanceScale:
    """Return the scale on which kernels with these scores compare; `measure` is not 'auto'."""
    return ImportanceScale.linear(scores) if measure in LOSSES else ImportanceScale.of(scores)


__all__ = [
    'CALIBRATED',
    'LOSSES',
    'MEASURES',
    'ImportanceScale',
    'importance_scale',
    'live_scores',
    'resolve',
    'weight_scores',
]
