"""Reachability: outputs of a network of Keras that a weight still connects with an input.

Every tensor has a bool for each element: whether it depends on any input. Kernels hand it on where they have a weight, all
other layers as they move and join elements.
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


def dependent_outputs(model: Any, weights: Mapping[str, Bools]) -> list[bool]:
    """Whether each output of `model` depends on an input.

    Parameters
    ----------
    model : keras.Model
        Each of its layers is used once.
    weights : mapping of str to ndarray of bool, shape (n_out, n_in)
        Weights that are not zero, by layer; layers that are absent have all of theirs.
    """
    known = {id(tensor): np.ones(tensor.shape[1:], bool) for tensor in model.inputs}
    # Keras gives layers in an order in which each comes after those that it reads.
    for layer in model.layers:
        if type(layer).__name__ == 'InputLayer':
            continue
        sources = layer.input if isinstance(layer.input, list) else [layer.input]
        found = _layer(layer, [known[id(source)] for source in sources], weights.get(layer.name))
        known[id(layer.output)] = found.reshape(layer.output.shape[1:])
    return [bool(known[id(tensor)].any()) for tensor in model.outputs]


def _layer(layer: Any, sources: list[Bools], weights: Bools | None) -> Bools:
    kind, (first, *_) = type(layer).__name__, sources
    if kind == 'Dense':
        # Windows of one element of all axes but the last.
        return _products(first, weights, layer.units)
    if kind in ('Conv1D', 'Conv2D'):
        return _products(_windows(layer, first), weights, layer.filters)
    if kind in ('DepthwiseConv1D', 'DepthwiseConv2D'):
        return _products(_windows(layer, first), weights, first.shape[-1])
    if 'Global' in kind:
        return first.any(axis=tuple(range(first.ndim - 1)))
    if 'Pooling' in kind:
        shape = layer.output.shape[1:-1]
        windows = _each_window(first, layer.pool_size, layer.strides, shape)
        return np.stack([window.any(axis=tuple(range(first.ndim - 1))) for window in windows]).reshape(*shape, -1)
    if kind == 'Concatenate':
        return np.concatenate(sources, axis=-1)
    if len(sources) > 1:
        return np.any(sources, axis=0)
    moved = _MOVES.get(kind.rstrip('12D'))
    if moved is not None:
        return moved(layer, first)
    if kind in _ELEMENTWISE and getattr(getattr(layer, 'activation', None), '__name__', '') != 'softmax':
        return first
    # Softmax, recurrent and separable layers: as if everything were joined with everything.
    return np.full(layer.output.shape[1:], bool(first.any()))


def _products(windows: Bools, weights: Bools | None, n_out: int) -> Bools:
    live = np.ones((n_out, windows.shape[-1]), bool) if weights is None else weights
    return (windows[..., None, :] & live).any(axis=-1)


def _windows(layer: Any, x: Bools) -> Bools:
    """Inputs of each output pixel of a convolution; nothing beyond the border depends on anything."""
    shape = layer.output.shape[1:-1]
    size, strides = layer.kernel_size, layer.strides
    if layer.padding == 'same':
        steps = zip(shape, strides, size, x.shape, strict=False)
        missing = [max(0, (n - 1) * step + length - have) for n, step, length, have in steps]
        x = np.pad(x, [(m // 2, m - m // 2) for m in missing] + [(0, 0)])
    found = [window.ravel() for window in _each_window(x, size, strides, shape)]
    return np.stack(found).reshape(*shape, -1)


def _each_window(x: Bools, size: tuple[int, ...], strides: tuple[int, ...], shape: tuple[int, ...]) -> list[Bools]:
    places = product(*(range(n) for n in shape))
    return [x[tuple(slice(i * s, i * s + n) for i, s, n in zip(place, strides, size, strict=True))] for place in places]


_ELEMENTWISE = ('Activation', 'LeakyReLU', 'PReLU', 'ThresholdedReLU', 'BatchNormalization')
_MOVES: dict[str, Callable[[Any, Bools], Bools]] = {
    'Flatten': lambda layer, x: x.ravel(),
    'Reshape': lambda layer, x: x.reshape(layer.output.shape[1:]),
    'Permute': lambda layer, x: x.transpose([axis - 1 for axis in layer.dims]),
    'ZeroPadding': lambda layer, x: np.pad(x, [(1, 1)] * (x.ndim - 1) + [(0, 0)]),
}
