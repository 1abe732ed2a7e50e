"""Inputs and targets of the networks: jets, images, and sequences of constituents that are made here."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.trained import N_CLASSES, PIXEL_SCALE

SEED = 0
_N_CALIBRATION = 500
N_CONSTITUENTS, N_FEATURES = 20, 5
_N_SEQUENCES, _N_TEST = 12_000, 1000
# Prongs of a top jet; distance of their axes from the jet's, and spread of constituents around an axis.
_PRONGS, _RADIUS, _SPREAD = 3, (0.2, 0.5), 0.06
# Share of a background jet that a second, soft prong takes at most.
_SOFT = 0.2


@dataclass(frozen=True)
class Data:
    """Training inputs and their targets, and test inputs with classes that nothing is trained on.

    Attributes
    ----------
    x, x_test : ndarray, shape (n, ...)
    y : ndarray, shape (n, n_classes)
        One-hot, or shares.
    y_test : ndarray of int, shape (n,)
    """

    x: NDArray[np.float32] = field(repr=False)
    y: NDArray[np.float32] = field(repr=False)
    x_test: NDArray[np.float32] = field(repr=False)
    y_test: NDArray[np.int64] = field(repr=False)

    @property
    def calibration(self) -> NDArray[np.float32]:
        """Some of the training inputs, always the same."""
        return self.x[np.random.default_rng(SEED).permutation(len(self.x))[:_N_CALIBRATION]]


def jets(data: Path) -> Data:
    """60,000 synthetic jets with soft labels to train on, 700 real ones to test on."""
    with np.load(data / 'sets' / 'jets_synthetic_60k.npz') as made, np.load(data / 'sets' / 'jets_hlf_700.npz') as real:
        y = made['teacher_prob'].astype(np.float32)
        return Data(made['X'], y, np.ascontiguousarray(real['X'], np.float32), real['y'])


def images(data: Path, file: str = 'fashion_mnist.npz', n_test: int = 1000) -> Data:
    """Images of shape (28, 28, 1) in [0, 1)."""
    with np.load(data / 'sets' / file) as arrays:
        x, x_test = ((arrays[name].astype(np.float32) / PIXEL_SCALE)[..., None] for name in ('X_train', 'X_test'))
        return Data(x, one_hot(arrays['y_train'], N_CLASSES), x_test[:n_test], arrays['y_test'][:n_test].astype(np.int64))


def one_hot(classes: NDArray[Any], n: int) -> NDArray[np.float32]:
    """Return rows with a one for the class."""
    return np.eye(n, dtype=np.float32)[classes]


def constituents(n: int = _N_SEQUENCES, n_test: int = _N_TEST) -> Data:
    """Sequences of constituents made by a seeded recipe: no simulation of physics.

    A top jet has three prongs of random shares around its axis, another jet one and a soft second; constituents fall
    exponentially in momentum, spread around their prong, and stand in descending order of momentum. The features are the
    logarithm of the momentum's share, the distances in both angles and around the axis, and the share itself.
    """
    rng = np.random.default_rng(SEED)
    classes = rng.integers(0, 2, n + n_test)
    x = np.stack([_jet(rng, bool(top)) for top in classes]).astype(np.float32)
    return Data(x[:n], one_hot(classes[:n], 2), x[n:], classes[n:])


def _jet(rng: np.random.Generator, top: bool) -> NDArray[np.float64]:
    """Features of one jet, shape (constituents, features)."""
    shares = rng.dirichlet(np.full(_PRONGS, 4.0)) if top else _background_shares(rng)
    angles = rng.uniform(0, 2 * np.pi, _PRONGS)
    axes = rng.uniform(*_RADIUS, (_PRONGS, 1)) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    momenta = np.sort(rng.exponential(1.0, N_CONSTITUENTS))[::-1]
    momenta /= momenta.sum()
    places = axes[rng.choice(_PRONGS, N_CONSTITUENTS, p=shares)] + rng.normal(0, _SPREAD, (N_CONSTITUENTS, 2))
    places -= momenta @ places
    distance = np.hypot(*places.T)
    return np.stack([np.log(momenta + 1e-3) / 2 + 2, *(4 * places.T), 4 * distance, 4 * momenta], axis=1)


def _background_shares(rng: np.random.Generator) -> NDArray[np.float64]:
    soft = rng.uniform(0, _SOFT)
    return np.array([1 - soft, soft, 0.0])
