"""Precompiled headers: the standard library and ap_types, which are a third of the time of every compilation, read once.

A compiler takes a precompiled header only for the flags that it was made with; g++ reads the header itself otherwise.
"""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import hls4ml

#: Flags of g++ that change no value: firmware throws nothing, and the compiler need not tidy up its memory so often.
QUICK = '-fno-exceptions --param ggc-min-expand=1000 --param ggc-min-heapsize=1048576'

_TYPES = Path(hls4ml.__file__).parent / 'templates/vivado/ap_types'
_STANDARD = ('algorithm', 'array', 'cmath', 'fstream', 'iostream', 'map', 'sstream', 'vector')
_HEADER = ''.join(f'#include <{name}>\n' for name in (*_STANDARD, 'ap_fixed.h', 'ap_int.h', 'hls_stream.h'))


@cache
def precompiled_header(flags: str, compiler: str = 'g++') -> Path:
    """Return a header to be included first, precompiled with `flags`, which goes away with the process."""
    folder = Path(tempfile.mkdtemp(prefix='precompiled_'))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    header = folder / 'types.h'
    header.write_text(_HEADER)
    command = [compiler, *flags.split(), f'-I{_TYPES}', '-x', 'c++-header', str(header), '-o', f'{header}.gch']
    subprocess.run(command, check=True, capture_output=True)
    return header


# Projects of hls4ml are compiled with -O1, after a header that is precompiled once; all else goes to g++ as it is.
_COMPILER = """#!/bin/sh
case " $* " in
*" -O3 -fPIC -std=c++23 -fno-gnu-unique -Ifirmware/ap_types/ "*" -c "*) ;;
*) exec {compiler} "$@" ;;
esac
flags='-O1 -fPIC -std=c++23 -fno-gnu-unique {quick}'
header={folder}/types.h
if [ ! -e $header.gch ]; then
    {compiler} $flags -I{types} -x c++-header $header -o $header.$$ && mv $header.$$ $header.gch
fi
shift 4
exec {compiler} $flags -include $header "$@"
"""


def write_quick_compiler(folder: Path, compiler: str) -> None:
    """Write a `g++` to `folder` that compiles the projects of hls4ml in less time than `compiler` does by itself."""
    (folder / 'types.h').write_text(_HEADER)
    script = folder / 'g++'
    script.write_text(_COMPILER.format(compiler=compiler, folder=folder, types=_TYPES, quick=QUICK))
    script.chmod(0o755)
