"""Temporary folders: removed at the end, at SIGTERM, and after a kill by the next process that needs one."""

import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from platform import node
from secrets import token_hex
from types import FrameType

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.files import said, shown_path

#: Beginning of the names of all that is temporary.
PREFIX = '.hwprune-'
_NAME = re.compile(re.escape(PREFIX) + r'(?P<host>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]+')
# Enough for a script, the compilers that it starts, and their children.
_MOST_ROUNDS = 20
_SIGNALS = tuple(getattr(signal, name) for name in ('SIGTERM', 'SIGHUP') if hasattr(signal, name))


class _EndedError(BaseException):
    """A signal that asks the process to end; no `except Exception` on the way stops it."""


@contextmanager
def temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """Make a folder in `parent`, by default where temporary files go, and remove it at the end.

    Processes that still work in it after an error or a signal are stopped. Folders that processes of this machine left there
    when they were killed are removed too.

    Raises
    ------
    HWPruneError
        If no folder can be made there.
    """
    with cleaned_at_end():
        folder = _made(parent)
        try:
            yield folder
        except BaseException:
            _stop_processes(folder)
            raise
        finally:
            _remove(folder)


@contextmanager
def cleaned_at_end() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack before they end the process, as Ctrl-C does.

    Signals that the application handles itself, and threads other than the main one, are left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    caught: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        if not caught:
            caught.append(number)
            raise _EndedError

    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
        if caught:
            # The parent process learns that it was this signal.
            os.kill(os.getpid(), caught[0])


def _made(parent: Path | None) -> Path:
    try:
        place = Path(tempfile.gettempdir()) if parent is None else parent
        _remove_abandoned(place)
        folder = place / f'{PREFIX}{_host()}-{os.getpid()}-{token_hex(6)}'
        folder.mkdir(mode=0o700)
    except OSError as error:
        where = 'for temporary files (TMPDIR)' if parent is None else shown_path(parent)
        raise HWPruneError(f'nothing can be written to the folder {where}: {said(error)}') from None
    return folder


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except _EndedError:
        # There is one such signal at most.
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of processes of this machine that are no more."""
    for entry in parent.iterdir():
        found = _NAME.fullmatch(entry.name)
        if found and found['host'] == _host() and not _is_alive(int(found['process'])):
            _stop_processes(entry)
            shutil.rmtree(entry, ignore_errors=True)


def _host() -> str:
    return sha256(node().encode()).hexdigest()[:8]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _stop_processes(folder: Path) -> None:
    """Stop the compilers that work in a folder, where the system says which processes do (Linux)."""
    within = os.path.realpath(folder)
    # Children of a process that is being stopped are found in the next round.
    for _ in range(_MOST_ROUNDS):
        found = [number for number in _processes() if _works_in(number, within)]
        for number in found:
            with suppress(OSError):
                os.kill(number, signal.SIGKILL)
        if not found:
            return


def _processes() -> list[int]:
    try:
        return [int(name) for name in os.listdir('/proc') if name.isdecimal() and int(name) != os.getpid()]
    except OSError:
        return []


def _works_in(process: int, folder: str) -> bool:
    try:
        where = os.readlink(f'/proc/{process}/cwd')
    except OSError:
        return False
    return where == folder or where.startswith(folder + os.sep)
