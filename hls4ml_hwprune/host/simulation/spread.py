"""Runs of compiled firmware in parts of the samples, through joblib: by other processes, or on other machines."""

import io
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from platform import node as machine
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import HWPruneError
from hls4ml_hwprune.host.simulation.runs import Double, loaded_copy, output_sizes, run_library, top_function
from hls4ml_hwprune.jobs import packed, results, unpacked
from hls4ml_hwprune.quoting import shown
from hls4ml_hwprune.temporary import temporary_folder

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_BUILD = 'build_lib.sh'


@dataclass(frozen=True)
class Firmware:
    """Compiled project, and its sources for machines that do not see its files.

    Attributes
    ----------
    library : Path
    digest : str
        SHA-256 of the library.
    sources : bytes
        Archive of all files that the library is built from.
    function : str
        Name of the top function for doubles.
    sizes : tuple of int
        Values of each output of the network.
    """

    library: Path
    digest: str
    sources: bytes = field(repr=False)
    function: str
    sizes: tuple[int, ...]


def firmware_of(model: 'ModelGraph', library: Path) -> Firmware:
    """Return the firmware of a model that was compiled to a library in its project.

    Raises
    ------
    HWPruneError
        If the project is not there any more.
    """
    path = library.resolve()
    project = path.parent.parent
    archive = io.BytesIO()
    try:
        with tarfile.open(fileobj=archive, mode='w:gz', compresslevel=1) as packed:
            for name in (_BUILD, path.parent.name, *(one.name for one in project.glob('*_bridge.cpp'))):
                packed.add(project / name, name, filter=_without_libraries)
        digest = _digest(path)
    except OSError as error:
        raise HWPruneError(f'the compiled project {shown(str(project))} cannot be read: {error.strerror or error}') from None
    return Firmware(path, digest, archive.getvalue(), top_function(model), output_sizes(model))


def run_spread(firmware: Firmware, x: Sequence[NDArray], jobs: int) -> list[Double]:
    """Run firmware on parts of the samples at the same time.

    Parameters
    ----------
    firmware : Firmware
    x : sequence of ndarray
        One array for each input of the network, the first axis counting the n samples.
    jobs : int
        Parts, as joblib has it.

    Returns
    -------
    list of ndarray of float64
        One for each output of the network, shape (n, size): the same as of one run.

    Raises
    ------
    HWPruneError
        If a machine that does not see the library cannot compile it.
    """
    from joblib import delayed, effective_n_jobs

    inputs = [np.ascontiguousarray(array.reshape(len(array), -1), np.float64) for array in x]
    parts = max(1, min(effective_n_jobs(jobs), len(inputs[0])))
    pieces = zip(*(np.array_split(array, parts) for array in inputs), strict=True)
    shared = packed(firmware)
    found = results([delayed(_run_part)(shared, piece) for piece in pieces], jobs)
    return [np.concatenate(outputs) for outputs in zip(*found, strict=True)]


def _run_part(shared: NDArray[np.uint8], inputs: Sequence[Double]) -> list[Double]:
    firmware: Firmware = unpacked(shared)
    with temporary_folder() as folder, loaded_copy(_found(firmware, folder), folder / 'loaded.so') as library:
        return run_library([library], firmware.function, firmware.sizes, [np.array(array) for array in inputs])


def _found(firmware: Firmware, folder: Path) -> Path:
    """Return the library, built anew where this machine does not see it."""
    if firmware.library.is_file() and _digest(firmware.library) == firmware.digest:
        return firmware.library
    with tarfile.open(fileobj=io.BytesIO(firmware.sources)) as packed:
        packed.extractall(folder, filter='data')
    built = subprocess.run(['bash', _BUILD], cwd=folder, capture_output=True, text=True, check=False)
    library = folder / firmware.library.parent.name / firmware.library.name
    if built.returncode or not library.is_file():
        raise HWPruneError(f'the firmware cannot be compiled on {machine()}: {_reason(built.stderr)}')
    return library


def _reason(messages: str) -> str:
    """Return the first error among the messages of a compiler."""
    lines = messages.strip().splitlines()
    return shown(
        next((line for line in lines if 'error' in line or 'not found' in line), lines[-1] if lines else 'no reason given')
    )


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _without_libraries(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if entry.name.endswith('.so') else entry
