"""Random layers of Keras, each a function from one open tensor (or several of them) to a new one."""

from collections.abc import Callable
from typing import Any

from numpy.random import Generator

Tensor = Any
Operation = Callable[[Generator, Any, Tensor, str], Tensor]
_FUNCTIONS = ('relu', 'tanh', 'sigmoid', 'softmax', 'elu', 'selu', 'softplus', 'softsign', 'hard_sigmoid')


def _size(rng: Generator, high: int) -> int:
    return int(rng.integers(1, high + 1))


def _with(rng: Generator) -> dict[str, Any]:
    """Options of a layer with a kernel."""
    return {'activation': rng.choice([None, 'relu', 'relu', 'linear']), 'use_bias': bool(rng.random() < 0.8)}


def _dense(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    return layers.Dense(_size(rng, 14), **_with(rng), name=name)(x)


def _window(rng: Generator, x: Tensor) -> dict[str, Any]:
    """Sizes that fit the pixels of `x`."""
    pixels = x.shape[1:-1]
    size = tuple(min(_size(rng, 3), int(length)) for length in pixels)
    strides = 1 if rng.random() < 0.75 else min(2, *size)
    return {'kernel_size': size, 'strides': strides, 'padding': str(rng.choice(['valid', 'same']))}


def _conv(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    kind = layers.Conv1D if len(x.shape) == 3 else layers.Conv2D
    return kind(_size(rng, 5), **_window(rng, x), **_with(rng), name=name)(x)


def _depthwise(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    kind = layers.DepthwiseConv1D if len(x.shape) == 3 else layers.DepthwiseConv2D
    return kind(**_window(rng, x), name=name)(x)


def _separable(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    kind = layers.SeparableConv1D if len(x.shape) == 3 else layers.SeparableConv2D
    return kind(_size(rng, 4), **_window(rng, x), name=name)(x)


def _pool(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    axes = len(x.shape) - 2
    kind = getattr(layers, f'{rng.choice(["Max", "Average"])}Pooling{axes}D')
    return kind(min(2, *(int(length) for length in x.shape[1:-1])), name=name)(x)


def _global_pool(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    return getattr(layers, f'Global{rng.choice(["Max", "Average"])}Pooling{len(x.shape) - 2}D')(name=name)(x)


def _normalise(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    return layers.BatchNormalization(name=name)(x)


def _activate(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    if rng.random() < 0.3:
        made = [layers.LeakyReLU(0.3, name=name), layers.PReLU(name=name), layers.ThresholdedReLU(0.4, name=name)]
        return made[rng.integers(3)](x)
    return layers.Activation(str(rng.choice(_FUNCTIONS)), name=name)(x)


def _flatten(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    return layers.Flatten(name=name)(x)


def _permute(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    axes = range(1, len(x.shape))
    return layers.Permute(tuple(int(axis) for axis in rng.permutation(axes)), name=name)(x)


def _pad(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    return getattr(layers, f'ZeroPadding{len(x.shape) - 2}D')(1, name=name)(x)


def _recurrent(rng: Generator, layers: Any, x: Tensor, name: str) -> Tensor:
    kind = layers.LSTM if rng.random() < 0.5 else layers.GRU
    return kind(_size(rng, 3), return_sequences=bool(rng.random() < 0.5), name=name)(x)


#: By the number of axes of a tensor (of all samples): operations, the usual ones several times.
OPERATIONS: dict[int, list[Operation]] = {
    2: [_dense] * 6 + [_activate] * 2 + [_normalise],
    3: [_conv] * 4 + [_dense] + [_pool, _activate, _normalise, _flatten, _global_pool, _depthwise, _separable]
    + [_permute, _pad, _recurrent],
    4: [_conv] * 4 + [_dense] + [_pool, _activate, _normalise, _flatten, _flatten, _global_pool, _depthwise, _separable]
    + [_permute, _pad],
}  # fmt: skip


def merge(rng: Generator, layers: Any, tensors: list[Tensor], name: str) -> Tensor:
    """Join two tensors element by element, where two have one shape, else by concatenation; None if neither can be."""
    pairs = [(a, b) for a in tensors for b in tensors if a is not b and a.shape[1:] == b.shape[1:]]
    if pairs and rng.random() < 0.8:
        kinds = ('Add', 'Add', 'Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate')
        return getattr(layers, rng.choice(kinds))(name=name)(list(pairs[rng.integers(len(pairs))]))
    pairs = [(a, b) for a in tensors for b in tensors if a is not b and a.shape[1:-1] == b.shape[1:-1]]
    if not pairs:
        return None
    return layers.Concatenate(name=name)(list(pairs[rng.integers(len(pairs))]))
