"""Small hls4ml models made of plain layer lists, so that no deep-learning framework is imported."""

import copy
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from hls4ml.model.graph import ModelGraph
from hls4ml.utils.config import create_config
from numpy.typing import NDArray

PART = 'xcvu13p-flga2577-2-e'
Layers = list[dict[str, Any]]


def input_layer(shape: Sequence[int], name: str = 'x') -> dict[str, Any]:
    return {'class_name': 'InputLayer', 'name': name, 'input_shape': list(shape), 'data_format': 'channels_last'}


def dense(name: str, weights: NDArray, bias: NDArray | None = None) -> dict[str, Any]:
    """A Dense layer; `weights` has shape (n_in, n_out), as Keras has it."""
    n_in, n_out = weights.shape
    return {
        'class_name': 'Dense',
        'name': name,
        'n_in': n_in,
        'n_out': n_out,
        'weight_data': np.asarray(weights, np.float32),
        'bias_data': np.zeros(n_out, np.float32) if bias is None else np.asarray(bias, np.float32),
        'weight_quantizer': None,
        'bias_quantizer': None,
        'use_bias': True,
        'activation': 'linear',
    }


def conv2d(name: str, weights: NDArray, in_shape: tuple[int, int]) -> dict[str, Any]:
    """A Conv2D layer of stride 1 without padding; `weights` has shape (height, width, channels, filters)."""
    height, width, n_chan, n_filt = weights.shape
    return {
        'class_name': 'Conv2D',
        'name': name,
        'data_format': 'channels_last',
        'in_height': in_shape[0],
        'in_width': in_shape[1],
        'out_height': in_shape[0] - height + 1,
        'out_width': in_shape[1] - width + 1,
        'n_chan': n_chan,
        'n_filt': n_filt,
        'filt_height': height,
        'filt_width': width,
        'stride_height': 1,
        'stride_width': 1,
        'pad_top': 0,
        'pad_bottom': 0,
        'pad_left': 0,
        'pad_right': 0,
        'weight_data': np.asarray(weights, np.float32),
        'bias_data': np.zeros(n_filt, np.float32),
        'weight_quantizer': None,
        'bias_quantizer': None,
        'use_bias': True,
        'activation': 'linear',
    }


def relu(name: str) -> dict[str, Any]:
    return {'class_name': 'Activation', 'name': name, 'activation': 'relu'}


def flatten(name: str, size: int) -> dict[str, Any]:
    return {'class_name': 'Reshape', 'name': name, 'target_shape': [size], 'data_format': 'channels_last'}


def mlp(sizes: Sequence[int] = (16, 32, 5), seed: int = 0) -> Layers:
    """Dense layers `fc1`, `fc2`, ... with ReLUs between them and random weights, none of which quantises to zero."""
    rng = np.random.default_rng(seed)
    layers = [input_layer(sizes[:1])]
    for number, (n_in, n_out) in enumerate(pairwise(sizes), 1):
        signs = rng.choice((-1.0, 1.0), (n_in, n_out))
        layers.append(dense(f'fc{number}', signs * rng.uniform(0.05, 1.0, (n_in, n_out)), rng.uniform(-1, 1, n_out)))
        if number < len(sizes) - 1:
            layers.append(relu(f'relu{number}'))
    return layers


def cnn(seed: int = 0) -> Layers:
    """Conv2D `conv` (3x3x2 to 4) on 6x6 pixels, and Dense `fc` (64 to 3)."""
    rng = np.random.default_rng(seed)
    return [
        input_layer((6, 6, 2)),
        conv2d('conv', rng.uniform(0.05, 1.0, (3, 3, 2, 4)), (6, 6)),
        relu('relu'),
        flatten('flat', 64),
        dense('fc', rng.uniform(0.05, 1.0, (64, 3))),
    ]


def hls_config(hwprune: Any = None, flows: Sequence[str] | None = None, **model: Any) -> dict[str, Any]:
    """What stands under `HLSConfig`; `hwprune` is the block of that name, left out where it is None."""
    config: dict[str, Any] = {
        'Model': {'Precision': {'default': 'fixed<16,6>'}, 'ReuseFactor': 4, 'Strategy': 'Resource', **model}
    }
    if hwprune is not None:
        config['Model']['HWPrune'] = hwprune
    if flows is not None:
        config['Flows'] = list(flows)
    return config


def convert(layers: Layers, config: Mapping[str, Any], output: Path, backend: str = 'Vitis', **options: Any) -> ModelGraph:
    """Convert a layer list; `options` go to the back end's initial configuration (`io_type`, `part`, ...)."""
    if backend != 'VivadoAccelerator':
        options = {'part': PART} | options
    if backend == 'Quartus':
        options['part'] = 'Arria10'
    project = create_config(output_dir=str(output), project_name='myproject', backend=backend, **options)
    # hls4ml changes what it is given.
    return ModelGraph.from_layer_list(project | {'HLSConfig': config}, copy.deepcopy(layers))


def project_files(folder: Path, stamp: str = '') -> dict[str, bytes]:
    """All files of a project by relative path, hls4ml's random stamp blanked out."""
    found = {}
    for path in sorted(folder.rglob('*')):
        if path.is_file():
            data = path.read_bytes()
            if stamp:
                # YAML puts quotes around stamps that could be read as numbers.
                data = data.replace(f"'{stamp}'".encode(), b'STAMP').replace(stamp.encode(), b'STAMP')
            found[str(path.relative_to(folder))] = data
    return found
