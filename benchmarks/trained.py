"""Networks that a benchmark trains itself, on images of the shared data: from fixed seeds, on one thread, kept in a cache.

TensorFlow is needed where the cache has no weights; they depend on its version, but not on the machine's load.
"""

import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import DATA
from benchmarks.layers import POOL, Arrays, Layers, conv2d, dense, flatten, image, max_pool2d, relu, softmax

CACHE = Path(__file__).resolve().parent / '.cache'
# A power of two, so that pixels are exact in fixed point.
PIXEL_SCALE = 256
SEED, N_CLASSES = 0, 10
_SIDE, _WINDOW = 28, 5
_BATCH = 64
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """A classifier of images, and how it is trained.

    Attributes
    ----------
    name : str
    images : str
        File of the shared data.
    hidden : tuple of int
        Sizes of the dense layers before the last.
    filters : tuple of int, optional
        Of convolutions 5x5, each with pooling behind it; without any, images are vectors.
    epochs : int
        Passes over the training images.
    learning_rate, dropout, l2 : float
        The first rate, which falls to zero; inputs of the dense layers but the first that are dropped; squares of weights.
    smoothing : float
        Of labels: it keeps the scores of the classes within the range of 16-bit fixed point.
    """

    name: str
    images: str
    hidden: tuple[int, ...]
    filters: tuple[int, ...] = ()
    epochs: int = 20
    learning_rate: float = 2e-3
    dropout: float = 0.2
    l2: float = 1e-4
    smoothing: float = 0.1

    def inputs(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return what the network takes for images of shape (n, 28, 28)."""
        shape = (_SIDE, _SIDE, 1) if self.filters else (_SIDE * _SIDE,)
        return (pixels.astype(np.float32) / PIXEL_SCALE).reshape(-1, *shape)

    def layers(self, arrays: Arrays) -> Layers:
        """Return the trained network as hls4ml's converters would."""
        return list(self._layers(arrays))

    def _layers(self, arrays: Arrays) -> Iterator[dict[str, Any]]:
        size = _SIDE
        yield image((size, size, 1)) if self.filters else image((size * size,))
        for number, n_filt in enumerate(self.filters):
            name = f'conv_{number}'
            yield conv2d(name, arrays[f'{name}/kernel'], size, arrays[f'{name}/bias'])
            size -= _WINDOW - 1
            yield relu(f'relu_{name}')
            yield max_pool2d(f'pool_{number}', size, n_filt)
            size //= POOL
        if self.filters:
            yield flatten(size * size * self.filters[-1])
        for number in range(len(self.hidden)):
            name = f'dense_{number}'
            yield dense(name, arrays[f'{name}/kernel'], arrays[f'{name}/bias'])
            yield relu(f'relu_{name}')
        yield dense('output_dense', arrays['output_dense/kernel'], arrays['output_dense/bias'])
        yield softmax()


RECIPES = (
    Recipe('mnist_mlp', 'mnist.npz', (64, 32)),
    Recipe('fashion_mlp', 'fashion_mnist.npz', (128, 64)),
    Recipe('fashion_lenet', 'fashion_mnist.npz', (120, 84), (8, 16)),
)


def trained(recipe: Recipe, data: Path = DATA, cache: Path = CACHE) -> Arrays:
    """Weights by the names of their layer and their own, from the cache if they are there."""
    file = cache / f'{recipe.name}-{hashlib.sha256(repr(recipe).encode()).hexdigest()[:8]}.npz'
    if not file.is_file():
        started = perf_counter()
        arrays = _train(recipe, data)
        cache.mkdir(parents=True, exist_ok=True)
        # Another run must not find half of them.
        partial = file.with_suffix(f'.{os.getpid()}.npz')
        np.savez(partial, **arrays)
        partial.replace(file)
        logger.info('%s trained in %.0f s', recipe.name, perf_counter() - started)
    with np.load(file) as found:
        return dict(found)


def _train(recipe: Recipe, data: Path) -> Arrays:
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    import tensorflow as tf

    # Must come before anything is computed.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.keras.utils.set_random_seed(SEED)
    model = tf.keras.Sequential(keras_layers(recipe, tf.keras))
    with np.load(data / 'sets' / recipe.images) as arrays:
        x, y = recipe.inputs(arrays['X_train']), tf.one_hot(arrays['y_train'], N_CLASSES)
    steps = recipe.epochs * -(-len(x) // _BATCH)
    rate = tf.keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
    loss = tf.keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing)
    model.compile(tf.keras.optimizers.legacy.Adam(rate), loss)
    model.fit(x, y, batch_size=_BATCH, epochs=recipe.epochs, verbose=0)
    return {f'{layer.name}/{kind}': array for layer in model.layers for kind, array in _named(layer)}


def _named(layer: Any) -> Iterator[tuple[str, NDArray[np.float32]]]:
    return zip(('kernel', 'bias'), layer.get_weights(), strict=False)


def keras_layers(recipe: Recipe, keras: Any) -> list[Any]:
    """Return the layers to train; their names are those of `Recipe.layers`."""
    layers, regularizer = keras.layers, keras.regularizers.L2(recipe.l2)
    found = [layers.Input((_SIDE, _SIDE, 1) if recipe.filters else (_SIDE * _SIDE,))]
    for number, n_filt in enumerate(recipe.filters):
        found += [
            layers.Conv2D(n_filt, _WINDOW, activation='relu', kernel_regularizer=regularizer, name=f'conv_{number}'),
            layers.MaxPooling2D(POOL),
        ]
    if recipe.filters:
        found.append(layers.Flatten())
    for number, size in enumerate(recipe.hidden):
        found += [
            layers.Dense(size, activation='relu', kernel_regularizer=regularizer, name=f'dense_{number}'),
            layers.Dropout(recipe.dropout),
        ]
    return [*found, layers.Dense(N_CLASSES, activation='softmax', kernel_regularizer=regularizer, name='output_dense')]
