"""Training and validation data: arrays, and batches of data sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError

# Share of arrays that is held out where no validation data are given.
_HELD_OUT = 10
Inputs = tuple[NDArray, ...]


@dataclass(frozen=True)
class Arrays:
    """Samples as arrays: one for each input of the network, and the targets."""

    x: Inputs
    y: NDArray

    def __len__(self) -> int:
        return len(self.y)

    def take(self, numbers: NDArray[np.int64]) -> 'Arrays':
        """Return some of the samples."""
        return Arrays(tuple(array[numbers] for array in self.x), self.y[numbers])

    def digest(self) -> str:
        """Return a hash of the samples."""
        found = sha256()
        for array in (*self.x, self.y):
            found.update(f'{array.dtype} {array.shape}'.encode())
            found.update(np.ascontiguousarray(array).data)
        return found.hexdigest()


def as_arrays(value: Any, where: str) -> Arrays | None:
    """Return the arrays of a pair (x, y), x an array or a list of them; None for anything else, such as a data set.

    Raises
    ------
    ConfigError
        If the arrays are empty or of unequal lengths, or the targets are no array.
    """
    if not (isinstance(value, tuple) and len(value) == 2):
        return None
    x = tuple(np.asarray(array) for array in value[0]) if isinstance(value[0], list | tuple) else (np.asarray(value[0]),)
    arrays = Arrays(x, _target(value[1], where))
    lengths = [len(array) for array in (*arrays.x, arrays.y)]
    if len(set(lengths)) > 1 or not lengths[0]:
        raise ConfigError(f'{where}: expected arrays of the same number of samples, and at least one, got {lengths}')
    return arrays


def split(arrays: Arrays, seed: int) -> tuple[Arrays, Arrays]:
    """Hold out a tenth of the samples."""
    order = np.random.default_rng(seed).permutation(len(arrays))
    count = len(arrays) // _HELD_OUT
    if not count:
        raise ConfigError(f'validation: needed, as {len(arrays)} samples are too few to hold some out')
    return arrays.take(order[count:]), arrays.take(order[:count])


def collect(batches: Any, where: str, most: int | None = None) -> Arrays:
    """Gather batches (x, y) of a data set into arrays, up to `most` samples.

    Raises
    ------
    ConfigError
        If it does not give such batches.
    """
    parts: list[Arrays] = []
    count = 0
    for part in _batches(batches, where):
        parts.append(part)
        count += len(part)
        if most is not None and count >= most:
            break
    if not parts:
        raise ConfigError(f'{where}: expected arrays (x, y) or batches of them, got none')
    x = tuple(np.concatenate(arrays) for arrays in zip(*(part.x for part in parts), strict=True))
    return Arrays(tuple(array[:most] for array in x), np.concatenate([part.y for part in parts])[:most])


def _batches(batches: Any, where: str) -> Iterator[Arrays]:
    try:
        iterator = iter(batches)
    except TypeError:
        kind = type(batches).__name__
        raise ConfigError(f'{where}: expected arrays (x, y) or batches of them, got a {kind}') from None
    for batch in iterator:
        if not isinstance(batch, tuple | list) or len(batch) < 2:
            raise ConfigError(f'{where}: expected batches (x, y), got a {type(batch).__name__}')
        x, y = batch[0], batch[1]
        inputs = tuple(x) if isinstance(x, tuple | list) else (x,)
        yield Arrays(tuple(np.asarray(array) for array in inputs), _target(y, where))


def _target(y: Any, where: str) -> NDArray:
    try:
        return np.asarray(y)
    except ValueError:
        raise ConfigError(f'{where}: expected one array of targets, got {len(y)} of other shapes each') from None
