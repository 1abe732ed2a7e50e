"""Activation functions and their slopes, as in the firmware but without its tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The constants of SELU.
_LAMBDA, _ALPHA = 1.0507009873554805, 1.6732632423543772


@dataclass(frozen=True)
class Function:
    """An element-wise function of inputs and of the node's parameter, and its slope; 0 where it is flat."""

    value: Callable[[NDArray, Any], NDArray]
    slope: Callable[[NDArray, Any], NDArray]


def _sigmoid(x: NDArray, _: Any = None) -> NDArray:
    # Without overflow for any input.
    return 0.5 * np.tanh(0.5 * x) + 0.5


def _exponential(x: NDArray) -> NDArray:
    """Exponential of the negative inputs; of the others 1, which nothing reads."""
    return np.exp(np.minimum(x, 0))


def _clipped(x: NDArray, parameter: tuple[float, float]) -> NDArray:
    slope, shift = parameter
    return np.clip(slope * x + shift, 0, 1)


def _within(x: NDArray, parameter: tuple[float, float]) -> NDArray:
    slope, shift = parameter
    line = slope * x + shift
    return slope * ((line > 0) & (line < 1))


def _straight_through(x: NDArray, _: Any) -> NDArray:
    """Straight-through gradient of steps: slope 1 from -1 to 1."""
    return np.abs(x) <= 1


def _rectifier(limit: float) -> Function:
    return Function(lambda x, _: np.clip(x, 0, limit), lambda x, _: (x > 0) & (x < limit))


# By the names that hls4ml gives them, without underscores and capitals, which vary there.
FUNCTIONS = {
    'linear': Function(lambda x, _: x, lambda x, _: np.ones_like(x)),
    'relu': Function(lambda x, _: np.maximum(x, 0), lambda x, _: x > 0),
    'relu1': _rectifier(1.0),
    'relu6': _rectifier(6.0),
    'leakyrelu': Function(lambda x, alpha: np.where(x > 0, x, alpha * x), lambda x, alpha: np.where(x > 0, 1, alpha)),
    'prelu': Function(lambda x, alpha: np.where(x > 0, x, alpha * x), lambda x, alpha: np.where(x > 0, 1, alpha)),
    'thresholdedrelu': Function(lambda x, theta: np.where(x > theta, x, 0), lambda x, theta: x > theta),
    'elu': Function(
        lambda x, alpha: np.where(x >= 0, x, alpha * (_exponential(x) - 1)),
        lambda x, alpha: np.where(x >= 0, 1, alpha * _exponential(x)),
    ),
    'selu': Function(
        lambda x, _: _LAMBDA * np.where(x >= 0, x, _ALPHA * (_exponential(x) - 1)),
        lambda x, _: _LAMBDA * np.where(x >= 0, 1, _ALPHA * _exponential(x)),
    ),
    'sigmoid': Function(_sigmoid, lambda x, _: _sigmoid(x) * (1 - _sigmoid(x))),
    'tanh': Function(lambda x, _: np.tanh(x), lambda x, _: 1 - np.tanh(x) ** 2),
    'softplus': Function(lambda x, _: np.logaddexp(x, 0), _sigmoid),
    'softsign': Function(lambda x, _: x / (np.abs(x) + 1), lambda x, _: (np.abs(x) + 1) ** -2),
    'hardsigmoid': Function(_clipped, _within),
    'hardtanh': Function(lambda x, line: 2 * _clipped(x, line) - 1, lambda x, line: 2 * _within(x, line)),
    'binarytanh': Function(lambda x, _: np.where(x >= 0, 1, -1), _straight_through),
    'ternarytanh': Function(lambda x, _: 1 * (x > 0.5) - 1 * (x <= -0.5), _straight_through),
}
