"""What the examples share: the digits, the float networks, training, accuracy, and dense beside pruned firmware."""

import argparse
import copy
import logging
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# TensorFlow says a lot when it is imported.
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

import hls4ml
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import config as tensorflow_config
from tensorflow import keras

import hls4ml_hwprune

# On one thread sums are added in the same order on any number of cores, so that training gives the same weights again.
tensorflow_config.threading.set_intra_op_parallelism_threads(1)
tensorflow_config.threading.set_inter_op_parallelism_threads(1)

SEED = 0
N_CLASSES = 10
_LOG = logging.getLogger(__name__)
Layers = list[keras.layers.Layer]


@dataclass(frozen=True)
class Digits:
    """Images of shape (n, 8, 8, 1) in [0, 1) and their labels."""

    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]


def arguments(description: str | None) -> argparse.Namespace:
    """Read a script's command line, and let its messages be seen."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        '--output', type=Path, default=Path('demo_output'), metavar='DIR', help='where files and projects go'
    )
    parser.add_argument('--epochs', type=int, default=30, help='passes over the training images')
    logging.basicConfig(level=logging.INFO, format='%(message)s', stream=sys.stdout, force=True)
    return parser.parse_args()


def load() -> Digits:
    """Return the 1,797 digits, a quarter of them for testing; the split is always the same."""
    images, labels = load_digits(return_X_y=True)
    # Pixels are whole numbers up to 16; divided by a power of two they stay exact in fixed point.
    x = (images / 32).astype(np.float32).reshape(-1, 8, 8, 1)
    x_train, x_test, y_train, y_test = train_test_split(x, labels, test_size=0.25, random_state=SEED, stratify=labels)
    return Digits(x_train, y_train, x_test, y_test)


def shrink() -> keras.regularizers.Regularizer:
    """Return the regulariser of all weights: it leaves many near zero, where one-shot pruning costs little accuracy."""
    return keras.regularizers.L1(1e-3)


def mlp() -> Layers:
    """Layers of the float MLP, 64-32-32-10."""
    layers = keras.layers
    return [
        layers.Input((64,)),
        layers.Dense(32, activation='relu', kernel_regularizer=shrink(), name='fc1'),
        layers.Dense(32, activation='relu', kernel_regularizer=shrink(), name='fc2'),
        layers.Dense(N_CLASSES, kernel_regularizer=shrink(), name='fc3'),
        layers.Activation('softmax', name='softmax'),
    ]


def cnn() -> Layers:
    """Layers of the float CNN: two convolutions, pooling, one dense layer."""
    layers = keras.layers
    return [
        layers.Input((8, 8, 1)),
        layers.Conv2D(8, 3, activation='relu', kernel_regularizer=shrink(), name='conv1'),
        layers.Conv2D(16, 3, activation='relu', kernel_regularizer=shrink(), name='conv2'),
        layers.MaxPooling2D(2, name='pool'),
        layers.Flatten(name='flatten'),
        layers.Dense(N_CLASSES, kernel_regularizer=shrink(), name='fc'),
        layers.Activation('softmax', name='softmax'),
    ]


def train(make_layers: Callable[[], Layers], data: Digits, epochs: int = 30) -> keras.Model:
    """Train a classifier whose last layer is a softmax, from the same start each time."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(make_layers())
    model.compile(keras.optimizers.legacy.Adam(3e-3), 'sparse_categorical_crossentropy')
    model.fit(inputs(model, data.x_train), data.y_train, batch_size=32, epochs=epochs, verbose=0)
    return model


def save(model: keras.Model, path: Path) -> None:
    """Save as a Keras 2 .h5 file, which hls4ml's command line reads."""
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', message='You are saving your model as an HDF5 file')
        model.save(path)


def inputs(model: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Images in the shape that `model` takes."""
    return images.reshape(-1, *model.input_shape[1:])


def accuracy(outputs: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Share of rows of `outputs`, from Keras or from firmware, whose largest entry is at the label."""
    return float(np.mean(outputs.reshape(len(labels), -1).argmax(axis=1) == labels))


def compare(
    name: str,
    model: keras.Model,
    data: Digits,
    config: dict[str, Any],
    io_type: str,
    budget: Mapping[str, str],
    output: Path,
) -> None:
    """Convert a model plainly and within a budget, and log the accuracy of both firmwares on the test split."""
    x = inputs(model, data.x_test)
    pruned_config = copy.deepcopy(config)
    # All it takes; the table of the plan is logged during conversion.
    hls4ml_hwprune.enable(pruned_config, backend='Vitis', budget=budget)
    measured = {'Keras': accuracy(model.predict(x, verbose=0), data.y_test)}
    for kind, hls_config in (('dense', config), ('pruned', pruned_config)):
        firmware = hls4ml.converters.convert_from_keras_model(
            model, hls_config=hls_config, backend='Vitis', io_type=io_type, output_dir=str(output / f'{name}_{kind}')
        )
        firmware.compile()
        measured[f'{kind} firmware'] = accuracy(firmware.predict(x), data.y_test)
    _LOG.info('%s: accuracy on the test split: %s', name, ', '.join(f'{key} {value:.4f}' for key, value in measured.items()))
    change = measured['pruned firmware'] - measured['dense firmware']
    _LOG.info('%s: one-shot pruning, without retraining, changed the accuracy by %+.4f', name, change)
    _LOG.info('%s: sparse project in %s', name, output / f'{name}_pruned')
