"""Staging of projects: written to a folder beside their own, which then replaces the old one as a whole."""

import ctypes
import errno
import os
import shutil
import signal
import stat
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.files import said, shown_path, whole_file
from hls4ml_hwprune.temporary import PREFIX, temporary_folder

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Constants of Linux: AT_FDCWD, and RENAME_EXCHANGE of renameat2.
_HERE, _EXCHANGE = -100, 2
# hls4ml replaces this folder of a project, and keeps other files that it does not write.
_REPLACED = Path('firmware/ap_types')
_HELD_BACK = {getattr(signal, name) for name in ('SIGTERM', 'SIGHUP', 'SIGINT') if hasattr(signal, name)}


class _NoSwapError(Exception):
    """The folder must stay the same one; its files are replaced instead."""


@contextmanager
def staged_project(model: 'ModelGraph', dropped: Iterable[str] = ()) -> Iterator[Path]:
    """Let hls4ml's writer write to a folder of its own, and put the project in its place when all is there.

    An archive beside the project (`WriteTar`) is made afterwards. All else is as if hls4ml had written in place: files name
    the project's own folder, and files there that nobody writes stay. A folder that this process works in, a mount point,
    and one with links among the files to be written stay in place: there files are replaced one by one.

    Parameters
    ----------
    model : ModelGraph
    dropped : iterable of str
        Files of the project that do not stay, unless they are written again.

    Yields
    ------
    Path
        The folder that hls4ml's writer writes to within the context.

    Raises
    ------
    HWPruneError
        If the project's folder cannot be written.
    """
    config = model.config
    named = str(config.get_output_dir())
    archived = bool(config.get_writer_config().get('WriteTar', False))
    written_as = {**config.get_writer_config(), 'WriteTar': False}
    with _beside(named) as folder:
        # hls4ml's writers ask these two; the configuration that they write down is unchanged.
        config.get_output_dir = lambda: str(folder)
        config.get_writer_config = lambda: written_as
        try:
            yield folder
        finally:
            del config.get_output_dir, config.get_writer_config
        name_folder(folder, named)
        try:
            _install(folder, Path(os.path.realpath(named)), set(dropped), f'{named}.tar.gz' if archived else '')
        except OSError as error:
            raise _error(named, said(error)) from None
    if archived:
        _archive(named)


@contextmanager
def _beside(named: str) -> Iterator[Path]:
    """Make the folder to write to, beside that of the project or, where nothing can be written there, within it."""
    try:
        output = Path(os.path.realpath(named))
        made = _make_parents(output.parent)
        inside = output.is_dir() and not os.access(output.parent, os.W_OK | os.X_OK)
        # Names that the system does not allow are refused before anything is written.
        output.exists()
    except (OSError, ValueError) as error:
        raise _error(named, said(error)) from None
    try:
        with temporary_folder(output if inside else output.parent) as folder:
            folder.chmod(_usual_mode(folder))
            yield folder
    finally:
        for parent in made:
            with suppress(OSError):
                parent.rmdir()


def _error(named: str, reason: str) -> HWPruneError:
    return HWPruneError(f'OutputDir: the project cannot be written to {shown_path(named)}: {reason}')


def _make_parents(parent: Path) -> list[Path]:
    """Make the folders that lead to a project, and return the new ones, innermost first."""
    made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    there = made[-1].parent if made else parent
    if not there.is_dir():
        raise NotADirectoryError(f'{shown_path(there)} is no folder')
    parent.mkdir(parents=True, exist_ok=True)
    return made


def _usual_mode(folder: Path) -> int:
    """Return the permissions that a new folder in a folder gets, as those of hls4ml do."""
    probe = folder / 'probe'
    probe.mkdir()
    mode = stat.S_IMODE(probe.stat().st_mode)
    probe.rmdir()
    return mode


def name_folder(folder: Path, named: str) -> None:
    """Put the name of the project's folder where the writer wrote that of the folder it wrote to."""
    found = str(folder).encode()
    for path in folder.rglob('*'):
        if path.is_file() and not path.is_symlink() and found in (content := path.read_bytes()) and b'\0' not in content:
            path.write_bytes(content.replace(found, named.encode()))


def _install(folder: Path, output: Path, dropped: set[str], archive: str) -> None:
    """Put a whole folder in the place of another; an archive of the old one goes."""
    if not os.path.lexists(output):
        folder.rename(output)
        return
    if not output.is_dir():
        raise NotADirectoryError('it is no folder')
    try:
        if folder.parent == output or os.path.ismount(output) or Path.cwd().is_relative_to(output):
            raise _NoSwapError
        _keep_others(output, folder, Path(), dropped)
        _drop_archive(archive)
        _exchange(folder, output)
    except (_NoSwapError, OSError):
        _drop_archive(archive)
        _replace_files(folder, output, dropped)


def _keep_others(old: Path, new: Path, within: Path, dropped: set[str]) -> None:
    """Give the new folder the files that only the old one has: the same, not copies, where the file system can."""
    shutil.copymode(old / within, new / within)
    for entry in os.scandir(old / within):
        path = within / entry.name
        target = new / path
        if entry.is_symlink() and os.path.lexists(target):
            raise _NoSwapError
        if entry.is_dir(follow_symlinks=False):
            if path == _REPLACED:
                continue
            target.mkdir(exist_ok=True)
            _keep_others(old, new, path, dropped)
        elif not os.path.lexists(target) and path.as_posix() not in dropped:
            _same_file(entry.path, target)


def _same_file(path: str, target: Path) -> None:
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, target, follow_symlinks=False)


def _exchange(folder: Path, output: Path) -> None:
    """Exchange two folders in one step; nothing is changed where the system cannot."""
    function = getattr(ctypes.CDLL(None, use_errno=True), 'renameat2', None)
    if function is None:
        raise _NoSwapError
    if function(_HERE, os.fsencode(folder), _HERE, os.fsencode(output), ctypes.c_uint(_EXCHANGE)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _replace_files(folder: Path, output: Path, dropped: set[str]) -> None:
    """Replace the files of a folder one by one, through links as hls4ml writes; signals wait until all are there."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        for name in dropped:
            (output / name).unlink(missing_ok=True)
        for path in sorted(folder.rglob('*')):
            target = Path(os.path.realpath(output / path.relative_to(folder)))
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                _replace_file(path, target)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _replace_file(path: Path, target: Path) -> None:
    try:
        os.replace(path, target)
    except OSError as error:
        # A link may lead to another file system.
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(path, target)


def _drop_archive(archive: str) -> None:
    if archive:
        Path(archive).unlink(missing_ok=True)


def _archive(named: str) -> None:
    """Pack a project as hls4ml does; the archive appears when it is whole."""
    path = f'{named}.tar.gz'

    def without_ours(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if entry.name.startswith(PREFIX) else entry

    with whole_file(path, 'the archive') as file, tarfile.open(path, mode='w:gz', fileobj=file) as archive:
        archive.add(named, recursive=True, arcname='', filter=without_ours)
