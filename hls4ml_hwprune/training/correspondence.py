"""Correspondence between kernels of hls4ml's network and weights of the framework."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.records import Kernel, KernelKey, per_channel_mask
from hls4ml_hwprune.training.adapters import Adapter

# Cosine of the angle between a kernel and the weights that it was made of; few bits make it less than 1.
_LEAST_COSINE = 0.5
# Distance of a weight that is written back above its code, in units of the last place, so that no rounding gives another.
_ABOVE = 0.25


@dataclass(frozen=True)
class Match:
    """A kernel and its weights in the framework.

    Attributes
    ----------
    kernel : Kernel
    weights : ndarray of float
        In the framework's layout.
    channels : int
        Channels of a flattened image that comes channels first in the framework; 1 where inputs have the same order.
    scale : ndarray of float, shape (n_out,)
        Factor of the weights of each output, where hls4ml folds a batch normalisation into them; else 1.
    """

    kernel: Kernel
    weights: NDArray[np.float32] = field(repr=False)
    channels: int
    scale: NDArray[np.float64] = field(repr=False)


def to_kernel(adapter: Adapter, weights: NDArray, channels: int, n_out: int) -> NDArray:
    """Turn weights of the framework to (n_out, n_in), in the order of hls4ml's kernel."""
    matrix = adapter.to_matrix(weights)
    if _is_per_channel(matrix, n_out):
        return np.where(per_channel_mask(n_out, matrix.shape[1]), matrix, np.zeros((), matrix.dtype))
    return matrix[:, _channels_last(matrix.shape[1], channels)]


def from_kernel(adapter: Adapter, matrix: NDArray, like: NDArray, channels: int) -> NDArray:
    """Turn a matrix (n_out, n_in) of hls4ml's kernel to the framework's layout."""
    n_out, n_in = matrix.shape
    if _is_per_channel(adapter.to_matrix(like), n_out):
        return adapter.from_matrix(matrix[np.arange(n_in) % n_out, np.arange(n_in)][None], like)
    return adapter.from_matrix(matrix[:, np.argsort(_channels_last(n_in, channels))], like)


def _is_per_channel(matrix: NDArray, n_out: int) -> bool:
    """Whether weights of the framework, turned to a matrix, are one an input, of a kernel of a channel each."""
    return len(matrix) == 1 < n_out


def _channels_last(n_in: int, channels: int) -> NDArray[np.int64]:
    """Permutation from inputs that come channel by channel to inputs that come position by position."""
    return np.arange(n_in).reshape(channels, -1).T.ravel()


def match_kernels(adapter: Adapter, kernels: Sequence[Kernel]) -> dict[KernelKey, Match]:
    """Find the weights of each kernel.

    Raises
    ------
    ConfigError
        If the model has no such layer, or other weights than the kernel was made of.
    """
    weights = adapter.weights()
    return {kernel.key: _match(adapter, kernel, weights) for kernel in kernels}


def _match(adapter: Adapter, kernel: Kernel, weights: Mapping[str, NDArray[np.float32]]) -> Match:
    own = weights.get(str(kernel.key))
    if own is None:
        raise ConfigError(
            f'model: it has no layer {str(kernel.key)!r}, which hls4ml made; it has {", ".join(weights)}. Exclude that layer'
        )
    if not has_shape(adapter, own, kernel.values.shape):
        raise ConfigError(
            f'model: the weights of the layer {str(kernel.key)!r} have the shape {own.shape}, but hls4ml made a kernel of '
            f'{kernel.n_in} inputs and {kernel.n_out} outputs of it. Exclude that layer'
        )
    channels, scale, cosine = find_channels(adapter, own, kernel.values, kernel.unit)
    if cosine < _LEAST_COSINE:
        raise ConfigError(
            f'model: the weights of the layer {str(kernel.key)!r} are not those that hls4ml converted. Exclude that layer'
        )
    return Match(kernel, own, channels, scale)


def has_shape(adapter: Adapter, weights: NDArray, shape: tuple[int, ...]) -> bool:
    """Whether weights of the framework may be those of a kernel of a shape (n_out, n_in)."""
    found = adapter.to_matrix(weights).shape
    return found == shape or found == (1, shape[1])


def find_channels(
    adapter: Adapter, weights: NDArray, values: NDArray[np.float64], unit: float = 0.0
) -> tuple[int, NDArray[np.float64], float]:
    """Find the order of inputs in which weights are most like `values`, (n_out, n_in), that hls4ml made of them.

    Returns
    -------
    channels : int
        As `Match` has them.
    scale : ndarray of float, shape (n_out,)
    cosine : float
        Cosine of the angle between the scaled weights and `values`; 1 if these are zero.
    """
    tried = [
        (count, *_scaled(to_kernel(adapter, weights, count, len(values)).astype(np.float64), values, unit))
        for count in adapter.channel_counts(weights)
    ]
    return max(tried, key=lambda found: (found[2], -found[0]))


def _scaled(matrix: NDArray[np.float64], values: NDArray[np.float64], unit: float) -> tuple[NDArray[np.float64], float]:
    squares = (matrix**2).sum(axis=1)
    scale = np.divide((matrix * values).sum(axis=1), squares, out=np.ones(len(matrix)), where=squares > 0)
    if np.abs(matrix - values).max(initial=0.0) <= unit:
        scale = np.ones(len(matrix))
    scaled = matrix * scale[:, None]
    norms = float(np.linalg.norm(scaled) * np.linalg.norm(values))
    if not values.any():
        return scale, 1.0
    return scale, float((scaled * values).sum()) / norms if norms else 0.0


def framework_weights(adapter: Adapter, match: Match, values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return weights of the framework that hls4ml makes `values` of, shape (n_out, n_in), which are on the kernel's grid."""
    scale = np.where(match.scale == 0, 1.0, match.scale)[:, None]
    above = np.where(values != 0, _ABOVE * match.kernel.unit, 0.0)
    return from_kernel(adapter, (values + above) / scale, match.weights, match.channels).astype(np.float32)
