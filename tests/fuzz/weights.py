"""Random weights, usual and weird: of any scale, repeated, zero in whole rows and columns."""

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

KINDS = ('normal', 'normal', 'normal', 'zero', 'repeated', 'one', 'huge', 'tiny', 'sparse', 'rows', 'powers', 'mixed')


def random_weights(rng: Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Weights of one of the `KINDS`; the last axis of `shape` counts outputs."""
    kind = rng.choice(KINDS)
    normal = rng.normal(0, 0.7, shape)
    if kind == 'zero':
        normal = np.zeros(shape)
    elif kind == 'repeated':
        normal = rng.choice([-0.75, -0.25, 0.5, 1.0], shape)
    elif kind == 'one':
        normal = np.full(shape, rng.choice([-1.0, 0.5, 1.0]))
    elif kind in ('huge', 'tiny'):
        normal = normal * (1e4 if kind == 'huge' else 1e-4)
    elif kind == 'sparse':
        normal = np.where(rng.random(shape) < 0.8, 0.0, normal)
    elif kind == 'rows':
        normal = normal * (rng.random(shape[-1]) < 0.6) * (rng.random((*shape[-2:-1], 1)) < 0.6)
    elif kind == 'powers':
        normal = np.sign(normal) * 2.0 ** rng.integers(-4, 2, shape)
    elif kind == 'mixed':
        normal = normal * 10.0 ** rng.integers(-5, 3, shape)
    return normal.astype(np.float32).reshape(shape)


def set_random_weights(rng: Generator, model: Any) -> None:
    """Give every layer of a Keras model random weights; variances and scales of batch normalisations stay positive."""
    for layer in model.layers:
        made = []
        for variable, old in zip(layer.weights, layer.get_weights(), strict=True):
            if 'variance' in variable.name or 'gamma' in variable.name:
                made.append(rng.uniform(0.3, 2.0, old.shape))
            elif old.ndim == 1:
                made.append(rng.normal(0, 0.5, old.shape) if rng.random() < 0.9 else np.zeros(old.shape))
            else:
                made.append(random_weights(rng, old.shape))
        layer.set_weights(made)
