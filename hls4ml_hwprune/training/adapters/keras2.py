"""Keras 2 and QKeras, on TensorFlow."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.training.adapters.base import Hold, Training
from hls4ml_hwprune.training.adapters.keras import KerasAdapter, is_scheduled
from hls4ml_hwprune.training.adapters.keras2_constraint import Constraint
from hls4ml_hwprune.training.samples import Arrays

# Optimizers that their variables describe in full.
_RESET = ('Adam', 'AdamW', 'RMSprop', 'SGD')


class Keras2Adapter(KerasAdapter):
    """A model of Keras 2.

    TensorFlow takes longer to trace a training step than to train a small network, so a round goes on with the functions of
    the round before where it can: their constraints and their optimizer get the values that new ones would have.
    """

    def __init__(self, model: Any, keras: Any) -> None:
        super().__init__(model, keras)
        self._held: dict[str, Constraint] = {}
        # Training that the model is compiled for, and its optimizer.
        self._ready: tuple[Training, Any] | None = None

    def _hold(self, holds: Mapping[str, Hold], rate: float) -> None:
        held = self._held
        if held.keys() == holds.keys() and all(held[name].fits(hold, rate) for name, hold in holds.items()):
            for name, hold in holds.items():
                held[name].assign(hold, rate)
        else:
            self._held = {name: self._constraint(hold, self._constraints[name], rate) for name, hold in holds.items()}
            self._ready = None
        for name, variable in self._variables.items():
            self._constrain(variable, self._held.get(name, self._constraints[name]))

    def _prepare(self, training: Training, optimizer: Any, rate: float) -> None:
        if self._is_ready(training, optimizer):
            self._build(optimizer)
            own = self.model.optimizer
            for variable, value in zip(own.variables, optimizer.variables, strict=True):
                variable.assign(value)
            if not is_scheduled(optimizer):
                own.learning_rate = rate
        else:
            super()._prepare(training, optimizer, rate)
            self._ready = training, optimizer

    def _is_ready(self, training: Training, optimizer: Any) -> bool:
        """Whether the model may go on as compiled: callbacks may change it, and random layers are seeded when traced."""
        if self._ready is None or training.callbacks or self._is_random():
            return False
        before, last = self._ready
        is_known = any(type(optimizer) is getattr(self.keras.optimizers, name, None) for name in _RESET)
        return is_known and training is before and self.model.optimizer is last

    def _numpy(self, variable: Any) -> NDArray:
        return np.asarray(variable)

    def _seed(self, seed: int, in_order: bool) -> None:
        """Seed random numbers; those of TensorFlow, which forgets all compiled functions then, where some may be drawn."""
        if in_order and self.resumes_anywhere and self.model.train_function is not None:
            random.seed(seed)
            np.random.seed(seed)
        else:
            super()._seed(seed, in_order)

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

    def _constraint(self, hold: Hold, before: Any, learning_rate: float) -> Constraint:
        return Constraint(hold, before, learning_rate)
