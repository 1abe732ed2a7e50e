"""What a network of a layer list answers in floating point."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from benchmarks.layers import POOL, Layers

Values = NDArray[np.float32]


def float_outputs(layers: Layers, x: Values) -> Values:
    """Return the outputs, without the softmax that may be behind them; of layers as `benchmarks.layers` makes them."""
    for layer in layers:
        x = _apply(layer, x)
    return x


def _apply(layer: dict[str, Any], x: Values) -> Values:
    match layer['class_name']:
        case 'InputLayer' | 'Softmax':
            return x
        case 'Dense':
            return x @ layer['weight_data'] + layer['bias_data']
        case 'Conv2D':
            windows = sliding_window_view(x, layer['weight_data'].shape[:2], (1, 2))  # type: ignore[call-overload]
            return np.einsum('nyxcij,ijcf->nyxf', windows, layer['weight_data'], optimize=True) + layer['bias_data']
        case 'BatchNormalization':
            scale = layer['gamma_data'] / np.sqrt(layer['variance_data'] + layer['epsilon'])
            return (x - layer['mean_data']) * scale + layer['beta_data']
        case 'Activation' if layer['activation'] == 'relu':
            return np.maximum(x, 0)
        case 'MaxPooling2D':
            n, height, width, n_chan = len(x), layer['out_height'], layer['out_width'], layer['n_filt']
            used = x[:, : height * POOL, : width * POOL]
            return used.reshape(n, height, POOL, width, POOL, n_chan).max(axis=(2, 4))
        case 'Reshape':
            return x.reshape(len(x), *layer['target_shape'])
    raise ValueError(f'no floating point for {layer["name"]} ({layer["class_name"]})')
