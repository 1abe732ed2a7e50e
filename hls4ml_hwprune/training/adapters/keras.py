"""Keras: the common adapter of versions 2 and 3, with masks as weight constraints."""

import logging
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.training.adapters.base import Adapter, Hold, Training
from hls4ml_hwprune.training.adapters.keras_variables import named_variables
from hls4ml_hwprune.training.samples import Arrays, Inputs

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_LOG = logging.getLogger(__name__)
_RANDOM = ('Dropout', 'Noise', 'Random')
_PREDICTED = 1024
# Further arguments that a model was compiled with, and is again.
_METRICS = ('metrics', 'weighted_metrics')
_COMPILED = (*_METRICS, 'loss_weights', 'run_eagerly', 'jit_compile')
# Samples on which the model's own metrics are tried.
_TRIED = 2


class KerasAdapter(Adapter):
    """A Keras model.

    Masks are constraints on the variables, which every optimizer applies after its step: so they hold in `fit`, with the
    user's callbacks and data sets, on any engine.
    """

    def __init__(self, model: Any, keras: Any) -> None:
        super().__init__(model)
        self.keras = keras
        self._variables = dict(named_variables(model))
        self._constraints = {name: variable.constraint for name, variable in self._variables.items()}
        # As the user compiled it: rounds of training change the learning rate.
        self._own = self._copied(getattr(model, 'optimizer', None) or 'adam')
        self._own_loss = getattr(model, 'loss', None)
        given = getattr(model, '_compile_config', None)
        self._compiled = {} if given is None else {name: given.config[name] for name in _COMPILED if name in given.config}
        self._has_tried_metrics = False
        self._training: Training | None = None
        self._rate: float | None = None

    def weights(self) -> dict[str, NDArray[np.float32]]:  # noqa: D102  # as in the base class
        return {name: self._numpy(variable) for name, variable in self._variables.items()}

    def set_weights(self, weights: Mapping[str, NDArray]) -> None:  # noqa: D102
        for name, array in weights.items():
            self._variables[name].assign(array)

    def to_matrix(self, weights: NDArray) -> NDArray:  # noqa: D102
        return weights.reshape(-1, weights.shape[-1]).T

    def from_matrix(self, matrix: NDArray, like: NDArray) -> NDArray:  # noqa: D102
        return np.ascontiguousarray(matrix.T).reshape(like.shape)

    def channel_counts(self, weights: NDArray) -> Sequence[int]:  # noqa: D102
        return (1,)

    def convert(self, config: dict[str, Any], **conversion: Any) -> 'ModelGraph':  # noqa: D102
        import hls4ml

        return hls4ml.converters.convert_from_keras_model(self.model, hls_config=config, **conversion)

    def to_network(self, x: Inputs, shapes: Sequence[tuple[int, ...]]) -> Inputs:  # noqa: D102
        return x

    def predict(self, x: Inputs) -> NDArray:  # noqa: D102
        # Called and not `predict`, for which Keras would trace a function after each round.
        parts = []
        for first in range(0, len(x[0]), _PREDICTED):
            found = self.model(_single(tuple(array[first : first + _PREDICTED] for array in x)), training=False)
            parts.append(self._numpy(found[0] if isinstance(found, list | tuple) else found))
        return np.concatenate(parts)

    def check(self, loss: Any) -> None:  # noqa: D102
        outputs = getattr(self.model, 'outputs', None) or ()
        if len(outputs) != 1:
            raise ConfigError(f'model: expected a functional or sequential model of one output, it has {len(outputs)}')
        if not (loss or self._own_loss):
            raise ConfigError('loss: needed, as the model was not compiled with one')

    def begin(self, training: Training, holds: Mapping[str, Hold]) -> None:  # noqa: D102
        self._training = training
        optimizer = self._copied(training.optimizer or self._own)
        rate = self._first_rate(optimizer)
        self._rate = rate if training.decays and not is_scheduled(optimizer) else None
        self._hold(holds, rate)
        self._prepare(training, optimizer, rate)

    def _hold(self, holds: Mapping[str, Hold], rate: float) -> None:
        """Put the constraints of a round on the variables."""
        for name, variable in self._variables.items():
            before = self._constraints[name]
            hold = holds.get(name)
            self._constrain(variable, before if hold is None else self._constraint(hold, before, rate))

    def _prepare(self, training: Training, optimizer: Any, rate: float) -> None:
        """Get the model ready for a round with a new optimizer: no function that was traced with other masks is used."""
        self._compile(optimizer, training.loss or self._own_loss)
        if training.loss is not None and self._drop_unfit_metrics(training.validation):
            self._compile(optimizer, training.loss)
        self._build(optimizer)

    def train(self, first: int, last: int, epochs: int, seed: int) -> None:  # noqa: D102
        assert self._training is not None
        training = self._training
        data = training.data
        in_order = isinstance(data, Arrays) and last == first + 1
        self._seed(seed, in_order)
        callbacks = list(training.callbacks)
        seen = {'validation_data': (_single(training.validation.x), training.validation.y)} if callbacks else {}
        if (rate := self._rate) is not None:
            # By epoch: a round that can only be done as a whole decays too.
            callbacks.append(self.keras.callbacks.LearningRateScheduler(lambda epoch: rate * training.rate(epoch, epochs)))
        fitted = {'x': data}
        if in_order:
            # In an order of its own, whatever else the framework has drawn random numbers for.
            fitted = self._in_order(data.take(np.random.default_rng(seed).permutation(len(data))), training.batch_size)
        elif isinstance(data, Arrays):
            fitted = {'x': _single(data.x), 'y': data.y, 'batch_size': training.batch_size, 'shuffle': True}
        self.model.fit(**fitted, **seen, initial_epoch=first, epochs=last, callbacks=callbacks, verbose=0)

    def _seed(self, seed: int, in_order: bool) -> None:
        """Seed all random numbers of a training; `in_order` if the order of its samples needs none."""
        self.keras.utils.set_random_seed(seed)

    def _in_order(self, data: Arrays, batch_size: int) -> dict[str, Any]:
        """Return arguments of `fit` for samples in the order that they have."""
        return {'x': _single(data.x), 'y': data.y, 'batch_size': batch_size, 'shuffle': False}

    def end(self) -> None:  # noqa: D102
        if self._training is not None and self._rate is not None:
            self.model.optimizer.learning_rate = self._rate
        self._training = None
        for name, variable in self._variables.items():
            self._constrain(variable, self._constraints[name])

    def keep_masks(self, masks: Mapping[str, NDArray[np.bool_]]) -> None:  # noqa: D102
        own = self.weights()
        self.set_weights({name: np.where(mask, own[name], 0) for name, mask in masks.items()})
        for name, mask in masks.items():
            self._constrain(self._variables[name], self._constraint(Hold(mask), self._constraints[name], 0.0))
        if getattr(self.model, 'optimizer', None) is not None:
            # A function that was traced before knows nothing of the constraints.
            self._compile(self._copied(self._own), self.model.loss)

    def state(self) -> dict[str, NDArray]:  # noqa: D102
        found = {f'model/{i}': self._numpy(variable) for i, variable in enumerate(self._state_variables())}
        if self._training is not None:
            found |= {f'optimizer/{i}': self._numpy(v) for i, v in enumerate(self._optimizer_variables())}
        return found

    def load(self, state: Mapping[str, NDArray]) -> None:  # noqa: D102
        for i, variable in enumerate(self._state_variables()):
            variable.assign(state[f'model/{i}'])
        if self._training is not None and 'optimizer/0' in state:
            for i, variable in enumerate(self._optimizer_variables()):
                variable.assign(state[f'optimizer/{i}'])

    def _compile(self, optimizer: Any, loss: Any) -> None:
        self.model.compile(optimizer=optimizer, loss=loss, **self._compiled)

    def _drop_unfit_metrics(self, samples: Arrays) -> bool:
        """Drop the model's own metrics if targets for another loss do not fit them; return whether they were dropped."""
        if self._has_tried_metrics or not any(self._compiled.get(name) for name in _METRICS):
            return False
        self._has_tried_metrics = True
        few = samples.take(np.arange(min(_TRIED, len(samples))))
        try:
            self.model.test_on_batch(_single(few.x), few.y)
        except Exception as error:  # metrics are anybody's code
            _LOG.warning('metrics that the model was compiled with are left out, as the targets do not fit them')
            _LOG.debug('the error of the metrics: %s', error)
            # Keras 3 keeps the metrics of before where it is given none.
            self._compiled |= {name: [] for name in _METRICS}
            return True
        return False

    def _build(self, optimizer: Any) -> None:
        optimizer.build(self.model.trainable_variables)

    def _first_rate(self, optimizer: Any) -> float:
        return float(self._numpy(optimizer.learning_rate))

    def _optimizer_variables(self) -> list[Any]:
        return list(self.model.optimizer.variables)

    def _copied(self, optimizer: Any) -> Any:
        """Return an optimizer of the same settings that has seen nothing yet."""
        if isinstance(optimizer, str):
            return self.keras.optimizers.get(optimizer)
        return type(optimizer).from_config(optimizer.get_config())

    @abstractmethod
    def _numpy(self, variable: Any) -> NDArray:
        """Return the value of a variable or tensor."""

    @abstractmethod
    def _constrain(self, variable: Any, constraint: Any) -> None:
        """Put a constraint on a variable."""

    @abstractmethod
    def _constraint(self, hold: Hold, before: Any, learning_rate: float) -> Any:
        """Return the constraint of `hold`, applied after another."""

    @abstractmethod
    def _state_variables(self) -> Sequence[Any]:
        """Return the variables of the model that training changes."""

    @property
    def resumes_anywhere(self) -> bool:
        """Not with callbacks, nor with random layers: some engines keep their generators where nobody can reach them."""
        return not self._is_random() and not (self._training is not None and self._training.callbacks)

    def _is_random(self) -> bool:
        layers = self.model._flatten_layers(include_self=False, recursive=True)
        return any(word in type(layer).__name__ for layer in layers for word in _RANDOM)


def is_scheduled(optimizer: Any) -> bool:
    """Whether the user has a schedule for the learning rate, which cannot be set then."""
    return isinstance(optimizer.get_config()['learning_rate'], dict)


def _single(x: Inputs) -> Any:
    return x[0] if len(x) == 1 else list(x)
