"""Precompiled headers: the standard library and ap_types, which are a third of the time of every compilation, read once.

g++ takes a precompiled header only for the flags that it was made with, and reads the header itself otherwise.
"""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import hls4ml

_TYPES = Path(hls4ml.__file__).parent / 'templates/vivado/ap_types'
_STANDARD = ('algorithm', 'array', 'cmath', 'fstream', 'iostream', 'map', 'sstream', 'vector')
_INCLUDES = (*_STANDARD, 'ap_fixed.h', 'ap_int.h', 'hls_stream.h')


@cache
def precompiled_header(flags: str) -> Path:
    """Return a header to be included first, precompiled by g++ with `flags`, which goes away with the process."""
    folder = Path(tempfile.mkdtemp(prefix='precompiled_'))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    header = folder / 'types.h'
    header.write_text(''.join(f'#include <{name}>\n' for name in _INCLUDES))
    command = ['g++', *flags.split(), f'-I{_TYPES}', '-x', 'c++-header', str(header), '-o', f'{header}.gch']
    subprocess.run(command, check=True, capture_output=True)
    return header
