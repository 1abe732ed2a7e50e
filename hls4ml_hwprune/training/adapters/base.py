"""Interface of training frameworks: the adapter of a model, constraints on weights, a round of training."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, pi
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.training.samples import Arrays, Inputs

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


@dataclass(frozen=True)
class Hold:
    """Weight constraint of a layer, applied after each step of the optimizer; arrays in the framework's layout.

    Attributes
    ----------
    mask : ndarray of bool
        Weights that may be other than zero.
    groups : ndarray of int, optional
        Hardware group of each weight, from 0.
    strength : float
        Strength of the group lasso for a group of one weight; that of others is larger by the root of their size.
    fixed : ndarray of float, optional
        Weights that stay.
    """

    mask: NDArray[np.bool_] = field(repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)
    strength: float = 0.0
    fixed: NDArray[np.float32] | None = field(default=None, repr=False)

    def thresholds(self, learning_rate: float) -> NDArray[np.float32]:
        """Norm that a step takes from each group: thresholds of the proximal operator of the group lasso."""
        assert self.groups is not None
        sizes = np.bincount(self.groups.ravel())
        return (self.strength * learning_rate * np.sqrt(sizes)).astype(np.float32)


@dataclass(frozen=True)
class Training:
    """Data, loss and optimizer of a training, as the framework takes them.

    Attributes
    ----------
    data : Any
        Arrays (`samples.Arrays`), or batches.
    loss, optimizer : Any
    callbacks : sequence
    batch_size : int
    decay : bool
    validation : Arrays
        Validation data of callbacks.
    """

    data: Any = field(repr=False)
    loss: Any
    optimizer: Any
    callbacks: Sequence[Any]
    batch_size: int
    decay: bool
    validation: Arrays = field(repr=False)

    @property
    def decays(self) -> bool:
        """Whether the learning rate is ours to change: callbacks may do so themselves."""
        return self.decay and not self.callbacks

    def rate(self, epoch: int, epochs: int) -> float:
        """Factor of the learning rate in an epoch, counted from 0, of a round of so many."""
        return (1 + cos(pi * epoch / epochs)) / 2 if self.decays else 1.0


class Adapter(ABC):
    """A model of a framework. Weights are named as hls4ml names their layers."""

    def __init__(self, model: Any) -> None:
        self.model = model

    @abstractmethod
    def weights(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights of all layers with a kernel, in the framework's layout."""

    @abstractmethod
    def set_weights(self, weights: Mapping[str, NDArray]) -> None:
        """Put other weights into some layers."""

    @abstractmethod
    def to_matrix(self, weights: NDArray) -> NDArray:
        """Turn weights to (n_out, n_in), with inputs in hls4ml's order."""

    @abstractmethod
    def from_matrix(self, matrix: NDArray, like: NDArray) -> NDArray:
        """Turn a matrix (n_out, n_in) to the framework's layout, in the shape of `like`."""

    @abstractmethod
    def channel_counts(self, weights: NDArray) -> Sequence[int]:
        """Return the possible numbers of channels of a layer's inputs, flattened channels first; 1 where they are not."""

    @abstractmethod
    def convert(self, config: dict[str, Any], **conversion: Any) -> 'ModelGraph':
        """Convert the model with hls4ml."""

    @abstractmethod
    def to_network(self, x: Inputs, shapes: Sequence[tuple[int, ...]]) -> Inputs:
        """Turn inputs to the axes that hls4ml's network takes."""

    @abstractmethod
    def predict(self, x: Inputs) -> NDArray:
        """Return the answers, shape (n, n_outputs)."""

    @abstractmethod
    def check(self, loss: Any) -> None:
        """Raise `ConfigError` if the model cannot be trained, or not without a loss."""

    @abstractmethod
    def begin(self, training: Training, holds: Mapping[str, Hold]) -> None:
        """Begin a round of training, with a new optimizer."""

    @abstractmethod
    def train(self, first: int, last: int, epochs: int, seed: int) -> None:
        """Train epochs `first` to `last`, exclusive, of a round of `epochs`."""

    @abstractmethod
    def end(self) -> None:
        """Leave the model as it was found, but for its weights."""

    @abstractmethod
    def keep_masks(self, masks: Mapping[str, NDArray[np.bool_]]) -> None:
        """Set weights to zero, so that they also stay zero when the user trains on."""

    @abstractmethod
    def state(self) -> dict[str, NDArray]:
        """Return everything that changes in training, the optimizer included."""

    @abstractmethod
    def load(self, state: Mapping[str, NDArray]) -> None:
        """Restore the values that `state` returned; those of the optimizer only after `begin`."""

    @property
    @abstractmethod
    def resumes_anywhere(self) -> bool:
        """Whether `state` is complete between two epochs of a round."""


#: Prediction and targets to a number that is the higher, the better.
Metric = Callable[[NDArray, NDArray], float]
