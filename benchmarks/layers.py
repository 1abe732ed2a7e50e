"""Layers as hls4ml's converters make them: the entries of its layer lists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Side of the squares that are pooled.
POOL = 2
_BN_EPSILON = 0.001
Arrays = dict[str, NDArray[np.float32]]
Layers = list[dict[str, Any]]


def image(shape: Sequence[int]) -> dict[str, Any]:
    """Input of the shape (height, width, channels)."""
    return {'class_name': 'InputLayer', 'name': 'x', 'input_shape': list(shape), 'data_format': 'channels_last'}


def flatten(size: int) -> dict[str, Any]:
    """Image as a vector."""
    return {'class_name': 'Reshape', 'name': 'flatten', 'target_shape': [size], 'data_format': 'channels_last'}


def relu(name: str) -> dict[str, Any]:
    """Rectifier."""
    return {'class_name': 'Activation', 'name': name, 'activation': 'relu'}


def softmax() -> dict[str, Any]:
    """Softmax over the classes."""
    return {'class_name': 'Softmax', 'name': 'softmax', 'activation': 'softmax', 'axis': -1}


def dense(name: str, kernel: NDArray[np.float32], bias: NDArray[np.float32] | None = None) -> dict[str, Any]:
    """Dense layer; `kernel` has the shape (n_in, n_out)."""
    n_in, n_out = kernel.shape
    return {'class_name': 'Dense', 'name': name, 'n_in': n_in, 'n_out': n_out, **_weights(kernel, bias)}


def conv2d(name: str, kernel: NDArray[np.float32], size: int, bias: NDArray[np.float32] | None = None) -> dict[str, Any]:
    """Stride 1 and no padding, on a square image."""
    height, width, n_chan, n_filt = kernel.shape
    return {
        'class_name': 'Conv2D',
        'name': name,
        'in_height': size,
        'in_width': size,
        'out_height': size - height + 1,
        'out_width': size - width + 1,
        'n_chan': n_chan,
        'n_filt': n_filt,
        'filt_height': height,
        'filt_width': width,
        'stride_height': 1,
        'stride_width': 1,
        **_unpadded(),
        **_weights(kernel, bias),
    }


def normalised(
    name: str, arrays: Mapping[str, NDArray[np.float32]], n_in: int, n_filt: int = -1
) -> Iterator[dict[str, Any]]:
    """Batch normalisation of a layer, and the ReLU behind it; `n_filt` counts the channels of an image."""
    parts = {'gamma': 'gamma', 'beta': 'beta', 'mean': 'moving_mean', 'variance': 'moving_variance'}
    yield {
        'class_name': 'BatchNormalization',
        'name': f'bn_{name}',
        'data_format': 'channels_last',
        'n_in': n_in,
        'n_out': n_in,
        'n_filt': n_filt,
        'epsilon': _BN_EPSILON,
        'use_gamma': True,
        'use_beta': True,
        **{f'{key}_data': arrays[f'bn_{name}/{stored}'] for key, stored in parts.items()},
    }
    yield relu(f'relu_{name}')


def max_pool2d(name: str, size: int, n_filt: int) -> dict[str, Any]:
    """Squares that do not overlap, of a square image; rows and columns that are left over are dropped."""
    return {
        'class_name': 'MaxPooling2D',
        'name': name,
        'data_format': 'channels_last',
        'in_height': size,
        'in_width': size,
        'out_height': size // POOL,
        'out_width': size // POOL,
        'n_filt': n_filt,
        'pool_height': POOL,
        'pool_width': POOL,
        'stride_height': POOL,
        'stride_width': POOL,
        **_unpadded(),
    }


def _unpadded() -> dict[str, int]:
    return dict.fromkeys(('pad_top', 'pad_bottom', 'pad_left', 'pad_right'), 0)


def _weights(kernel: NDArray[np.float32], bias: NDArray[np.float32] | None) -> dict[str, Any]:
    """Keys that all layers with a kernel share."""
    return {
        'data_format': 'channels_last',
        'weight_data': kernel,
        'bias_data': np.zeros(kernel.shape[-1], np.float32) if bias is None else bias,
        'weight_quantizer': None,
        'bias_quantizer': None,
        'use_bias': bias is not None,
        'activation': 'linear',
    }
