"""Samples of a model: read when the flow begins, and kept beside the model."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from hls4ml_hwprune.config import BLOCK, Settings, respelled_block
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.graph.answers import task_of_samples
from hls4ml_hwprune.samples import Calibration, load_calibration

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


@dataclass(frozen=True)
class HeldSamples:
    """Samples that the settings name: for finding weights, and for measuring the result."""

    calibration: Calibration | None = None
    validation: Calibration | None = None


_HELD: 'WeakKeyDictionary[ModelGraph, HeldSamples]' = WeakKeyDictionary()


def hold_samples(model: 'ModelGraph', settings: Settings) -> None:
    """Read the samples that the settings name; arrays do not stay in the configuration, which is written as YAML.

    Raises
    ------
    ConfigError
        If they cannot be used, or are not for this network.
    """
    _HELD[model] = HeldSamples(
        _held(model, 'Calibration', settings.calibration, settings.task),
        _held(model, 'Validation', settings.validation, settings.task),
    )


def samples_of(model: 'ModelGraph') -> HeldSamples:
    """Return the samples that `hold_samples` read."""
    return _HELD.get(model, HeldSamples())


def load_samples(model: 'ModelGraph', value: Any, where: str, task: str) -> Calibration:
    """Read the samples of a network; the task and the last layer decide whether `y` holds labels or targets.

    Raises
    ------
    ConfigError
        If they cannot be used, or are not for this network.
    """
    shapes = [tuple(int(size) for size in variable.shape) for variable in model.get_input_variables()]
    samples = load_calibration(value, where, shapes, lambda y: task_of_samples(model, task, y) != 'regression')
    _check_labels(model, samples, where)
    return samples


def _held(model: 'ModelGraph', key: str, value: Any, task: str) -> Calibration | None:
    if value is None:
        return None
    where = f'Model.{BLOCK}.{key}'
    samples = load_samples(model, value, where, task)
    if not isinstance(value, str):
        hls_config = model.config.config['HLSConfig']
        block = {**respelled_block(hls_config['Model'][BLOCK])[0], key: f'an array of {samples.n_samples} samples'}
        # A copy: the configuration is the user's own dictionary.
        model.config.config['HLSConfig'] = {**hls_config, 'Model': {**hls_config['Model'], BLOCK: block}}
    return samples


def _check_labels(model: 'ModelGraph', samples: Calibration, where: str) -> None:
    """Refuse classes that a network does not have, and targets that are not one for each output."""
    if samples.y is None:
        return
    sizes = [prod(variable.shape) for variable in model.get_output_variables()]
    if samples.y.ndim == 2:
        if samples.y.shape[1] != sum(sizes):
            raise ConfigError(f'{where}: y has {samples.y.shape[1]} targets a sample, the network {sum(sizes)} outputs')
        return
    # A single output tells two classes apart.
    n_classes = min(max(2, size) for size in sizes)
    if samples.y.max() >= n_classes:
        raise ConfigError(
            f'{where}: y has class {samples.y.max()}, but the network only has the classes 0 to {n_classes - 1}'
        )
