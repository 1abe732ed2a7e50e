"""Data augmentation of small calibration sets: shifts, contrast, mixup."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SEED = 0
# Images of at least so many rows and columns are shifted by up to one in so many of them; range of the contrast.
_LEAST_SIDE, _MOVED, _CONTRAST = 8, 16, (0.7, 1.3)


def make_inputs(x: Sequence[NDArray], samples: NDArray[np.int64], count: int) -> tuple[NDArray, ...]:
    """Shift images and change their contrast; half of the inputs are weighted means of two samples (mixup).

    Values stay within the range of the samples.

    Parameters
    ----------
    x : sequence of ndarray
        One array for each input of the network, shape (n, *shape).
    samples : ndarray of int
        Numbers of the samples that may be used.
    count : int
        Inputs to make.

    Returns
    -------
    tuple of ndarray
        Shape (count, *shape) each.
    """
    generator = np.random.default_rng(_SEED)
    first, second = generator.choice(samples, count), generator.choice(samples, count)
    share = np.where(np.arange(count) % 2 == 0, 1.0, generator.uniform(size=count))
    made = []
    for array in x:
        of_first = share.reshape(-1, *[1] * (array.ndim - 1))
        one, other = _changed(array[first], generator), _changed(array[second], generator)
        made.append(np.clip(of_first * one + (1 - of_first) * other, array.min(), array.max()))
    return tuple(made)


def _changed(x: NDArray, generator: np.random.Generator) -> NDArray:
    """Shift images (n, height, width, channels), repeating their edges, and stretch them around their means."""
    if x.ndim != 4 or min(x.shape[1:3]) < _LEAST_SIDE:
        return x
    for axis in (1, 2):
        size = x.shape[axis]
        reach = max(1, size // _MOVED)
        steps = generator.integers(-reach, reach + 1, len(x))
        index = np.clip(np.arange(size) + steps[:, None], 0, size - 1)
        shape = [len(x), 1, 1, 1]
        shape[axis] = size
        x = np.take_along_axis(x, index.reshape(shape), axis=axis)
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    return mean + generator.uniform(*_CONTRAST, mean.shape) * (x - mean)
