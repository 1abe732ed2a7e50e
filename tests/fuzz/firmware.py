"""Outputs of compiled firmware, run in a process of its own: an assertion of hls4ml's C++ ends the process that runs it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.host.firmware.projects import compile_quickly
from tests.host.firmware.unit import compile_together

_UNSTEADY = 3


class FirmwareFails(Exception):
    """Firmware does not compile, ends its process, or gives a sample other outputs in another order of samples."""


def compiled_together(models: Sequence[Any]) -> bool:
    """Compile converted models as one, which takes less time; whether that could be done."""
    try:
        compile_together(models)
    except (Exception, SystemExit):
        # One by one it shows whose fault it is.
        return False
    return True


def outputs(model: Any, x: list[NDArray], flags: str = '', *, compiled: bool = False) -> list[NDArray]:
    """Compile a converted model with more `flags`, and return its outputs for samples `x`, an array an input."""
    try:
        if not compiled:
            compile_quickly(model, f'-O0 {flags}'.strip())
    except (Exception, SystemExit) as error:
        raise FirmwareFails(f'{type(error).__name__}: {error}') from None
    file = Path(model.config.get_output_dir()) / 'outputs.npz'
    child = os.fork()
    if not child:
        _predict(model, x, file)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == _UNSTEADY:
        raise FirmwareFails('outputs depend on the samples before, or on memory that is not set')
    if status:
        raise FirmwareFails(f'the firmware ended with status {status}')
    with np.load(file) as found:
        return [found[name] for name in found.files]


def is_defined(model: Any, x: list[NDArray], found: list[NDArray]) -> bool:
    """Whether outputs that were `found` are the same where memory that is not set holds other values."""
    model._top_function_lib = None
    again = outputs(model, x, '-ftrivial-auto-var-init=pattern')
    return all(np.array_equal(y, z) for y, z in zip(found, again, strict=True))


def _predict(model: Any, x: list[NDArray], file: Path) -> None:
    """Save outputs and leave, without anything that the parent's exit would do."""
    status = 1
    try:
        # Firmware warns on the file descriptors themselves.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        forwards, backwards = _answers(model, x), _answers(model, [array[::-1] for array in x])
        np.savez(file, *forwards)
        status = 0 if all(np.array_equal(y, z[::-1]) for y, z in zip(forwards, backwards, strict=True)) else _UNSTEADY
    finally:
        os._exit(status)


def _answers(model: Any, x: list[NDArray]) -> list[NDArray]:
    arrays = [np.ascontiguousarray(array) for array in x]
    y = model.predict(arrays[0] if len(arrays) == 1 else arrays)
    return y if isinstance(y, list) else [y]
