"""Precompiled headers: the standard library and ap_types, which are a third of the time of every compilation, read once.

A compiler takes a precompiled header only for the flags that it was made with; g++ reads the header itself otherwise.
A header takes as long as several projects, so that all processes of a test run share those in the folder `FOLDER` names.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import hls4ml

#: Environment variable of the folder that processes share.
FOLDER = 'PRECOMPILED_HEADERS'
#: Flags of g++ that change no value: firmware throws nothing, and the compiler need not tidy up its memory so often.
QUICK = '-fno-exceptions --param ggc-min-expand=1000 --param ggc-min-heapsize=1048576'

_TYPES = Path(hls4ml.__file__).parent / 'templates/vivado/ap_types'
_STANDARD = ('algorithm', 'array', 'cmath', 'fstream', 'iostream', 'map', 'sstream', 'vector')
_HEADER = ''.join(f'#include <{name}>\n' for name in (*_STANDARD, 'ap_fixed.h', 'ap_int.h', 'hls_stream.h'))


@cache
def precompiled_header(flags: str, compiler: str = 'g++') -> Path:
    """Return a header to include first, precompiled with `flags`; it goes away with the process or the shared folder."""
    command = [compiler, *flags.split(), f'-I{_TYPES}', '-x', 'c++-header']
    folder = _folder() / hashlib.sha256(repr(command).encode()).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    header, compiled = folder / 'types.h', folder / 'types.h.gch'
    with (folder / 'lock').open('w') as lock:
        # The lock of a process that ends is free.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not compiled.exists():
            header.write_text(_HEADER)
            subprocess.run([*command, str(header), '-o', f'{compiled}.new'], check=True, capture_output=True)
            Path(f'{compiled}.new').rename(compiled)
    return header


@cache
def _folder() -> Path:
    if shared := os.environ.get(FOLDER):
        return Path(shared)
    folder = Path(tempfile.mkdtemp(prefix='precompiled_'))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


# Projects of hls4ml are compiled with -O1, after a header that is precompiled once, and as one unit: the bridge includes the
# network, whose own object is empty. All else goes to g++ as it is.
_COMPILER = """#!/bin/sh
case " $* " in
*" -O3 -fPIC -std=c++23 -fno-gnu-unique -Ifirmware/ap_types/ "*" -c firmware/"*)
    shift 10
    exec {compiler} -x c -c /dev/null -o "$1" ;;
*" -O3 -fPIC -std=c++23 -fno-gnu-unique -Ifirmware/ap_types/ "*" -c "*) ;;
*) exec {compiler} "$@" ;;
esac
flags='-O1 -fPIC -std=c++23 -fno-gnu-unique {quick}'
header={folder}/types.h
if [ ! -e $header.gch ]; then (
    ! command -v flock > /dev/null || flock 9
    [ -e $header.gch ] || {{ {compiler} $flags -I{types} -x c++-header $header -o $header.$$ && mv $header.$$ $header.gch; }}
) 9> {folder}/lock; fi
shift 4
exec {compiler} $flags -include $header -include "firmware/${{5%_bridge.cpp}}.cpp" "$@"
"""


def write_quick_compiler(folder: Path, compiler: str) -> None:
    """Write a `g++` to `folder` that compiles the projects of hls4ml in less time than `compiler` does by itself."""
    _write(folder / 'types.h', _HEADER)
    script = _COMPILER.format(compiler=compiler, folder=folder, types=_TYPES, quick=QUICK)
    _write(folder / 'g++', script, 0o755)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file that other processes may be about to read."""
    new = path.with_name(f'{path.name}.{os.getpid()}')
    new.write_text(text)
    new.chmod(mode)
    new.rename(path)
