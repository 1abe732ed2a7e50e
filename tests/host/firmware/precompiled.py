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
#: Flags of g++ that change no value: firmware throws nothing, nobody reads warnings of hls4ml's headers, and the compiler
#: need not tidy up its memory so often.
QUICK = '-w -fno-exceptions -fno-asynchronous-unwind-tables --param ggc-min-expand=1000 --param ggc-min-heapsize=1048576'

_TEMPLATES = Path(hls4ml.__file__).parent / 'templates'
_STANDARD = ('algorithm', 'array', 'cmath', 'fstream', 'iostream', 'map', 'sstream', 'vector')
# Folders of types in a project: where hls4ml has them, and the headers that projects read.
_TYPES = {
    'ap_types': (_TEMPLATES / 'vivado/ap_types', ('ap_fixed.h', 'ap_int.h', 'hls_stream.h')),
    'ac_types': (_TEMPLATES / 'quartus/ac_types', ('ac_fixed.h', 'ac_float.h', 'ac_int.h', 'stream.h')),
}


def _text_of(types: str) -> str:
    return ''.join(f'#include <{name}>\n' for name in (*_STANDARD, *_TYPES[types][1]))


@cache
def precompiled_header(flags: str, compiler: str = 'g++', types: str = 'ap_types') -> Path:
    """Return a header to include first, precompiled with `flags`; it goes away with the process or the shared folder."""
    command = [compiler, *flags.split(), f'-I{_TYPES[types][0]}', '-x', 'c++-header']
    folder = _folder() / hashlib.sha256(repr(command).encode()).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    header, compiled = folder / 'types.h', folder / 'types.h.gch'
    with (folder / 'lock').open('w') as lock:
        # The lock of a process that ends is free.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not compiled.exists():
            header.write_text(_text_of(types))
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


# The folder of a project, which its library is linked with: so an object does not depend on it.
_WEIGHTS = """
extern "C" const char project_folder[];
#define WEIGHTS_DIR (std::string(project_folder) + "/weights")
"""

# Projects of hls4ml are compiled with -Og, after a header that is precompiled once, and as one unit: the bridge includes the
# network, whose own object is empty. An object is kept by all that it is made of, for projects that differ in the weights
# alone, which they read when run. All else goes to g++ as it is.
_COMPILER = r"""#!/bin/sh
case " $* " in
*" -O3 -fPIC -std=c++23 -fno-gnu-unique -Ifirmware/ap_types/ -D WEIGHTS_DIR="*" -c "*)
    standard=-std=c++23 types={ap_types} name=ap_types
    shift 8 ;;
*" -O3 -fPIC -std=c++11 -fno-gnu-unique -Ifirmware/ac_types/ -Ifirmware/ap_types/ -c "*)
    standard=-std=c++11 types={ac_types} name=ac_types
    shift 7 ;;
*" -fno-gnu-unique -Ifirmware/"*" -shared "*" -o firmware/"*)
    echo "extern const char project_folder[]; const char project_folder[] = \"$PWD/firmware\";" \
        | {compiler} -fPIC -x c -c - -o project_folder.o && exec {compiler} "$@" project_folder.o
    exit 1 ;;
*) exec {compiler} "$@" ;;
esac
source=$1 object=$3
case $source in firmware/*) exec {compiler} -x c -c /dev/null -o "$object" ;; esac
# Values that only synthesis reads count for nothing, nor do comments, which tell of values.
parts="$source firmware/*.cpp firmware/*.h firmware/nnet_utils/*.h"
weights='/^\/\//d; /^#ifndef __SYNTHESIS__$/,/^#endif$/{{ /^#else$/,/^#endif$/d }}'
key=$( (cat $parts; sed -e "$weights" firmware/weights/*.h) | sha256sum | cut -c1-32)
kept={folder}/$name.$key.o
if [ -e $kept ]; then exec cp $kept "$object"; fi
flags="-Og -fPIC $standard -fno-gnu-unique {quick}"
header={folder}/$name.h
if [ ! -e $header.gch ]; then (
    ! command -v flock > /dev/null || flock 9
    [ -e $header.gch ] || {{ {compiler} $flags -I$types -x c++-header $header -o $header.$$ && mv $header.$$ $header.gch; }}
) 9> {folder}/$name.lock; fi
network=firmware/${{source%_bridge.cpp}}.cpp
{compiler} $flags -include $header -include "$network" -Ifirmware/$name/ -c "$source" -o "$object" || exit
cp "$object" $kept.$$ && mv $kept.$$ $kept
"""


def write_quick_compiler(folder: Path, compiler: str) -> None:
    """Write a `g++` to `folder` that compiles the projects of hls4ml in less time than `compiler` does by itself."""
    _write(folder / 'ap_types.h', _text_of('ap_types') + _WEIGHTS)
    _write(folder / 'ac_types.h', _text_of('ac_types'))
    places = {name: place for name, (place, _) in _TYPES.items()}
    script = _COMPILER.format(compiler=compiler, folder=folder, quick=QUICK, **places)
    _write(folder / 'g++', script, 0o755)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file that other processes may be about to read."""
    new = path.with_name(f'{path.name}.{os.getpid()}')
    new.write_text(text)
    new.chmod(mode)
    new.rename(path)
