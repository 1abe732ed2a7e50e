"""Runs of a compiled library, sample by sample, into arrays that are made once.

hls4ml's own loops make an array for each sample and output, which takes longer than the firmware of a small network does.
"""

import ctypes
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
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


def run_library(model: 'ModelGraph', libraries: Sequence[ctypes.CDLL], inputs: Sequence[Double]) -> list[Double]:
    """Run the firmware.

    Parameters
    ----------
    model : ModelGraph
    libraries : sequence of CDLL
        Compiled from the model's project; copies run side by side, each on its part of the samples.
    inputs : sequence of ndarray of float64, shape (n, size)
        Contiguous.

    Returns
    -------
    list of ndarray, shape (n, size)
        One for each output of the network.
    """
    outputs = [np.zeros((len(inputs[0]), variable.size())) for variable in model.get_output_variables()]

    def run(library: ctypes.CDLL, samples: Iterable[int]) -> None:
        call = _call_of(model, library, [*inputs, *outputs])
        for sample in samples:
            call(sample)

    _side_by_side(libraries, len(inputs[0]), run)
    return outputs


def run_function(
    function: 'ctypes._CFuncPtr',  # type: ignore[name-defined]
    sizes: Sequence[int],
    inputs: Sequence[Double],
) -> list[Double]:
    """Run the top function of one library, where there is no model but its sizes.

    Parameters
    ----------
    function : function of ctypes
        The one for doubles.
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
    call = _Call(function, [*inputs, *outputs])
    for sample in range(len(inputs[0])):
        call(sample)
    return outputs


def trace_library(model: 'ModelGraph', libraries: Sequence[ctypes.CDLL], inputs: Sequence[Double]) -> dict[str, Double]:
    """Run the firmware, and return the outputs of the layers that are traced, shape (n, *shape), by name."""
    sizes = {
        node.name: node.get_output_variable()
        for node in model.get_layers()
        if node.get_attr('function_cpp') and node.get_attr('trace')
    }
    outputs = [np.zeros((len(inputs[0]), variable.size())) for variable in model.get_output_variables()]
    found = {name: np.zeros((len(inputs[0]), variable.size())) for name, variable in sizes.items()}

    def run(library: ctypes.CDLL, samples: Iterable[int]) -> None:
        call, table = _call_of(model, library, [*inputs, *outputs]), (_TraceData * len(sizes))()
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


def _call_of(model: 'ModelGraph', library: ctypes.CDLL, arrays: Sequence[Double]) -> _Call:
    return _Call(getattr(library, f'{model.config.get_project_name()}_double'), arrays)
