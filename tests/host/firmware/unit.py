"""Several projects as one translation unit: code of ap_fixed, most of a compiler's work, is made once for all of them.

Each project is as hls4ml writes it, in a namespace of its own. Headers that projects share are read once, before all.
"""

import ctypes
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.host.firmware.precompiled import QUICK, precompiled_header

_GENERATED = 'nnet_code_gen.h'
_SHARED = """
static const char *weights_folder;
#define WEIGHTS_DIR weights_folder
{includes}
namespace nnet {{
bool trace_enabled = false;
std::map<std::string, void *> *trace_outputs = NULL;
size_t trace_type_size = sizeof(double);
}}
"""
_PROJECT = """
{forgotten}
namespace {space} {{
namespace nnet {{
using namespace ::nnet;
}}
#include "{firmware}/{name}.cpp"
extern "C" {{
{top}
}}
}}
"""


def compile_together(models: Sequence[Any], optimization: str = '-O0') -> None:
    """Write projects of one back end and compile them as one, for samples of single precision; each can predict then."""
    (backend,) = {model.config.backend.name for model in models}
    for model in models:
        write_project(model)
    folder = Path(models[0].config.get_output_dir())
    unit, library = folder / 'unit.cpp', folder / 'unit.so'
    unit.write_text(unit_of(models))
    flags = f'{optimization} -fPIC -std=c++11 -fno-gnu-unique {QUICK}'
    types = types_of(models[0])
    shown = ['-include', str(precompiled_header(flags, types=types)), f'-I{firmware_of(models[0])}/{types}']
    command = ['g++', *flags.split(), *shown, *macros_of(backend), '-shared', str(unit), '-o', str(library)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    functions = ctypes.cdll.LoadLibrary(str(library))
    for number, model in enumerate(models):
        top = f'{model.config.get_project_name()}_float'
        model._top_function_lib = SimpleNamespace(**{top: functions[f'{space_of(number)}_float']})


def write_project(model: Any) -> None:
    """Write a project, but for the Keras model: hls4ml saves it with every project, and firmware has no use for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(model.config.config, 'KerasModel', raising=False)
        model.write()


def types_of(model: Any) -> str:
    """Folder of the types of a model's firmware, of those that are precompiled."""
    return 'ac_types' if (firmware_of(model) / 'ac_types').exists() else 'ap_types'


def macros_of(backend: str) -> list[str]:
    """Flags that show firmware the code of a back end. No type depends on them: one precompiled header serves all."""
    return ['-D__VITIS_HLS__'] if backend == 'Vitis' else []


def space_of(number: int) -> str:
    """Namespace of a project."""
    return f'project{number}'


def unit_of(models: Sequence[Any], *, with_bridge: bool = True) -> str:
    """Text of the unit, with the functions for Python or without."""
    _check_headers(models)
    # The first definition of a name is the one that is read.
    headers = {path.name: path for model in reversed(models) for path in _shared_headers(model)}
    includes = '\n'.join(f'#include "{path}"' for path in headers.values())
    projects = (_project(model, space_of(number), with_bridge) for number, model in enumerate(models))
    return _SHARED.format(includes=includes) + ''.join(projects)


def _check_headers(models: Sequence[Any]) -> None:
    """A header stands for those of its name in the other projects, so they must be the same."""
    texts: dict[str, str] = {}
    for path in (path for model in models for path in (firmware_of(model) / 'nnet_utils').glob('*.h')):
        text = path.read_text()
        assert path.name == _GENERATED or texts.setdefault(path.name, text) == text, path


def _shared_headers(model: Any) -> list[Path]:
    """Headers of hls4ml and of ours that a project includes."""
    firmware = firmware_of(model)
    names: dict[str, None] = {}
    own = (firmware / 'defines.h', firmware / 'parameters.h', firmware / 'nnet_utils' / _GENERATED)
    for path in (path for path in own if path.exists()):
        names |= dict.fromkeys(re.findall(r'#include "(?:nnet_utils/)?(nnet_\w+\.h)"', path.read_text()))
    shared = [firmware / 'nnet_utils' / name for name in names if name != _GENERATED]
    # Headers of Quartus need the names of its streams and registers.
    return [firmware / 'defines.h', *shared] if types_of(model) == 'ac_types' else shared


def _project(model: Any, space: str, with_bridge: bool) -> str:
    """A project in a namespace, with the guards of its headers forgotten and its function for Python renamed."""
    firmware, name = firmware_of(model), model.config.get_project_name()
    own = [firmware / f'{name}.h', firmware / 'defines.h', firmware / 'parameters.h', firmware / 'nnet_utils' / _GENERATED]
    own = [path for path in own if path.exists()]
    guards = [re.search(r'#ifndef (\w+)', path.read_text())[1] for path in (*own, *(firmware / 'weights').glob('*.h'))]
    bridge = (firmware.parent / f'{name}_bridge.cpp').read_text()
    (top,) = re.findall(rf'^void {name}_float\(.*?^\}}', bridge, re.DOTALL | re.MULTILINE)
    top = top.replace(f'{name}_float', f'{space}_float').replace(
        ') {', f') {{\n    weights_folder = "{firmware}/weights";', 1
    )
    forgotten = '\n'.join(f'#undef {guard}' for guard in guards)
    return _PROJECT.format(forgotten=forgotten, space=space, firmware=firmware, name=name, top=top if with_bridge else '')


def firmware_of(model: Any) -> Path:
    """Folder of a project's firmware."""
    return Path(model.config.get_output_dir()).resolve() / 'firmware'
