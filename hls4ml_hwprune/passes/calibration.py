"""Samples of a model: read when the flow begins, and kept beside the model."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from hls4ml_hwprune.calibration import Calibration, load_calibration
from hls4ml_hwprune.config import BLOCK, Settings
from hls4ml_hwprune.errors import ConfigError

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


@dataclass(frozen=True)
class HeldSamples:
    """Samples that the settings name: for finding weights, and for measuring what came of it."""

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
        _held(model, 'Calibration', settings.calibration), _held(model, 'Validation', settings.validation)
    )


def samples_of(model: 'ModelGraph') -> HeldSamples:
    """Return the samples that `hold_samples` read."""
    return _HELD.get(model, HeldSamples())


def _held(model: 'ModelGraph', key: str, value: Any) -> Calibration | None:
    if value is None:
        return None
    where = f'Model.{BLOCK}.{key}'
    samples = load_calibration(value, where, input_shapes(model))
    check_classes(model, samples, where)
    if not isinstance(value, str):
        hls_config = model.config.config['HLSConfig']
        block = {**hls_config['Model'][BLOCK], key: f'an array of {samples.n_samples} samples'}
        # A copy: the configuration is the user's own dictionary.
        model.config.config['HLSConfig'] = {**hls_config, 'Model': {**hls_config['Model'], BLOCK: block}}
    return samples


def input_shapes(model: 'ModelGraph') -> list[tuple[int, ...]]:
    """Return the shapes of the inputs of a network."""
    return [tuple(int(size) for size in variable.shape) for variable in model.get_input_variables()]


def check_classes(model: 'ModelGraph', samples: Calibration, where: str) -> None:
    """Refuse classes that a network does not have; `where` is the key that errors name."""
    if samples.y is None:
        return
    # A single output tells two classes apart.
    n_classes = min(max(2, prod(variable.shape)) for variable in model.get_output_variables())
    if samples.y.max() >= n_classes:
        raise ConfigError(
            f'{where}: y has class {samples.y.max()}, but the network only has the classes 0 to {n_classes - 1}'
        )
