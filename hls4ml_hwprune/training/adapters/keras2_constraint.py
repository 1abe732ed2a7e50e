"""Weight constraint of Keras 2 in TensorFlow variables: the same traced function serves all plans of a run."""

from typing import Any

import numpy as np
import tensorflow as tf

from hls4ml_hwprune.training.adapters.base import Hold

_TINY = 1e-12


class Constraint:
    """Constraint of a `Hold`, applied after another.

    Parameters
    ----------
    hold : Hold
    before : callable or None
        Constraint of the user.
    learning_rate : float
    """

    def __init__(self, hold: Hold, before: Any, learning_rate: float) -> None:
        self.before = before
        self._parts = {name: _variable(array) for name, array in _arrays(hold, learning_rate).items()}

    def fits(self, hold: Hold, learning_rate: float) -> bool:
        """Whether another hold has the same parts, so that a function that was traced with this one serves it."""
        return self._parts.keys() == _arrays(hold, learning_rate).keys()

    def assign(self, hold: Hold, learning_rate: float) -> None:
        """Become the constraint of another hold that fits."""
        for name, array in _arrays(hold, learning_rate).items():
            self._parts[name].assign(array)

    def __call__(self, weights: Any) -> Any:
        """Return the weights that a step of the optimizer leaves."""
        parts = self._parts
        if 'fixed' in parts:
            return tf.reshape(parts['fixed'], weights.shape)
        weights = (weights if self.before is None else self.before(weights)) * tf.reshape(parts['mask'], weights.shape)
        if 'groups' not in parts:
            return weights
        groups, thresholds = tf.reshape(parts['groups'], weights.shape), tf.convert_to_tensor(parts['thresholds'])
        norms = tf.sqrt(tf.math.unsorted_segment_sum(weights**2, groups, tf.size(thresholds)))
        return weights * tf.gather(tf.maximum(0.0, 1 - thresholds / (norms + _TINY)), groups)


def _arrays(hold: Hold, learning_rate: float) -> dict[str, Any]:
    if hold.fixed is not None:
        return {'fixed': hold.fixed}
    mask = {'mask': hold.mask.astype(np.float32)}
    return mask if hold.groups is None else mask | {'groups': hold.groups, 'thresholds': hold.thresholds(learning_rate)}


def _variable(array: Any) -> Any:
    """Return a variable of any size: weights are in as many groups as they fill."""
    return tf.Variable(array, trainable=False, shape=tf.TensorShape(None))
