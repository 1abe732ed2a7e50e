"""Layers of two inputs: arithmetic of pairs of elements, scalar products, concatenation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Call, Rule


@dataclass(frozen=True)
class _Pair:
    """A function of two elements and its slopes for both."""

    value: Callable[[NDArray, NDArray], NDArray]
    slopes: Callable[[NDArray, NDArray], tuple[NDArray | float, NDArray | float]]


def _wins(a: NDArray, b: NDArray) -> NDArray:
    """1 where the first is larger, 0 where the second is, and a half where they are equal."""
    return (0.5 * (1 + np.sign(a - b))).astype(a.dtype, copy=False)


_PAIRS = {
    'add': _Pair(lambda a, b: a + b, lambda a, b: (1, 1)),
    'subtract': _Pair(lambda a, b: a - b, lambda a, b: (1, -1)),
    'multiply': _Pair(lambda a, b: a * b, lambda a, b: (b, a)),
    'average': _Pair(lambda a, b: 0.5 * (a + b), lambda a, b: (0.5, 0.5)),
    'maximum': _Pair(np.maximum, lambda a, b: (_wins(a, b), _wins(b, a))),
    'minimum': _Pair(np.minimum, lambda a, b: (_wins(b, a), _wins(a, b))),
}


def _operation(node: Node) -> str:
    return str(node.get_attr('op')).lower()


def _repeated(call: Call) -> list[NDArray]:
    """Both inputs as (n, elements): the firmware starts the shorter one again at its end."""
    flat = [x.reshape(len(x), -1) for x in call.inputs]
    size = max(x.shape[1] for x in flat)
    return [np.tile(x, (1, size // x.shape[1])) for x in flat]


def _merge(call: Call) -> NDArray:
    return _PAIRS[_operation(call.node)].value(*_repeated(call)).reshape(call.output_shape)


def _merge_back(call: Call, gradient: NDArray) -> list[NDArray]:
    slopes = _PAIRS[_operation(call.node)].slopes(*_repeated(call))
    flat = gradient.reshape(len(gradient), -1)
    parts = []
    for x, slope in zip(call.inputs, slopes, strict=True):
        size = x[0].size
        parts.append((flat * slope).reshape(len(x), -1, size).sum(axis=1).reshape(x.shape))
    return parts


def _merge_applies(node: Node) -> bool:
    small, large = sorted(int(node.get_input_variable(name).size()) for name in node.inputs)
    return _operation(node) in _PAIRS and large % small == 0


def _dot(call: Call) -> NDArray:
    a, b = call.inputs
    return (a * b).sum(axis=1, keepdims=True)


def _dot_back(call: Call, gradient: NDArray) -> list[NDArray]:
    a, b = call.inputs
    return [gradient * b, gradient * a]


def _axis(node: Node) -> int:
    """Axis of arrays that count the samples first; hls4ml takes axis 0 for the first one of a sample."""
    return int(node.get_attr('axis')) or 1


def _concatenate(call: Call) -> NDArray:
    return np.concatenate(call.inputs, axis=_axis(call.node))


def _concatenate_back(call: Call, gradient: NDArray) -> list[NDArray]:
    axis = _axis(call.node)
    return np.split(gradient, [call.x.shape[axis]], axis=axis)


MERGE = Rule(_merge, _merge_back, _merge_applies)
DOT = Rule(_dot, _dot_back)
CONCATENATE = Rule(_concatenate, _concatenate_back)
