"""Samples for which the network should keep its answers, read from what the user gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError

_SUFFIXES = ('.npy', '.npz')


@dataclass(frozen=True)
class Calibration:
    """Samples, with or without their labels; made by `load_calibration`, which checks them.

    Attributes
    ----------
    x : tuple of ndarray
        One float array for each input of the network; the first axis counts the n samples.
    y : ndarray, optional
        Class of each sample, whole numbers of shape (n,); 0 or 1 for networks of one output. Where the task is a regression
        the targets, real numbers of shape (n, n_outputs). None if unknown.
    """

    x: tuple[NDArray[np.float64], ...] = field(repr=False)
    y: NDArray | None = field(default=None, repr=False)

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.x[0])

    def task(self, given: str) -> str:
        """Return the task that a user gave; for 'auto' the one that labels or targets tell, if there are any."""
        if given != 'auto' or self.y is None:
            return given
        return 'classification' if self.y.ndim == 1 else 'regression'


def load_calibration(value: Any, where: str, has_labels: Callable[[NDArray], bool] = lambda y: True) -> Calibration:
    """Read and check calibration samples.

    Parameters
    ----------
    value : str, Path, ndarray, sequence of ndarray, mapping or Calibration
        A .npy file or an array: the inputs. A sequence: one array for each input of the network. A mapping or an .npz
        file: 'x' (or 'x0', 'x1', ... for networks of several inputs) and optionally 'y'; an .npz file may instead hold
        the inputs as its only array. Labels are class numbers, shape (n,) or (n, 1), or a score for each class, shape
        (n, n_classes), of which the highest counts.
    where : str
        The key that error messages name.
    has_labels : callable
        Whether an array is of labels; if it is not, it is of real targets, shape (n,) or (n, n_outputs).

    Returns
    -------
    Calibration

    Raises
    ------
    ConfigError
        If a file cannot be read, or the arrays are not numbers, empty, not finite or of unequal lengths.
    """
    named = _named(value, where)
    x = tuple(_inputs(array, f'{where}: x{number}') for number, array in enumerate(named['x']))
    if not x:
        raise ConfigError(f'{where}: expected an array for each input of the network, got none')
    y = None if named.get('y') is None else _labels_or_targets(named['y'], f'{where}: y', has_labels)
    lengths = [len(array) for array in (*x, *(() if y is None else (y,)))]
    if len(set(lengths)) > 1:
        raise ConfigError(f'{where}: the arrays must have the same number of samples, got {lengths}')
    return Calibration(x, y)


def _named(value: Any, where: str) -> dict[str, Any]:
    """`value` as {'x': sequence of arrays} and perhaps 'y'."""
    if isinstance(value, Calibration):
        return {'x': value.x, 'y': value.y}
    if isinstance(value, str | Path):
        return _read(Path(value), where)
    if isinstance(value, Mapping):
        return _sorted_names(value, where)
    return {'x': _several(value, where)}


def _read(path: Path, where: str) -> dict[str, Any]:
    if path.suffix.lower() not in _SUFFIXES:
        raise ConfigError(f'{where}: {str(path)!r} is not a file of one of the kinds {", ".join(_SUFFIXES)}')
    if not path.is_file():
        raise ConfigError(f'{where}: there is no file {str(path)!r}')
    try:
        # No pickles: reading a configuration must not run code.
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return {'x': (found,)}
        with found:
            arrays = {name: found[name] for name in found.files}
    except Exception as error:  # numpy, zipfile and zlib raise what they like
        raise ConfigError(f'{where}: {str(path)!r} cannot be read: {error}') from error
    if len(arrays) == 1 and 'y' not in arrays:
        return {'x': tuple(arrays.values())}
    return _sorted_names(arrays, f'{where}: {str(path)!r}')


def _sorted_names(arrays: Mapping[Any, Any], where: str) -> dict[str, Any]:
    """Put inputs in the order of their numbers, apart from the labels."""
    named = {str(name).lower(): array for name, array in arrays.items()}
    y = named.pop('y', None)
    if set(named) == {'x'}:
        return {'x': _several(named['x'], where), 'y': y}
    numbered = [f'x{number}' for number in range(len(named))]
    if not named or set(named) != set(numbered):
        expected = "expected 'x', or 'x0', 'x1', ... for several inputs, and optionally 'y'"
        raise ConfigError(f'{where}: {expected}, got {", ".join(map(repr, arrays)) or "nothing"}')
    return {'x': tuple(named[name] for name in numbered), 'y': y}


def _several(value: Any, where: str) -> Sequence[Any]:
    """Make a sequence of what is an array or a sequence of arrays."""
    if isinstance(value, np.ndarray):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(array, np.ndarray) for array in value):
        return value
    raise ConfigError(f'{where}: expected a .npy or .npz file, arrays, or a mapping of them, got a {type(value).__name__}')


def _inputs(array: NDArray, where: str) -> NDArray[np.float64]:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in 'biuf':
        raise ConfigError(f'{where}: expected an array of real numbers, got {_kind(array)}')
    if array.ndim == 0 or array.size == 0:
        raise ConfigError(f'{where}: expected at least one sample along the first axis, got shape {array.shape}')
    if not np.isfinite(array).all():
        raise ConfigError(f'{where}: the samples contain NaN or infinity')
    return np.ascontiguousarray(array, np.float64)


def _labels_or_targets(value: Any, where: str, has_labels: Callable[[NDArray], bool]) -> NDArray:
    array = _inputs(np.asarray(value), where)
    return _labels(array, where) if has_labels(array) else array.reshape(len(array), -1)


def _labels(array: NDArray[np.float64], where: str) -> NDArray[np.int64]:
    if array.ndim > 2:
        raise ConfigError(f'{where}: expected labels of shape (n,) or (n, n_classes), got shape {array.shape}')
    if array.ndim == 2 and array.shape[1] > 1:
        return array.argmax(axis=1).astype(np.int64)
    classes = array.reshape(len(array)).astype(np.int64)
    if (classes < 0).any() or (classes != array.reshape(len(array))).any():
        raise ConfigError(f'{where}: class numbers must be whole and not negative; leave out what is no class')
    return classes


def _kind(value: Any) -> str:
    return f'dtype {value.dtype}' if isinstance(value, np.ndarray) else f'a {type(value).__name__}'
