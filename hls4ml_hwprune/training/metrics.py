"""Default validation metric: a number that is the higher, the better."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.evaluation import Measure, are_classes, compare_answers, network_loss


def default_metric(y: NDArray, outputs: NDArray, task: str = 'auto') -> float:
    """Share of samples that are put into their class; for values the share of their variance that is explained.

    Parameters
    ----------
    y : ndarray
        Class numbers, shape (n,) or (n, 1), or a score for each class, (n, n_classes): the highest counts; or targets,
        of the shape of the outputs.
    outputs : ndarray, shape (n, n_outputs)
    task : {'auto', 'classification', 'regression'}
        With 'auto' a classification has several outputs, and whole numbers or shares of classes for targets.
    """
    outputs, target = outputs.reshape(len(outputs), -1), y.reshape(len(y), -1).astype(float)
    if task == 'classification' or (task == 'auto' and outputs.shape[1] > 1 and are_classes(target)):
        labels = target.argmax(axis=1) if target.shape[1] > 1 else target[:, 0].astype(np.int64)
        found = compare_answers(outputs, y=labels)
        assert found.accuracy is not None
        return found.accuracy
    if target.shape != outputs.shape:
        raise ConfigError(f'data: {target.shape[1]} targets a sample, but the network has {outputs.shape[1]} outputs')
    return 1 - network_loss(target, outputs, measures=[Measure('values', target.shape[1])])
