"""Samples of a network and their labels or targets: reading and checks of arrays and files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.files import shown_path
from hls4ml_hwprune.quoting import shown, shown_name
from hls4ml_hwprune.sample_files import StoredArray, finite, stored_arrays

Array = np.ndarray | StoredArray
# Names of arrays that an error lists.
_MOST_NAMES = 8
# More classes than any network has, so that their numbers are exact.
_MOST_CLASSES = 2**31


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
        """Return the task that a user gave; for 'auto' the one that labels or targets imply, if there are any."""
        if given != 'auto' or self.y is None:
            return given
        return 'classification' if self.y.ndim == 1 else 'regression'


def load_calibration(
    value: Any,
    where: str,
    inputs: Sequence[tuple[int, ...]] | None = None,
    has_labels: Callable[[NDArray], bool] = lambda y: True,
) -> Calibration:
    """Read and check calibration samples.

    Parameters
    ----------
    value : str, Path, ndarray, sequence of ndarray, mapping or Calibration
        A .npy file or an array: the inputs. A sequence: one array for each input of the network. A mapping or an .npz
        file: 'x' (or 'x0', 'x1', ... for networks of several inputs) and optionally 'y'; an .npz file may instead hold
        the inputs as its only array. Labels are class numbers, shape (n,) or (n, 1), or a score for each class, shape
        (n, n_classes): the highest counts.
    where : str
        The key that error messages name.
    inputs : sequence of tuple of int, optional
        Shapes of the inputs of the network, which samples of a file are checked against before they are read.
    has_labels : callable
        Whether an array is of labels; if it is not, it is of real targets, shape (n,) or (n, n_outputs).

    Returns
    -------
    Calibration

    Raises
    ------
    ConfigError
        If a file cannot be read or is too large, or the arrays are not numbers, empty, not finite, of unequal lengths or not
        for this network.
    """
    named = _named(value, where)
    x, y = tuple(named['x']), named.get('y')
    for number, array in enumerate(x):
        _check_array(array, f'{where}: x{number}')
    if not x:
        raise ConfigError(f'{where}: expected an array for each input of the network, got none')
    labels = None if y is None else _label_array(y, f'{where}: y')
    lengths = [array.shape[0] for array in (*x, *(() if labels is None else (labels,)))]
    if len(set(lengths)) > 1:
        raise ConfigError(f'{where}: the arrays must have the same number of samples, got {lengths}')
    if inputs is not None:
        check_shapes([array.shape for array in x], inputs, where)
    return Calibration(
        tuple(_numbers(array, f'{where}: x{number}') for number, array in enumerate(x)),
        None if labels is None else _labels_or_targets(labels, f'{where}: y', has_labels),
    )


def check_shapes(found: Sequence[tuple[int, ...]], inputs: Sequence[tuple[int, ...]], where: str) -> None:
    """Check shapes of arrays of samples against those of the inputs of a network.

    Raises
    ------
    ConfigError
        If there are others, or a sample has another size.
    """
    if len(inputs) != len(found):
        raise ConfigError(f'{where}: {len(found)} arrays of inputs, but the network has {len(inputs)} inputs')
    for number, (shape, wanted) in enumerate(zip(found, inputs, strict=True)):
        if prod(shape[1:]) != prod(wanted):
            raise ConfigError(f'{where}: x{number} has samples of shape {shape[1:]}, the network takes {wanted}')


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
    # No pickles: reading a configuration must not run code.
    arrays = stored_arrays(path, where)
    if len(arrays) == 1 and 'y' not in arrays:
        return {'x': tuple(arrays.values())}
    return _sorted_names(arrays, f'{where}: {shown_path(path)}')


def _sorted_names(arrays: Mapping[Any, Any], where: str) -> dict[str, Any]:
    """Put inputs in the order of their numbers, apart from the labels."""
    named = {shown_name(name).lower(): array for name, array in arrays.items()}
    y = named.pop('y', None)
    if set(named) == {'x'}:
        return {'x': _several(named['x'], where), 'y': y}
    numbered = [f'x{number}' for number in range(len(named))]
    if not named or set(named) != set(numbered):
        expected = "expected 'x', or 'x0', 'x1', ... for several inputs, and optionally 'y'"
        raise ConfigError(f'{where}: {expected}, got {", ".join(map(shown, list(arrays)[:_MOST_NAMES])) or "nothing"}')
    return {'x': tuple(named[name] for name in numbered), 'y': y}


def _several(value: Any, where: str) -> Sequence[Any]:
    """Return one array, or a sequence of arrays, as a sequence."""
    if isinstance(value, Array):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(array, np.ndarray) for array in value):
        return value
    raise ConfigError(f'{where}: expected a .npy or .npz file, arrays, or a mapping of them, got a {type(value).__name__}')


def _check_array(array: Any, where: str) -> None:
    """Check type and shape of an array, whose numbers may not be read yet."""
    if not isinstance(array, Array) or array.dtype.kind not in 'biuf':
        raise ConfigError(f'{where}: expected an array of real numbers, got {_kind(array)}')
    if not array.shape or array.size == 0:
        raise ConfigError(f'{where}: expected at least one sample along the first axis, got shape {array.shape}')


def _numbers(array: Array, where: str) -> NDArray[np.float64]:
    return array.read(where) if isinstance(array, StoredArray) else finite(array, where)


def _label_array(value: Any, where: str) -> Array:
    """Return labels or targets as an array, before its numbers are read."""
    if isinstance(value, StoredArray):
        array: Array = value
    else:
        try:
            array = np.asarray(value)
        except (ValueError, OverflowError, TypeError) as error:
            raise ConfigError(f'{where}: expected an array of real numbers, got a {type(value).__name__}: {error}') from None
    _check_array(array, where)
    if len(array.shape) > 2 and array.dtype.kind != 'f':
        raise ConfigError(f'{where}: expected labels of shape (n,) or (n, n_classes), got shape {array.shape}')
    return array


def _labels_or_targets(stored: Array, where: str, has_labels: Callable[[NDArray], bool]) -> NDArray:
    array = _numbers(stored, where)
    return _labels(array, where) if has_labels(array) else array.reshape(len(array), -1)


def _labels(array: NDArray[np.float64], where: str) -> NDArray[np.int64]:
    if array.ndim > 2:
        raise ConfigError(f'{where}: expected labels of shape (n,) or (n, n_classes), got shape {array.shape}')
    if array.ndim == 2 and array.shape[1] > 1:
        return array.argmax(axis=1).astype(np.int64)
    classes = array.reshape(len(array))
    if not ((classes >= 0) & (classes < _MOST_CLASSES) & (classes == np.floor(classes))).all():
        raise ConfigError(f'{where}: class numbers must be whole and not negative; leave out what is no class')
    return classes.astype(np.int64)


def _kind(value: Any) -> str:
    return f'dtype {value.dtype}' if isinstance(value, Array) else f'a {type(value).__name__}'
