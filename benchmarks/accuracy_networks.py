"""Networks whose accuracy is measured after pruning, with the inputs that pruning may look at and others to test on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_compile import PRECISION
from benchmarks.bench_snapping import NETWORKS
from benchmarks.networks import MNIST, SVHN, Network, networks
from benchmarks.trained import RECIPES, Recipe, trained

JETS, MLPS, CNNS = 'jet taggers', 'image MLPs', 'image CNNs'
SEED = 0
_SVHN_CALIBRATION = 200
_SVHN_SCALE = np.float32(255)
_SHIFT, _CONTRAST = 2, (0.7, 1.3)
_N_REAL = 300


@dataclass(frozen=True)
class Samples:
    """Inputs to calibrate with, which have no labels, and a test set that shares none of them."""

    calibration: NDArray[np.float32] = field(repr=False)
    x: NDArray[np.float32] = field(repr=False)
    y: NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True)
class Case:
    """A trained network and its data.

    Attributes
    ----------
    name : str
    group : str
        Cases of a group are held against the same bounds and share a panel of the figure.
    network : callable
        Returns the network for a folder with the shared data; trains it where that is needed.
    samples : callable
        Returns the samples for such a folder, with so many to calibrate with; None for as many as usual.
    constants : tuple of str
        Layers of the strategy Latency at reuse factor 1; all others have the strategy Resource.
    """

    name: str
    group: str
    network: Callable[[Path], Network]
    samples: Callable[[Path, int | None], Samples]
    constants: tuple[str, ...] = ()

    def hls_config(self, network: Network, reuse_factor: int) -> dict[str, Any]:
        """Return what stands under `HLSConfig` of a project; made anew each time, as hls4ml changes it."""
        config = network.hls_config(reuse_factor)
        if self.constants:
            config['LayerName'] = {name: {'Strategy': 'Latency', 'ReuseFactor': 1} for name in self.constants}
        return config


def jets(data: Path, n: int | None) -> Samples:
    """Calibrate on synthetic jets, test on all real ones."""
    with np.load(data / 'sets' / 'jets_synthetic_60k.npz') as arrays:
        calibration = _some(arrays['X'], 8000 if n is None else n)
    x, y = _real_jets(data)
    return Samples(calibration, x, y)


def few_real_jets(data: Path, n: int | None) -> Samples:
    """Calibrate on real jets, test on the others."""
    x, y = _real_jets(data)
    n = _N_REAL if n is None else min(n, _N_REAL)
    return Samples(x[:n], x[_N_REAL:], y[_N_REAL:])


def _real_jets(data: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    with np.load(data / 'sets' / 'jets_hlf_700.npz') as arrays:
        return np.ascontiguousarray(arrays['X'], np.float32), arrays['y']


def _some(x: NDArray[Any], n: int) -> NDArray[Any]:
    """Return `n` of the samples, always the same."""
    return x[np.random.default_rng(SEED).permutation(len(x))[:n]]


def images(recipe: Recipe, n_test: int | None, data: Path, n: int | None) -> Samples:
    """Calibrate on training images, test on the first of the test images; None for all of them."""
    with np.load(data / 'sets' / recipe.images) as arrays:
        calibration = _some(arrays['X_train'], 1000 if n is None else n)
        return Samples(recipe.inputs(calibration), recipe.inputs(arrays['X_test'][:n_test]), arrays['y_test'][:n_test])


def house_numbers(data: Path, n: int | None) -> Samples:
    """Calibrate on the first crops, and where more are asked for on changed copies of them; test on all others."""
    with np.load(data / 'sets' / 'svhn_683.npz') as arrays:
        x, y = arrays['X'].astype(np.float32) / _SVHN_SCALE, arrays['y']
    first = x[:_SVHN_CALIBRATION]
    n = _SVHN_CALIBRATION if n is None else n
    calibration = np.concatenate([first, _changed(first, max(0, n - len(first)))])[:n]
    return Samples(calibration, x[_SVHN_CALIBRATION:], y[_SVHN_CALIBRATION:])


def _changed(x: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Return `n` copies of images of shape (n, height, width, channels), shifted and of more or less contrast."""
    rng = np.random.default_rng(SEED)
    padded = np.pad(x, ((0, 0), (_SHIFT, _SHIFT), (_SHIFT, _SHIFT), (0, 0)), mode='edge')
    height, width = x.shape[1:3]
    copies = np.empty((n, *x.shape[1:]), np.float32)
    for number in range(n):
        top, left = rng.integers(0, 2 * _SHIFT + 1, 2)
        copy = padded[number % len(x), top : top + height, left : left + width]
        copies[number] = np.clip((copy - copy.mean()) * rng.uniform(*_CONTRAST) + copy.mean(), 0, 1)
    return copies


def _stored(name: str, data: Path) -> Network:
    return networks(data / 'models')[name]


def _own(recipe: Recipe, data: Path) -> Network:
    layers = recipe.layers(trained(recipe, data))
    return Network(recipe.name, layers, PRECISION, 'io_stream' if recipe.filters else 'io_parallel')


def cases(real_jets: bool = False) -> dict[str, Case]:
    """Return all cases by name; jet taggers calibrated with synthetic jets, or with real ones that are not tested on."""
    sample_jets = few_real_jets if real_jets else jets
    taggers = [
        Case(f'jets {name}', JETS, partial(_stored, file.removesuffix('.h5')), sample_jets)
        for name, file in NETWORKS.items()
    ]
    mnist, fashion, lenet = RECIPES
    others = [
        Case('mnist mlp', MLPS, partial(_own, mnist), partial(images, mnist, None)),
        # As stored: in the types of its quantisers no product would need a DSP.
        Case('mnist qkeras', MLPS, partial(_stored, MNIST), partial(images, mnist, None)),
        Case('fashion mlp', MLPS, partial(_own, fashion), partial(images, fashion, None)),
        Case('fashion lenet', CNNS, partial(_own, lenet), partial(images, lenet, 1000), ('conv_0', 'conv_1')),
        Case('svhn', CNNS, partial(_stored, SVHN), house_numbers, ('conv_0',)),
    ]
    return {case.name: case for case in (*taggers, *others)}
