"""Arrays of samples in .npy and .npz files: sizes are known before anything is read, and numbers are read in pieces."""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.files import open_regular, said, shown_path

SUFFIXES = ('.npy', '.npz')
#: Numbers that the arrays of one file may have together: 2 GiB.
MOST_NUMBERS = 2**28
_PIECE = 2**20
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


@dataclass(frozen=True)
class StoredArray:
    """An array in a file; only its type and shape are known until it is read.

    Attributes
    ----------
    path : Path
    member : str
        Its name in an .npz file; empty for an .npy file.
    where : str
        The key that error messages name.
    dtype : numpy.dtype
    shape : tuple of int
    by_columns : bool
        Whether the first index runs fastest.
    """

    path: Path
    member: str
    where: str
    dtype: np.dtype
    shape: tuple[int, ...]
    by_columns: bool

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    def read(self, where: str) -> NDArray[np.float64]:
        """Return the numbers, shape `shape`.

        Raises
        ------
        ConfigError
            If the file is damaged, or a number is NaN or infinite; the error names `where` then.
        """
        flat = np.empty(self.size, np.float64)
        with _opened(self.path, self.member, self.where) as file:
            _header(file)
            for first in range(0, self.size, _PIECE):
                count = min(_PIECE, self.size - first)
                content = file.read(count * self.dtype.itemsize)
                if len(content) != count * self.dtype.itemsize:
                    raise ValueError('it ends too early')
                flat[first : first + count] = finite(np.frombuffer(content, self.dtype), where)
            # Archives check their members where they end.
            file.read(1)
        return np.ascontiguousarray(flat.reshape(self.shape[::-1]).T) if self.by_columns else flat.reshape(self.shape)


def finite(array: NDArray, where: str) -> NDArray[np.float64]:
    """Return an array in double precision.

    Raises
    ------
    ConfigError
        If a number is NaN, infinite or beyond double precision.
    """
    with np.errstate(over='ignore'):
        converted = np.ascontiguousarray(array, np.float64)
    if not np.isfinite(converted).all():
        raise ConfigError(f'{where}: the samples contain NaN or infinity')
    return converted


def stored_arrays(path: Path, where: str) -> dict[str, StoredArray]:
    """Find the arrays of a file by name; that of an .npy file has none.

    Raises
    ------
    ConfigError
        If the file is none of the known kinds, cannot be read, or holds too much.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(f'{where}: {shown_path(path)} is not a file of one of the kinds {", ".join(SUFFIXES)}')
    try:
        missing = not path.exists()
    except (OSError, ValueError):
        # Opening the file tells the fault of its name.
        missing = False
    if missing:
        raise ConfigError(f'{where}: there is no file {shown_path(path)}')
    found = {}
    for member in _members(path, where):
        with _opened(path, member, where) as file:
            shape, by_columns, dtype = _header(file)
            found[member.removesuffix('.npy')] = StoredArray(path, member, where, dtype, shape, by_columns)
    numbers = sum(array.size for array in found.values())
    if numbers > MOST_NUMBERS:
        raise ConfigError(
            f'{where}: {shown_path(path)} holds {numbers:,} numbers, more than {MOST_NUMBERS:,}: take fewer samples'
        )
    return found


def _members(path: Path, where: str) -> list[str]:
    """Return the names of the arrays of a file."""
    with open_regular(path, f'{where}:', ConfigError) as file:
        if path.suffix.lower() == '.npy':
            return ['']
        with _reading(path, where), zipfile.ZipFile(file) as archive:
            return archive.namelist()


@contextmanager
def _opened(path: Path, member: str, where: str) -> Iterator[BinaryIO]:
    """Open an array of a file; all that goes wrong with it names the file."""
    with open_regular(path, f'{where}:', ConfigError) as file, _reading(path, where):
        if not member:
            yield file
            return
        with zipfile.ZipFile(file) as archive, archive.open(member) as stream:
            yield stream  # type: ignore[misc]  # a BinaryIO as far as it is used here


@contextmanager
def _reading(path: Path, where: str) -> Iterator[None]:
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:  # numpy, zipfile and zlib raise errors of any class
        raise ConfigError(f'{where}: {shown_path(path)} cannot be read: {said(error)}') from error


def _header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Read shape, order and type of an array, and leave the file where its numbers begin.

    Raises
    ------
    ValueError
        If there is none, it is one of objects, which would be unpickled, or the file is too short for it.
    """
    version = np.lib.format.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f'there is no array of real numbers in it (version {version})')
    shape, by_columns, dtype = _HEADERS[version](file)
    if dtype.hasobject:
        raise ValueError('there are objects in it, which are not read')
    if not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError(f'an array cannot have the shape {shape}')
    # Sizes of members in an archive need not be true: there the end comes while it is read.
    if not isinstance(file, zipfile.ZipExtFile):
        left = os.fstat(file.fileno()).st_size - file.tell()
        if prod(shape) * dtype.itemsize > left:
            raise ValueError(f'it is too short for an array of shape {shape}')
    return shape, by_columns, dtype
