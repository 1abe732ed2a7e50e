"""Keras 2 and QKeras, on TensorFlow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.training.adapters.base import Hold
from hls4ml_hwprune.training.adapters.keras import KerasAdapter
from hls4ml_hwprune.training.samples import Arrays

_TINY = 1e-12


class Keras2Adapter(KerasAdapter):
    """A model of Keras 2."""

    def _numpy(self, variable: Any) -> NDArray:
        return np.asarray(variable)

    def _in_order(self, data: Arrays, batch_size: int) -> dict[str, Any]:
        """Return a data set of the batches that Keras makes of arrays: of arrays it traces three functions in each `fit`."""
        import tensorflow as tf

        x = tuple(map(self._in_floats, data.x))
        samples = (x[0] if len(x) == 1 else x), self._in_floats(data.y)
        return {'x': tf.data.Dataset.from_tensor_slices(samples).batch(batch_size)}

    def _in_floats(self, array: NDArray) -> NDArray:
        """Return an array whose floating-point numbers are of the type that Keras calculates in."""
        return array.astype(self.keras.backend.floatx()) if array.dtype.kind == 'f' else array

    def _constrain(self, variable: Any, constraint: Any) -> None:
        variable._constraint = constraint

    def _state_variables(self) -> Sequence[Any]:
        return self.model.weights

    def _build(self, optimizer: Any) -> None:
        if self._is_legacy(optimizer):
            optimizer._create_all_weights(self.model.trainable_variables)
        else:
            super()._build(optimizer)

    def _first_rate(self, optimizer: Any) -> float:
        rate = optimizer.learning_rate
        # A legacy optimizer gives its schedule.
        return float(self._numpy(rate(0) if callable(rate) else rate))

    def _optimizer_variables(self) -> list[Any]:
        optimizer = self.model.optimizer
        return list(optimizer.variables()) if self._is_legacy(optimizer) else super()._optimizer_variables()

    def _is_legacy(self, optimizer: Any) -> bool:
        return isinstance(optimizer, self.keras.optimizers.legacy.Optimizer)

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
