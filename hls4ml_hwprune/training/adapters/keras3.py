"""Keras 3, on any of its engines."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from hls4ml_hwprune.training.adapters.base import Hold
from hls4ml_hwprune.training.adapters.keras import KerasAdapter

_TINY = 1e-12


class Keras3Adapter(KerasAdapter):
    """A model of Keras 3."""

    def _numpy(self, variable: Any) -> NDArray:
        return self.keras.ops.convert_to_numpy(variable)

    def _constrain(self, variable: Any, constraint: Any) -> None:
        variable.constraint = constraint

    def _state_variables(self) -> Sequence[Any]:
        return self.model.variables

    def _constraint(self, hold: Hold, before: Any, learning_rate: float) -> Any:
        ops = self.keras.ops

        class Held(self.keras.constraints.Constraint):  # type: ignore[name-defined]
            def __call__(self, weights: Any) -> Any:
                if hold.fixed is not None:
                    return ops.convert_to_tensor(hold.fixed)
                weights = (weights if before is None else before(weights)) * ops.convert_to_tensor(hold.mask, 'float32')
                if hold.groups is None:
                    return weights
                thresholds, flat = hold.thresholds(learning_rate), hold.groups.ravel()
                sums = ops.segment_sum(ops.reshape(weights**2, (-1,)), ops.convert_to_tensor(flat), len(thresholds))
                factors = ops.maximum(0.0, 1 - ops.convert_to_tensor(thresholds) / (ops.sqrt(sums) + _TINY))
                return weights * ops.reshape(ops.take(factors, ops.convert_to_tensor(flat)), weights.shape)

        return Held()
