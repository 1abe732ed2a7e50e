"""Tensors by channels: a channel is removed as a whole, wherever its elements are."""

from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tensor:
    """Channels and known values of the elements of a tensor.

    Attributes
    ----------
    shape : tuple of int
    axis : int, optional
        Axis of the channels; None where they are spread over a flattened tensor.
    channel : ndarray of int, shape (size,)
        Channel of each element.
    value : ndarray of float, shape (size,)
        Value of each element for any input of the network; NaN where that is not known.
    """

    shape: tuple[int, ...]
    axis: int | None
    channel: NDArray[np.int64] = field(repr=False)
    value: NDArray[np.float64] = field(repr=False)

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return int(self.channel.max()) + 1

    @property
    def channels_last(self) -> bool:
        """Whether the channels are the last axis."""
        return self.axis == len(self.shape) - 1

    def channel_values(self) -> NDArray[np.float64]:
        """Value of each channel, shape (n_channels,); NaN where its elements differ or are not known."""
        low, high = np.full((2, self.n_channels), np.nan)
        order = np.argsort(self.channel, kind='stable')
        starts = np.flatnonzero(np.diff(self.channel[order], prepend=-1))
        low[self.channel[order[starts]]] = np.minimum.reduceat(self.value[order], starts)
        high[self.channel[order[starts]]] = np.maximum.reduceat(self.value[order], starts)
        return np.where(low == high, low, np.nan)

    def shape_of(self, stays: NDArray[np.bool_]) -> list[int]:
        """Shape once only the channels that `stays` (n_channels,) marks are left."""
        if self.axis is None:
            return [int(stays[self.channel].sum())]
        shape = list(self.shape)
        shape[self.axis] = int(stays.sum())
        return shape


def channels_of(shape: tuple[int, ...], values: NDArray[np.float64] | None = None) -> Tensor:
    """Tensor whose last axis are its channels, with the `values` of the channels if they are known."""
    channel = np.arange(prod(shape)) % shape[-1]
    return Tensor(shape, len(shape) - 1, channel, np.full(channel.shape, np.nan) if values is None else values[channel])
