"""Models as they are when pruning starts: optimised by hls4ml, with types not yet converted."""

import copy
from pathlib import Path
from typing import Any

import hls4ml
import numpy as np
from hls4ml.model.graph import ModelGraph
from hls4ml.utils.config import create_config

from tests import models

FLOWS = ('vivado:streaming', 'vivado:quantization', 'vivado:optimize')


def from_keras(model: Any, output: Path, io_type: str = 'io_parallel') -> ModelGraph:
    config = models.hls_config(flows=FLOWS, Strategy='Latency', ReuseFactor=1)
    return hls4ml.converters.convert_from_keras_model(
        model, hls_config=config, output_dir=str(output), backend='Vivado', io_type=io_type
    )


def from_layers(layers: models.Layers, output: Path, inputs: list[str] | None = None, **names: Any) -> ModelGraph:
    """Model of a layer list, whose first layer is the input if none are named; `names` are configurations of layers."""
    config = models.hls_config(flows=FLOWS) | {'LayerName': names}
    project = create_config(output_dir=str(output), project_name='myproject', backend='Vivado', part=models.PART)
    return ModelGraph.from_layer_list(project | {'HLSConfig': config}, copy.deepcopy(layers), inputs)


def convolution(name: str, shape: tuple[int, ...], weights: np.ndarray, strides: tuple, padding: tuple) -> dict[str, Any]:
    """A Conv1D or Conv2D layer of any geometry; `weights` as Keras has them, `padding` a pair for each axis."""
    axes = ('height', 'width')[-len(strides) :]
    layer = models.conv2d(name, weights.reshape(1, *weights.shape)[-4:] if len(axes) == 1 else weights, (99, 99))
    layer = {key: value for key, value in layer.items() if not key.startswith(('in_', 'out_', 'filt_', 'stride_', 'pad_'))}
    for axis, length, size, stride, (before, after) in zip(axes, shape, weights.shape, strides, padding, strict=False):
        layer[f'in_{axis}'], layer[f'filt_{axis}'], layer[f'stride_{axis}'] = length, size, stride
        layer[f'out_{axis}'] = (length + before + after - size) // stride + 1
        first, last = {'height': ('top', 'bottom'), 'width': ('left', 'right')}[axis]
        layer[f'pad_{first}'], layer[f'pad_{last}'] = before, after
    return layer | {'class_name': f'Conv{len(axes)}D', 'weight_data': np.asarray(weights, np.float32)}
