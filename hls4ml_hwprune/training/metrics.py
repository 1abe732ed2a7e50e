"""How good a network is on the validation data: a number that is the higher, the better."""

import numpy as np
from numpy.typing import NDArray


def default_metric(y: NDArray, outputs: NDArray) -> float:
    """Share of samples that are put into their class; for a single output, or targets that are none, the share of variance.

    Parameters
    ----------
    y : ndarray
        Class numbers, shape (n,) or (n, 1), or a score for each class, (n, n_classes), of which the highest counts.
    outputs : ndarray, shape (n, n_outputs)
    """
    outputs = outputs.reshape(len(outputs), -1)
    if outputs.shape[1] > 1:
        scores = y.reshape(len(y), -1)
        labels = scores.argmax(axis=1) if scores.shape[1] > 1 else scores[:, 0]
        return float(np.mean(outputs.argmax(axis=1) == labels))
    target = y.reshape(len(y), -1).astype(float)
    return 1 - float(np.mean((outputs - target) ** 2) / max(np.var(target), 1e-12))
