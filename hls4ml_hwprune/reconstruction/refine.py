"""Refinement of the kept weights of all layers by gradient descent on the divergence from the answers before pruning."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.progress import progress
from hls4ml_hwprune.reconstruction.least_squares import Affine

# Adam (Kingma and Ba, ICLR 2015).
_MEAN, _SQUARE, _TINY = 0.9, 0.999, 1e-8
_SEED = 0
Name = TypeVar('Name', bound=Hashable)
#: Parameters by kernel, under any hashable name.
Affines = Mapping[Name, Affine]
#: From parameters and numbers of samples to the gradients of the mean divergence over these samples.
GradientOf = Callable[[Affines[Name], NDArray[np.int64]], Affines[Name]]
#: From a kernel and parameters to the nearest parameters that the firmware can hold.
Project = Callable[[Name, Affine], Affine]


@dataclass(frozen=True)
class Schedule:
    """Number of steps and learning rate.

    Attributes
    ----------
    passes : int
        Passes over the samples.
    batch : int
        Samples of a step.
    rate : float
        Size of the first steps, as a share of the root mean square of a layer's weights; it falls to zero (half a cosine).
    """

    passes: int
    batch: int = 128
    rate: float = 0.01


def refine(
    start: Affines[Name],
    kept: Mapping[Name, NDArray[np.bool_]],
    gradient_of: GradientOf[Name],
    loss_of: Callable[[Affines[Name]], float],
    project: Project[Name],
    n_samples: int,
    schedule: Schedule,
) -> dict[Name, Affine]:
    """Move weights and biases by Adam; gradients are taken at the nearest parameters that the firmware can hold.

    Parameters
    ----------
    start : mapping of Hashable to Affine
        Initial parameters by kernel.
    kept : mapping of Hashable to ndarray of bool, shape (n_out, n_in)
        Kept weights; the others stay zero.
    gradient_of, loss_of, project : callable
        `loss_of` is the divergence on other samples than those of the gradients.
    n_samples : int
        Number of samples for the gradients.
    schedule : Schedule

    Returns
    -------
    dict of Hashable to Affine
        Parameters that the firmware can hold, of the least loss among the start and the end of each pass.
    """
    generator = np.random.default_rng(_SEED)
    moving = {
        name: np.concatenate([np.where(kept[name], a.weights, 0), a.bias[:, None]], axis=1) for name, a in start.items()
    }
    free = {name: np.append(kept[name], np.ones((len(kept[name]), 1), bool), axis=1) for name in moving}
    size = {name: _size(affine, kept[name]) for name, affine in start.items()}
    means = {name: np.zeros_like(values) for name, values in moving.items()}
    squares = {name: np.zeros_like(values) for name, values in moving.items()}

    def held() -> dict[Name, Affine]:
        return {name: project(name, Affine.split(values)) for name, values in moving.items()}

    best = held()
    least = loss_of(best)
    batch = min(schedule.batch, n_samples)
    steps, step = schedule.passes * (n_samples // batch), 0
    for _ in progress(range(schedule.passes), 'making up for pruned weights'):
        order = generator.permutation(n_samples)
        for first in range(0, n_samples - batch + 1, batch):
            step += 1
            rate = schedule.rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for name, gradient in gradient_of(held(), order[first : first + batch]).items():
                slope = np.where(free[name], gradient.joined, 0.0)
                means[name] += (1 - _MEAN) * (slope - means[name])
                squares[name] += (1 - _SQUARE) * (np.square(slope) - squares[name])
                root = np.sqrt(squares[name] / (1 - _SQUARE**step)) + _TINY
                moving[name] -= rate * size[name] * means[name] / (1 - _MEAN**step) / root
        found = held()
        loss = loss_of(found)
        if loss < least:
            best, least = found, loss
    return best


def _size(affine: Affine, kept: NDArray[np.bool_]) -> float:
    weights = affine.weights[kept & (affine.weights != 0)]
    return float(np.sqrt(np.mean(np.square(weights)))) if weights.size else 0.0
