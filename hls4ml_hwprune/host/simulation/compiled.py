"""The compiled copy of a network, run with other weights and biases."""

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.families.registry import taps_of
from hls4ml_hwprune.host.graph.eligibility import why_not_pruned
from hls4ml_hwprune.host.graph.traced import complete_trace
from hls4ml_hwprune.host.node.weights import bias_role, set_bias, set_weights
from hls4ml_hwprune.host.simulation.project import compile_model
from hls4ml_hwprune.host.simulation.runs import loaded_copy, output_sizes, run_library, top_function, trace_library
from hls4ml_hwprune.host.simulation.spread import Firmware, firmware_of
from hls4ml_hwprune.records import KernelKey
from hls4ml_hwprune.temporary import temporary_folder

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Copies of the library that run side by side, the same on all machines, and samples from which that is worth it.
_SIDE_BY_SIDE, _ENOUGH = 2, 64
#: Change of the weights, or the biases, of a node in a role.
_Set = Callable[[Node, NDArray, str], None]
#: By kernel.
Arrays = Mapping[KernelKey, NDArray]


class Simulation:
    """Context manager that compiles a copy of a model and runs it; the model itself is left as it is.

    The model must have gone through hls4ml's `optimize` flow and not yet through type conversion. The copy is finished
    by hls4ml's own flow, without any of this package's.

    Parameters
    ----------
    model : ModelGraph
    traced : bool
        Whether `trace` will be called.

    Raises
    ------
    HWPruneError
        On entering, if the copy cannot be made, finished or compiled.
    """

    def __init__(self, model: 'ModelGraph', traced: bool = False) -> None:
        self._model = model
        self._traced = traced
        self._resources = ExitStack()
        self._numbers = count()
        # Text that hls4ml wrote for the layers whose weights are replaced at the moment.
        self._originals: dict[Path, str] = {}
        # Values that they have in place of it: numbers are slow to write.
        self._held: dict[Path, NDArray] = {}

    def __enter__(self) -> 'Simulation':
        with ExitStack() as resources:
            folder = resources.enter_context(temporary_folder())
            self._copy, self._library = compile_model(self._model, folder / 'project', self._traced)
            self._resources = resources.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._resources.close()
        self._originals.clear()
        self._held.clear()

    def firmware(self) -> Firmware:
        """Return the compiled copy as it is, for runs in other processes and on other machines."""
        self._write_parameters({}, {})
        return firmware_of(self._copy, self._library)

    def predict(
        self, x: Sequence[NDArray], weights: Arrays | None = None, biases: Arrays | None = None
    ) -> list[NDArray[np.float64]]:
        """Run the firmware.

        Parameters
        ----------
        x : sequence of ndarray
            One array for each input of the network, the first axis counting the n samples.
        weights, biases : mapping of KernelKey to ndarray, optional
            Shapes (n_out, n_in) and (n_out,), in place of the model's own.

        Returns
        -------
        list of ndarray
            One for each output of the network, shape (n, n_outputs).

        Raises
        ------
        ConfigError
            If inputs, weights or biases are not of the network's shapes, or a layer is none that can be pruned.
        """
        inputs = self._inputs(x)
        self._write_parameters(weights or {}, biases or {})
        with self._loaded(len(inputs[0])) as libraries:
            return run_library(libraries, top_function(self._copy), output_sizes(self._copy), inputs)

    def trace(
        self, x: Sequence[NDArray], weights: Arrays | None = None, biases: Arrays | None = None
    ) -> dict[str, NDArray[np.float64]]:
        """Run the firmware, and return the output of every layer, as hls4ml's own trace does.

        Parameters and errors are those of `predict`.

        Returns
        -------
        dict of str to ndarray
            By the name of the node, shape (n, *shape of its output). Nodes that cannot be traced are absent.
        """
        inputs = self._inputs(x)
        self._write_parameters(weights or {}, biases or {})
        with self._loaded(len(inputs[0])) as libraries:
            return complete_trace(self._copy, inputs, trace_library(self._copy, libraries, inputs))

    def _inputs(self, x: Sequence[NDArray]) -> list[NDArray[np.float64]]:
        variables = self._copy.get_input_variables()
        if len(x) != len(variables):
            raise ConfigError(f'calibration: the network has {len(variables)} input(s), got {len(x)} array(s)')
        for array, variable in zip(x, variables, strict=True):
            if array.size != len(array) * variable.size():
                raise ConfigError(
                    f'calibration: a sample of the input {variable.name} has the shape {tuple(variable.shape)}, '
                    f'got {array.shape[1:]}'
                )
        # Doubles, as floats could not hold every value of wide outputs.
        return [np.ascontiguousarray(array.reshape(len(array), -1), np.float64) for array in x]

    def _write_parameters(self, weights: Arrays, biases: Arrays) -> None:
        """Let the .txt files, which the library reads when first called, hold these, and the model's own elsewhere."""
        wanted: dict[Path, tuple[Node, str, NDArray, _Set, str]] = {}
        for key, matrix in weights.items():
            node = _node(self._copy, key)
            _check_shape(key, 'weights', np.shape(matrix), taps_of(node).shape(node, key.role))
            wanted[self._file(node, key.role)] = node, key.role, np.array(matrix, float), set_weights, key.role
        for key, bias in biases.items():
            node = _node(self._copy, key)
            _check_shape(key, 'biases', np.shape(bias), taps_of(node).shape(node, key.role)[:1])
            own = bias_role(key.role)
            wanted[self._file(node, own)] = node, key.role, np.array(bias, float), set_bias, own
        for path in self._originals.keys() - wanted.keys():
            path.write_text(self._originals.pop(path))
            self._held.pop(path, None)
        for path, (node, role, values, set_values, own) in wanted.items():
            if path in self._held and np.array_equal(self._held[path], values):
                continue
            self._originals.setdefault(path, path.read_text())
            set_values(node, values, role)
            path.write_text(', '.join(node.weights[own]))
            self._held[path] = values

    def _file(self, node: Node, role: str) -> Path:
        return self._library.parent / 'weights' / f'{node.weights[role].name}.txt'

    @contextmanager
    def _loaded(self, n_samples: int) -> Iterator[list[ctypes.CDLL]]:
        """Load the library afresh, as often as it is to run side by side on so many samples."""
        with ExitStack() as stack:
            copies = [self._library.with_name(f'loaded{next(self._numbers)}.so') for _ in range(_copies(n_samples))]
            yield [stack.enter_context(loaded_copy(self._library, copy)) for copy in copies]


def _copies(n_samples: int) -> int:
    return _SIDE_BY_SIDE if n_samples >= _ENOUGH else 1


def _node(model: 'ModelGraph', key: KernelKey) -> Node:
    node = model.graph.get(key.layer)
    if node is None or key.role not in node.weights:
        raise ConfigError(f'simulation: the network has no layer {str(key)!r} with weights')
    # Other strategies have code that is made for the weights, and weights of other types are written otherwise.
    reason = why_not_pruned(node)
    if reason:
        raise ConfigError(f'simulation: weights of {key} cannot be replaced: {reason}')
    return node


def _check_shape(key: KernelKey, what: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise ConfigError(f'simulation: {what} of {key} have the shape {wanted}, got {found}')
