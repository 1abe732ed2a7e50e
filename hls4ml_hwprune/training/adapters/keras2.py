"""Keras 2 and QKeras, on TensorFlow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.training.adapters.base import Hold
from hls4ml_hwprune.training.adapters.keras import KerasAdapter

_TINY = 1e-12


class Keras2Adapter(KerasAdapter):
    """A model of Keras 2."""

    def _numpy(self, variable: Any) -> NDArray:
        return np.asarray(variable)

    def _constrain(self, variable: Any, constraint: Any) -> None:
        variable._constraint = constraint

    def _state_variables(self) -> Sequence[Any]:
        return self.model.weights

    def _constraint(self, hold: Hold, before: Any, learning_rate: float) -> Any:
        import tensorflow as tf

        mask = tf.constant(hold.mask, tf.float32)

        def held(weights: Any) -> Any:
            if hold.fixed is not None:
                return tf.constant(hold.fixed)
            weights = (weights if before is None else before(weights)) * mask
            if hold.groups is None:
                return weights
            thresholds = hold.thresholds(learning_rate)
            norms = tf.sqrt(tf.math.unsorted_segment_sum(weights**2, hold.groups, len(thresholds)))
            return weights * tf.gather(tf.maximum(0.0, 1 - thresholds / (norms + _TINY)), hold.groups)

        return held
