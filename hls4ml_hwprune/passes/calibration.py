"""Calibration data of a model: read when the flow begins, and kept beside the model."""

from math import prod
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from hls4ml_hwprune.calibration import Calibration, load_calibration
from hls4ml_hwprune.config import BLOCK, Settings
from hls4ml_hwprune.errors import ConfigError

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

_KEY = f'Model.{BLOCK}.Calibration'
_HELD: 'WeakKeyDictionary[ModelGraph, Calibration]' = WeakKeyDictionary()


def hold_calibration(model: 'ModelGraph', settings: Settings) -> None:
    """Read the calibration data that the settings name; arrays do not stay in the configuration, which is written as YAML.

    Raises
    ------
    ConfigError
        If they cannot be used, or are not for this network.
    """
    if settings.calibration is None:
        return
    calibration = load_calibration(settings.calibration, _KEY)
    _check_shapes(model, calibration)
    _HELD[model] = calibration
    if not isinstance(settings.calibration, str):
        hls_config = model.config.config['HLSConfig']
        block = {**hls_config['Model'][BLOCK], 'Calibration': f'an array of {calibration.n_samples} samples'}
        # A copy: the configuration is the user's own dictionary.
        model.config.config['HLSConfig'] = {**hls_config, 'Model': {**hls_config['Model'], BLOCK: block}}


def calibration_of(model: 'ModelGraph') -> Calibration:
    """Return the calibration data that `hold_calibration` read."""
    return _HELD[model]


def _check_shapes(model: 'ModelGraph', calibration: Calibration) -> None:
    wanted = [tuple(variable.shape) for variable in model.get_input_variables()]
    if len(wanted) != len(calibration.x):
        raise ConfigError(f'{_KEY}: {len(calibration.x)} arrays of inputs, but the network has {len(wanted)} inputs')
    for number, (array, shape) in enumerate(zip(calibration.x, wanted, strict=True)):
        if array[0].size != prod(shape):
            raise ConfigError(f'{_KEY}: x{number} has samples of shape {array.shape[1:]}, the network takes {shape}')
