"""Atomic writes of files, and reads of regular files of a bounded size."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.quoting import shown

PathLike = str | os.PathLike[str]
_SHOWN = 120
_WRITTEN, _READ = 'cannot be written to', 'cannot be read:'


@contextmanager
def whole_file(path: PathLike, what: str, error: type[HWPruneError] = HWPruneError) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of `path` once it is whole; a file that is there stays until then.

    Links are followed, and the file that they lead to is replaced. Permissions of a file that is there are kept.

    Parameters
    ----------
    path : str or Path
    what : str
        The content, for messages: 'the plan'.
    error : class
        Raised where the file cannot be written.

    Raises
    ------
    HWPruneError
        Of the class `error`: the name is none, the folder is missing or cannot be written, the path leads to a folder, a
        device or another thing that is no regular file, or the file is write-protected.
    """
    try:
        target, mode = _target(path)
    except (OSError, ValueError, TypeError) as reason:
        raise error(f'{what} {_WRITTEN} {shown_path(path)}: {said(reason)}') from None
    # Not of the target's name, which may be as long as names can be.
    partial = target.with_name(f'.hwprune-{token_hex(8)}')
    try:
        with partial.open('xb') as file:
            yield file
        if mode is not None:
            partial.chmod(mode)
        partial.replace(target)
    except OSError as reason:
        raise error(f'{what} {_WRITTEN} {shown_path(path)}: {said(reason)}') from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_whole(path: PathLike, content: str, what: str, error: type[HWPruneError] = HWPruneError) -> None:
    """Write a text as UTF-8, whole or not at all; parameters and errors are those of `whole_file`."""
    with whole_file(path, what, error) as file:
        file.write(content.encode())


def open_regular(path: PathLike, what: str, error: type[HWPruneError] = HWPruneError) -> BinaryIO:
    """Open a regular file for reading; nothing waits for the writer of a pipe.

    Raises
    ------
    HWPruneError
        Of the class `error`: there is no such file, it cannot be read, or it is no regular file.
    """
    try:
        descriptor = os.open(_name(path), os.O_RDONLY | getattr(os, 'O_NONBLOCK', 0))
        try:
            _check_regular(os.fstat(descriptor).st_mode)
        except OSError:
            os.close(descriptor)
            raise
        return os.fdopen(descriptor, 'rb')
    except (OSError, ValueError, TypeError) as reason:
        raise error(f'{what} {shown_path(path)} {_READ} {said(reason)}') from None


def read_regular(path: PathLike, most: int, what: str, error: type[HWPruneError] = HWPruneError) -> bytes:
    """Read a regular file of at most `most` bytes.

    Raises
    ------
    HWPruneError
        Of the class `error`: as `open_regular`, or the file is larger.
    """
    with open_regular(path, what, error) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            content = file.read(size + 1) if size <= most else b''
        except OSError as reason:
            raise error(f'{what} {shown_path(path)} {_READ} {said(reason)}') from None
    if size > most:
        raise error(f'{what} {shown_path(path)} {_READ} it has {size:,} bytes, more than {most:,}')
    if len(content) != size:
        raise error(f'{what} {shown_path(path)} {_READ} its size changes')
    return content


def shown_path(path: object) -> str:
    """Return a path as messages show it: quoted, and cut where it is very long."""
    return shown(path, _SHOWN)


def said(reason: BaseException) -> str:
    """Return the text of an error of the operating system, without the path, which messages name anyway."""
    return getattr(reason, 'strerror', None) or str(reason) or type(reason).__name__


def _name(path: PathLike) -> str:
    """Return the name of a file; the error tells the reason that it is none."""
    name = os.fspath(path)
    if not isinstance(name, str) or not name or '\0' in name:
        raise ValueError('it is no name of a file')
    os.fsencode(name)
    return name


def _target(path: PathLike) -> tuple[Path, int | None]:
    """Return the file that a path leads to, and its permissions if it is there."""
    target = Path(os.path.realpath(_name(path)))
    try:
        found = target.stat()
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise
        return target, None
    _check_regular(found.st_mode)
    if not os.access(target, os.W_OK):
        raise PermissionError('it is write-protected')
    return target, stat.S_IMODE(found.st_mode)


def _check_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise OSError('it is a folder')
    if not stat.S_ISREG(mode):
        raise OSError('it is no regular file')
