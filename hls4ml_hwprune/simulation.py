"""C simulation of a network whose weights change: compiled once, then run as often as wanted."""

import _ctypes
import copy
import ctypes
import io
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.quantizers import Quantizer
from numpy.typing import NDArray

from hls4ml_hwprune.config import BLOCK
from hls4ml_hwprune.errors import ConfigError, HWPruneError
from hls4ml_hwprune.ir.eligibility import dense_template_fails, why_not_pruned
from hls4ml_hwprune.ir.weights import is_transposed, set_weights

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)
# Of a project's configuration: networks of other tools, and test data, none of which is needed to simulate.
_SOURCES = ('KerasModel', 'OnnxModel', 'PytorchModel', 'InputData', 'OutputPredictions')


class Simulation:
    """Context manager that compiles a copy of a model and runs it; the model itself is left as it is.

    The model must have gone through hls4ml's `optimize` flow and not yet through type conversion. The copy is finished
    by hls4ml's own flow, without any of this package's.

    Parameters
    ----------
    model : ModelGraph

    Raises
    ------
    HWPruneError
        On entering, if the copy cannot be made, finished or compiled.
    """

    def __init__(self, model: 'ModelGraph') -> None:
        self._model = model
        self._resources = ExitStack()
        self._numbers = count()
        # What hls4ml wrote for the layers whose weights are others at the moment.
        self._originals: dict[Path, str] = {}

    def __enter__(self) -> 'Simulation':
        with ExitStack() as resources:
            folder = Path(resources.enter_context(TemporaryDirectory(prefix='hwprune_')))
            self._copy, self._library = _compile(self._model, folder / 'project')
            self._resources = resources.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._resources.close()
        self._originals.clear()

    def predict(self, x: Sequence[NDArray], weights: Mapping[str, NDArray] | None = None) -> list[NDArray[np.float64]]:
        """Run the firmware.

        Parameters
        ----------
        x : sequence of ndarray
            One array for each input of the network, the first axis counting the n samples.
        weights : mapping of str to ndarray, optional
            Weights by layer, shape (n_out, n_in), in place of the model's own. Biases stay.

        Returns
        -------
        list of ndarray
            One for each output of the network, shape (n, n_outputs).

        Raises
        ------
        ConfigError
            If inputs or weights are not of the network's shapes, or a layer is none that can be pruned.
        """
        inputs = self._inputs(x)
        self._write_weights(weights or {})
        with self._loaded():
            found = self._copy.predict(inputs[0] if len(inputs) == 1 else inputs)
        # hls4ml drops the list around a single output and the axis of a single sample.
        outputs = [found] if len(self._copy.outputs) == 1 else found
        return [np.asarray(output).reshape(len(inputs[0]), -1) for output in outputs]

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

    def _write_weights(self, weights: Mapping[str, NDArray]) -> None:
        """Let the .txt files, which the library reads when first called, hold `weights`, and the model's own elsewhere."""
        texts = {}
        for layer, matrix in weights.items():
            node = _node(self._copy, layer)
            _check_shape(node, np.shape(matrix))
            set_weights(node, np.asarray(matrix, float))
            texts[self._weights_file(node)] = ', '.join(node.weights['weight'])
        for path in self._originals.keys() - texts.keys():
            path.write_text(self._originals.pop(path))
        for path, text in texts.items():
            if path not in self._originals:
                self._originals[path] = path.read_text()
            path.write_text(text)

    def _weights_file(self, node: Node) -> Path:
        return self._library.parent / 'weights' / f'{node.weights["weight"].name}.txt'

    @contextmanager
    def _loaded(self) -> Iterator[None]:
        """Load the library afresh: it reads weights only once, and layers may keep a state between samples."""
        path = self._library.with_name(f'loaded{next(self._numbers)}.so')
        # The loader takes a file that it knows for loaded already.
        shutil.copyfile(self._library, path)
        library = ctypes.CDLL(str(path))
        path.unlink()
        self._copy._top_function_lib = library
        try:
            yield
        finally:
            self._copy._top_function_lib = None
            _ctypes.dlclose(library._handle)


def _compile(model: 'ModelGraph', output: Path) -> tuple['ModelGraph', Path]:
    """Make a finished copy of `model`, and its library."""
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            copied = _copy(model, output)
            copied.apply_flow(copied.config.backend.get_default_flow())
            copied.write()
            library = Path(copied.config.backend.compile(copied))
    except Exception as error:  # hls4ml raises plain exceptions, and prints what the compiler said
        raise HWPruneError(f'the network cannot be simulated: {_reason(error, printed.getvalue())}') from error
    finally:
        if printed.getvalue():
            _LOG.debug('%s', printed.getvalue())
    return copied, library


def _copy(model: 'ModelGraph', output: Path) -> 'ModelGraph':
    """Copy of `model` that is written to `output`, without what belongs to this package or other tools.

    Not through hls4ml's serialiser, which changes dicts within the model that it saves and parts variables that are one.
    """
    copied = copy.deepcopy(model, {id(item): item for item in _shared(model)})
    copied._top_function_lib = None
    config = copied.config
    for key in _SOURCES:
        config.config.pop(key, None)
    (config.config['HLSConfig'].get('Model') or {}).pop(BLOCK, None)
    config.config['OutputDir'] = str(output)
    config.writer_config.update(WriteWeightsTxt=True, WriteTar=False)
    config.trace_output = False
    for node in copied.graph.values():
        if dense_template_fails(node):
            # hls4ml's template may end the process at this reuse factor. Another gives the same sums, unless they saturate.
            node.set_attr('reuse_factor', node.weights['weight'].data_length // node.get_attr('n_filt'))
    return copied


def _shared(model: 'ModelGraph') -> Iterator[Any]:
    """Find what the copy has in common with `model`: nothing changes it, and not all of it could be copied."""
    settings = model.config.config
    yield from (model.config.backend, model._top_function_lib, *(settings.get(key) for key in _SOURCES))
    yield (settings['HLSConfig'].get('Model') or {}).get(BLOCK)
    for node in model.graph.values():
        yield from (value for value in node.attributes.values() if isinstance(value, Quantizer))
        yield from (variable.quantizer for variable in node.weights.values())


def _reason(error: Exception, printed: str) -> str:
    complaints = [line.strip() for line in printed.splitlines() if 'error' in line.lower() or 'not found' in line]
    return '; '.join([str(error), *(complaints or printed.splitlines()[-1:])[:3]])


def _node(model: 'ModelGraph', layer: str) -> Node:
    node = model.graph.get(layer)
    if node is None or 'weight' not in node.weights:
        raise ConfigError(f'simulation: the network has no layer {layer!r} with weights')
    # Other strategies have code that is made for the weights, and weights of other types are written otherwise.
    reason = why_not_pruned(node)
    if reason:
        raise ConfigError(f'simulation: weights of {layer} cannot be replaced: {reason}')
    return node


def _check_shape(node: Node, shape: tuple[int, ...]) -> None:
    data = node.weights['weight'].data
    n_out = data.shape[0] if is_transposed(node) else data.shape[-1]
    if shape != (n_out, data.size // n_out):
        raise ConfigError(f'simulation: weights of {node.name} have the shape {(n_out, data.size // n_out)}, got {shape}')
