"""Random networks of Keras with random configurations of hls4ml, the same for the same seed."""

import contextlib
import copy
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hls4ml
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tests.fuzz.operations import OPERATIONS, Tensor, merge
from tests.fuzz.precisions import layer_types, random_type
from tests.fuzz.weights import set_random_weights

PARTS = ('xcvu13p-flga2577-2-e', 'xc7z020clg400-1', 'xcku115-flvb2104-2-i')


class Unsupported(Exception):
    """Plain hls4ml cannot convert or compile the network: nothing can be said of pruning it."""


@dataclass(frozen=True)
class Network:
    """A network and how hls4ml is to convert it.

    Attributes
    ----------
    model : keras.Model
    config : dict
        hls4ml's `hls_config`, without anything of pruning.
    options : dict
        Other arguments of hls4ml's converter: back end, interface, part, clock.
    """

    model: Any
    config: dict[str, Any]
    options: dict[str, Any]

    @property
    def backend(self) -> str:
        """Name of the back end."""
        return self.options['backend']

    def convert(self, output: Path, config: dict[str, Any] | None = None) -> Any:
        """Convert by `config`, or plainly; hls4ml's prints are swallowed."""
        settings = copy.deepcopy(self.config if config is None else config)
        with contextlib.redirect_stdout(io.StringIO()):
            return hls4ml.converters.convert_from_keras_model(
                self.model, hls_config=settings, output_dir=str(output), **self.options
            )

    def convert_plainly(self, output: Path) -> Any:
        """Convert without pruning; `Unsupported` where hls4ml itself fails."""
        try:
            return self.convert(output)
        except (Exception, SystemExit) as error:
            raise Unsupported(f'{type(error).__name__}: {error}') from None

    def samples(self, rng: Generator, n: int = 40) -> list[NDArray[np.float32]]:
        """Return `n` random samples for each input, some of them far outside of the usual range."""
        scale = rng.choice([0.5, 2.0, 20.0], (n, 1), p=[0.3, 0.6, 0.1])
        sizes = [int(np.prod(tensor.shape[1:])) for tensor in self.model.inputs]
        flat = [rng.normal(0, scale, (n, size)) for size in sizes]
        return [x.reshape(n, *t.shape[1:]).astype(np.float32) for x, t in zip(flat, self.model.inputs, strict=True)]


def random_network(rng: Generator, n_parts: int = 1) -> Network:
    """Make a network of `n_parts` parts that have nothing in common, so that they compile as one."""
    # Here, so that kinds of cases without networks do not wait for TensorFlow.
    from tensorflow import keras

    keras.backend.clear_session()
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []
    for part in range(n_parts):
        found = _part(rng, keras.layers, f'p{part}')
        inputs, outputs = inputs + found[0], outputs + found[1]
    model = keras.Model(inputs, outputs)
    set_random_weights(rng, model)
    # hls4ml's accelerators have one input and one output.
    backends = ['Vitis', 'Vivado', 'VivadoAccelerator'][: 3 if len(inputs) == len(outputs) == 1 else 2]
    backend = backends[rng.integers(len(backends))]
    io_type = str(rng.choice(['io_parallel', 'io_stream'], p=[0.7, 0.3]))
    options: dict[str, Any] = {'backend': backend, 'io_type': io_type, 'clock_period': float(rng.choice([2.5, 5, 10]))}
    if backend != 'VivadoAccelerator':
        options['part'] = str(rng.choice(PARTS))
    config = random_configuration(rng, model)
    if io_type == 'io_parallel':
        _spare_depthwise(config, model)
    return Network(model, config, options)


def _part(rng: Generator, layers: Any, prefix: str) -> tuple[list[Tensor], list[Tensor]]:
    shapes = [
        (int(rng.integers(2, 25)),),
        (int(rng.integers(3, 9)), int(rng.integers(1, 5))),
        (int(rng.integers(3, 6)), int(rng.integers(3, 6)), int(rng.integers(1, 4))),
    ]
    shape = shapes[rng.choice(3, p=[0.6, 0.2, 0.2])]
    n_inputs = 2 if rng.random() < 0.2 else 1
    inputs = [layers.Input(shape, name=f'{prefix}_x{number}') for number in range(n_inputs)]
    tensors = list(inputs)
    for number in range(int(rng.integers(2, 8))):
        name = f'{prefix}_{number}'
        made = merge(rng, layers, tensors, name) if rng.random() < 0.2 else None
        if made is None:
            # The last tensor most often, so that networks are deep; else a skip or a branch.
            x = tensors[-1] if rng.random() < 0.7 else tensors[rng.integers(len(tensors))]
            usual = OPERATIONS[len(x.shape)]
            made = usual[rng.integers(len(usual))](rng, layers, x, name)
        tensors.append(made)
    read = {id(tensor) for tensor in _read(tensors)}
    outputs = [tensor for tensor in tensors[n_inputs:] if id(tensor) not in read]
    used = [tensor for tensor in inputs if id(tensor) in read]
    return used, outputs


def _read(tensors: list[Tensor]) -> list[Tensor]:
    """Tensors that a layer reads."""
    found: list[Tensor] = []
    for tensor in tensors:
        source = tensor.node.keras_inputs
        found += [one for one in tensors if any(one is other for other in source)]
    return found


def _spare_depthwise(config: dict[str, Any], model: Any) -> None:
    """Give depthwise convolutions the Latency strategy, the only one that hls4ml has for them in io_parallel."""
    for layer in model.layers:
        if type(layer).__name__.startswith(('Depthwise', 'Separable')):
            # Both layers that hls4ml splits a separable one into get its configuration.
            config['LayerName'].setdefault(layer.name, {})['Strategy'] = 'Latency'


def random_configuration(rng: Generator, model: Any) -> dict[str, Any]:
    """Make a configuration of all layers by name, with types, strategies and reuse factors of any kind."""
    common = {
        'Precision': {'default': str(rng.choice(['ap_fixed<16,6>', 'ap_fixed<12,5>', 'fixed<18,8>']))},
        'ReuseFactor': int(rng.choice([1, 2, 4, 8, 16, 100])),
        'Strategy': str(rng.choice(['Resource', 'Latency'], p=[0.7, 0.3])),
    }
    names: dict[str, dict[str, Any]] = {}
    typed = rng.random() < 0.7
    for layer in model.layers:
        own: dict[str, Any] = {}
        kernel = any('kernel' in variable.name for variable in layer.weights)
        if typed and kernel:
            own['Precision'] = layer_types(rng)
        elif typed and rng.random() < 0.3:
            own['Precision'] = {'result': random_type(rng, 4, 20)}
        if kernel and rng.random() < 0.5:
            own['ReuseFactor'] = int(rng.choice([1, 2, 3, 4, 6, 12, 64]))
        if kernel and rng.random() < 0.3:
            own['Strategy'] = str(rng.choice(['Resource', 'Latency', 'Resource', 'resource_unrolled']))
        if 'Conv' in type(layer).__name__ and rng.random() < 0.2:
            own['ParallelizationFactor'] = int(rng.integers(1, 5))
        if own:
            names[layer.name] = own
    return {'Model': common, 'LayerName': names}
