"""What the examples share: scikit-learn's handwritten digits, training with fixed seeds, conversion and accuracy."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras

_LOG = logging.getLogger(__name__)
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
    # Pixels are whole numbers up to 16: a power of two keeps them exact in fixed point.
    x = (images / 32).astype(np.float32).reshape(-1, 8, 8, 1)
    x_train, x_test, y_train, y_test = train_test_split(x, labels, test_size=0.25, random_state=SEED, stratify=labels)
    return Digits(x_train, y_train, x_test, y_test)


def train(model: keras.Model, data: Digits, epochs: int) -> keras.Model:
    """Train a classifier that ends in a softmax."""
    model.compile(keras.optimizers.legacy.Adam(3e-3), 'sparse_categorical_crossentropy', metrics=['accuracy'])
    model.fit(data.x_train, data.y_train, batch_size=32, epochs=epochs, verbose=0)
    return model


def accuracy(outputs: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Share of rows of `outputs`, from Keras or from firmware, whose largest entry is at the label."""
    return float(np.mean(outputs.reshape(len(labels), -1).argmax(axis=1) == labels))
