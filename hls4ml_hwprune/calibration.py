"""Samples for which the network should keep its answers: read from what the user gives, and what other answers cost."""

from collections.abc import Mapping, Sequence
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
    y : ndarray of int, optional
        Class of each sample, shape (n,); 0 or 1 for networks of one output. None if unknown.
    """

    x: tuple[NDArray[np.float64], ...] = field(repr=False)
    y: NDArray[np.int64] | None = field(default=None, repr=False)

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.x[0])


def load_calibration(value: Any, where: str) -> Calibration:
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
    y = None if named.get('y') is None else _labels(named['y'], f'{where}: y')
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


def _labels(value: Any, where: str) -> NDArray[np.int64]:
    array = _inputs(np.asarray(value), where)
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


def network_loss(
    reference: NDArray | Sequence[NDArray], outputs: NDArray | Sequence[NDArray], y: NDArray[np.int64] | None = None
) -> float:
    """How much worse the answers of a network have become; 0 if they are the same.

    Parameters
    ----------
    reference, outputs : ndarray or sequence of ndarray
        What the network said before and what it says now, shape (n, n_outputs); or an array for each output of the
        network, of whose losses the mean is taken.
    y : ndarray of int, optional
        Class of each sample, shape (n,).

    Returns
    -------
    float
        With labels, the accuracy lost, negative if it grew. A single output means class 1 above one half, or above 0
        if any reference is outside [0, 1]. Without labels, the share of samples that are put into another class; for
        a single output, the mean squared difference over the reference's variance.

    Raises
    ------
    ConfigError
        If a label is none of the network's classes.
    """
    if isinstance(reference, np.ndarray):
        reference, outputs = (reference,), (np.asarray(outputs),)
    return float(np.mean([_loss(before, after, y) for before, after in zip(reference, outputs, strict=True)]))


def _loss(before: NDArray, after: NDArray, y: NDArray[np.int64] | None) -> float:
    if y is None and before.shape[1] == 1:
        return _relative_error(before, after)
    one = before.shape[1] == 1
    threshold = 0.0 if one and (before.min() < 0 or before.max() > 1) else 0.5
    first, second = ((array[:, 0] > threshold) if one else array.argmax(axis=1) for array in (before, after))
    if y is None:
        return float(np.mean(first != second))
    n_classes = max(2, before.shape[1])
    if y.max() >= n_classes:
        raise ConfigError(f'calibration: y has class {y.max()}, but the network only has the classes 0 to {n_classes - 1}')
    return float(np.mean(first == y) - np.mean(second == y))


def _relative_error(before: NDArray, after: NDArray) -> float:
    error = float(np.mean((before - after) ** 2))
    if error == 0:
        return 0.0
    scale = float(np.var(before)) or float(np.mean(before**2))
    return error / scale if scale else float('inf')
