"""What the examples share: scikit-learn's handwritten digits, two networks' training, and accuracy."""

import os
from collections.abc import Callable
from dataclasses import dataclass

# TensorFlow says a lot when it is imported.
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras

SEED = 0
N_CLASSES = 10


@dataclass(frozen=True)
class Digits:
    """Images of shape (n, 8, 8, 1) in [0, 1) and their labels."""

    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]


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


def train(make_layers: Callable[[], list[keras.layers.Layer]], data: Digits, epochs: int) -> keras.Model:
    """Train a classifier made of layers of which the last is a softmax, from the same start each time."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(make_layers())
    # The legacy optimiser is the one whose state a Keras 2 .h5 file can always hold.
    model.compile(keras.optimizers.legacy.Adam(3e-3), 'sparse_categorical_crossentropy')
    model.fit(inputs(model, data.x_train), data.y_train, batch_size=32, epochs=epochs, verbose=0)
    return model


def inputs(model: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Images in the shape that `model` takes."""
    return images.reshape(-1, *model.input_shape[1:])


def accuracy(outputs: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Share of rows of `outputs`, from Keras or from firmware, whose largest entry is at the label."""
    return float(np.mean(outputs.reshape(len(labels), -1).argmax(axis=1) == labels))
