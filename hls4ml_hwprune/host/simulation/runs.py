"""Runs of a compiled library, sample by sample, into arrays that are made once.

hls4ml's own loops make an array for each sample and output, which takes longer than the firmware of a small network does.
"""

import _ctypes
import ctypes
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

Double = NDArray[np.float64]


class _TraceData(ctypes.Structure):
    """Entry of the table of outputs in a project's bridge."""

    _fields_ = (('name', ctypes.c_char_p), ('data', ctypes.c_void_p))


def top_function(model: 'ModelGraph') -> str:
    """Return the name of the top function for doubles in the library of a model."""
    return f'{model.config.get_project_name()}_double'


def output_sizes(model: 'ModelGraph') -> tuple[int, ...]:
    """Values of each output of a model for one sample."""
    return tuple(int(variable.size()) for variable in model.get_output_variables())


@contextmanager
def loaded_copy(library: Path, copy: Path) -> Iterator[ctypes.CDLL]:
    """Load a library afresh from a new file, as the loader takes a file that it knows for loaded already.

    The firmware reads weights only once, and its layers may keep a state between samples.
    """
    shutil.copyfile(library, copy)
    loaded = ctypes.CDLL(str(copy))
    copy.unlink()
    try:
        yield loaded
    finally:
        _ctypes.dlclose(loaded._handle)


def run_library(
    libraries: Sequence[ctypes.CDLL], function: str, sizes: Sequence[int], inputs: Sequence[Double]
) -> list[Double]:
    """Run firmware.

    Parameters
    ----------
    libraries : sequence of CDLL
        Loaded from the same file; they run side by side, each on its part of the samples.
    function : str
        Name of the top function for doubles.
    sizes : sequence of int
        Values of each output of the network.
    inputs : sequence of ndarray of float64, shape (n, size)
        Contiguous.

    Returns
    -------
    list of ndarray, shape (n, size)
        One for each output of the network.
    """
    outputs = [np.zeros((len(inputs[0]), size)) for size in sizes]

    def run(library: ctypes.CDLL, samples: Iterable[int]) -> None:
        call = _Call(getattr(library, function), [*inputs, *outputs])
        for sample in samples:
            call(sample)

    _side_by_side(libraries, len(inputs[0]), run)
    return outputs


def trace_library(model: 'ModelGraph', libraries: Sequence[ctypes.CDLL], inputs: Sequence[Double]) -> dict[str, Double]:
    """Run the firmware, and return the outputs of the layers that are traced, shape (n, *shape), by name."""
    sizes = {
        node.name: node.get_output_variable()
        for node in model.get_layers()
        if node.get_attr('function_cpp') and node.get_attr('trace')
    }
    outputs = [np.zeros((len(inputs[0]), size)) for size in output_sizes(model)]
    found = {name: np.zeros((len(inputs[0]), variable.size())) for name, variable in sizes.items()}

    def run(library: ctypes.CDLL, samples: Iterable[int]) -> None:
        call = _Call(getattr(library, top_function(model)), [*inputs, *outputs])
        table = (_TraceData * len(sizes))()
        library.allocate_trace_storage.argtypes = [ctypes.c_size_t]
        library.allocate_trace_storage(ctypes.sizeof(ctypes.c_double))
        try:
            # The places of the outputs stay the same as long as the storage does.
            library.collect_trace_output(table)
            rows = [(found[entry.name.decode()], entry.data) for entry in table]
            places = [(array.ctypes.data, array.strides[0], place) for array, place in rows]
            for sample in samples:
                call(sample)
                for start, size, place in places:
                    ctypes.memmove(start + sample * size, place, size)
        finally:
            library.free_trace_storage()

    _side_by_side(libraries, len(inputs[0]), run)
    return {name: array.reshape(len(array), *map(int, sizes[name].shape)) for name, array in found.items()}


def _side_by_side(
    libraries: Sequence[ctypes.CDLL], n_samples: int, run: Callable[[ctypes.CDLL, Iterable[int]], None]
) -> None:
    """Let each library run its part of the samples, in threads: the firmware does not hold Python's lock."""
    ends = [n_samples * number // len(libraries) for number in range(len(libraries) + 1)]
    parts = [range(*pair) for pair in pairwise(ends)]
    if len(libraries) == 1:
        run(libraries[0], parts[0])
        return
    stopped = Event()
    with ThreadPoolExecutor(len(libraries)) as pool:
        try:
            # Errors of the threads come with the results.
            list(pool.map(lambda library, part: run(library, _until(stopped, part)), libraries, parts))
        except BaseException:
            # The pool waits for its threads, also when the process is asked to end.
            stopped.set()
            raise


def _until(stopped: Event, samples: Iterable[int]) -> Iterator[int]:
    """Yield samples until the run is stopped."""
    for sample in samples:
        if stopped.is_set():
            return
        yield sample


class _Call:
    """Call of the top function for one sample, whose arguments are rows of arrays."""

    def __init__(self, function: 'ctypes._CFuncPtr', arrays: Sequence[Double]) -> None:  # type: ignore[name-defined]
        function.restype, function.argtypes = None, [ctypes.c_void_p] * len(arrays)
        self._function = function
        self._starts = [(array.ctypes.data, array.strides[0]) for array in arrays]

    def __call__(self, sample: int) -> None:
        self._function(*(start + sample * stride for start, stride in self._starts))
