"""Temporary folders and the processes in them are gone at the end, at SIGTERM, and after a kill when the next run begins."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.temporary import PREFIX, cleaned_at_end, temporary_folder

ROOT = Path(__file__).parents[1]
CHILD = """
import subprocess, sys
from pathlib import Path
from hls4ml_hwprune.temporary import temporary_folder
with temporary_folder(Path(sys.argv[1])) as folder:
    # As a compiler under a shell script: killing the script alone does not end it.
    code = 'import os, time; print(os.getpid(), flush=True); time.sleep(600)'
    subprocess.run(['/bin/sh', '-c', f'{sys.executable} -c "{code}"; true'], cwd=folder)
"""


def started(parent):
    """A process in a temporary folder, and the number of a grandchild that works there."""
    process = subprocess.Popen([sys.executable, '-c', CHILD, str(parent)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def is_running(number):
    try:
        return Path(f'/proc/{number}/stat').read_text().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except OSError:
        return False


def ends(number):
    """A process that was killed may still be taken apart by the system when its folder is gone; nothing else ends it."""
    return any(not is_running(number) or time.sleep(0.05) for _ in range(200))


def test_sigterm_leaves_neither_folders_nor_compilers(tmp_path):
    process, compiler = started(tmp_path)
    assert is_running(compiler)
    assert len(list(tmp_path.iterdir())) == 1
    process.terminate()
    assert process.wait(60) == -signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    assert ends(compiler)


def test_what_a_kill_leaves_goes_with_the_next_run(tmp_path):
    process, compiler = started(tmp_path)
    (tmp_path / 'mine').mkdir()
    (tmp_path / f'{PREFIX}00000000-1-ab').mkdir()
    process.kill()
    process.wait(60)
    with temporary_folder(tmp_path) as folder:
        names = {path.name for path in tmp_path.iterdir()}
    # Folders of other machines stay, as nobody here knows whether they are in use.
    assert names == {'mine', f'{PREFIX}00000000-1-ab', folder.name}
    assert ends(compiler)


def test_folders_of_processes_that_run_stay(tmp_path):
    process, _ = started(tmp_path)
    with temporary_folder(tmp_path):
        assert len(list(tmp_path.iterdir())) == 2
    assert len(list(tmp_path.iterdir())) == 1
    process.terminate()
    process.wait(60)


def test_handlers_are_as_before(tmp_path):
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    with temporary_folder(tmp_path), temporary_folder(tmp_path):
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before

    def mine(number, frame):
        raise KeyError('mine')

    signal.signal(signal.SIGTERM, mine)
    try:
        with pytest.raises(KeyError, match='mine'), cleaned_at_end():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before[0])


def test_other_threads_leave_signals_alone(tmp_path):
    found = []

    def work():
        with temporary_folder(tmp_path) as folder:
            found.append((folder.is_dir(), signal.getsignal(signal.SIGTERM)))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(True, before)]
    assert list(tmp_path.iterdir()) == []


def test_no_place_for_temporary_files(tmp_path, monkeypatch):
    (tmp_path / 'file').write_text('')
    for place in (tmp_path / 'file', tmp_path / 'nowhere'):
        monkeypatch.setattr(tempfile, 'tempdir', str(place))
        with pytest.raises(HWPruneError, match=r'for temporary files \(TMPDIR\): '), temporary_folder():
            pass
        with pytest.raises(HWPruneError, match=rf'{place.name}.: '), temporary_folder(place):
            pass


def test_an_error_within_is_not_changed(tmp_path):
    with pytest.raises(ZeroDivisionError), temporary_folder(tmp_path):
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []
