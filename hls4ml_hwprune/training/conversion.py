"""Conversion of the trained model by hls4ml: configuration, back end and budget."""

import inspect
import io
import logging
from collections.abc import Mapping
from contextlib import redirect_stdout
from copy import deepcopy
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

# hls4ml first: it loads this package's plug-in, which must not find the package half imported.
from hls4ml.backends import get_backend

from hls4ml_hwprune.config import (
    BLOCK,
    Settings,
    check_backend,
    check_placement,
    check_project,
    keys_not_for,
    parse_settings,
    respelled_block,
)
from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.host.backends.figures import check_figures
from hls4ml_hwprune.host.backends.registry import REGISTERED
from hls4ml_hwprune.passes.names import READ_FLOW
from hls4ml_hwprune.training.adapters import Adapter
from hls4ml_hwprune.training.options import TrainingOptions

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

# Keys of a configuration that hls4ml reads; that of PyTorch holds the whole model besides.
_READ = ('Model', 'LayerName', 'LayerType', 'Flows', 'Optimizers', 'SkipOptimizers', 'InputShape')
# Arguments of the converters besides those of a back end's `create_initial_config`, and names of some in a project.
_CONVERTER = (
    'output_dir',
    'project_name',
    'version',
    'input_data_tb',
    'output_data_tb',
    'bit_exact',
    'allow_da_fallback',
    'allow_v2_fallback',
)
_PROJECT = {'clock_period': 'ClockPeriod', 'clock_uncertainty': 'ClockUncertainty', 'io_type': 'IOType'}
_LOG = logging.getLogger(__name__)


def _check_arguments(backend: str, arguments: Mapping[str, Any]) -> None:
    """Refuse arguments that hls4ml would take and ignore."""
    signature = inspect.signature(get_backend(backend).create_initial_config).parameters
    known = (*(name for name, one in signature.items() if one.kind is not one.VAR_KEYWORD), *_CONVERTER)
    options = [option.name for option in fields(TrainingOptions)]
    for name in arguments:
        if name in options:
            raise ConfigError(f'{name}: an option of training; give it as options=TrainingOptions({name}=...)')
        if name not in known:
            raise ConfigError(f'{name}: not an argument of hls4ml, which has {", ".join(known)}{hint(name, known)}')


@dataclass(frozen=True)
class Conversion:
    """Configuration, back end and budget of the conversion of a model.

    Attributes
    ----------
    config : dict
        As hls4ml's converters take it, with an `HWPrune` block.
    backend : str
    arguments : dict
        Further arguments of hls4ml's converter: io_type, part, clock_period, ...
    settings : Settings
    """

    config: dict[str, Any] = field(repr=False)
    backend: str
    arguments: dict[str, Any]
    settings: Settings = field(repr=False)

    @classmethod
    def of(cls, config: Mapping[str, Any], backend: str, arguments: Mapping[str, Any]) -> 'Conversion':
        """Check a configuration.

        Raises
        ------
        ConfigError
            If it is no mapping, has no budget, or a key of the `HWPrune` block that training has no use for.
        """
        name = check_backend(backend)
        if not isinstance(config, Mapping):
            raise ConfigError(f'config: expected a dict as hls4ml takes it, got a {type(config).__name__}')
        check_placement(config)
        block = (config.get('Model') or {}).get(BLOCK)
        if not block:
            raise ConfigError(f'config: Model.{BLOCK} is missing; hls4ml_hwprune.enable writes it')
        _check_arguments(name, arguments)
        settings = parse_settings(config)
        check_figures(REGISTERED[name], settings)
        block, _ = respelled_block(block)
        for key in keys_not_for('training'):
            if key in block:
                raise ConfigError(f'Model.{BLOCK}.{key}: not where a network is trained; give a Budget')
        if not (settings.budget or settings.latency or settings.ii):
            raise ConfigError(f'Model.{BLOCK}.Budget: needed where a network is trained')
        named = {project: arguments[key] for key, project in _PROJECT.items() if key in arguments}
        check_project({**named, 'HLSConfig': config})
        for note in settings.notes:
            _LOG.warning('%s', note)
        read = {key: config[key] for key in _READ if key in config}
        return cls({**read, 'Model': {**config['Model'], BLOCK: block}}, name, dict(arguments), settings)

    def hls_config(self, flow: str, block: Mapping[str, Any]) -> dict[str, Any]:
        """Return the configuration with a flow and another `HWPrune` block; made anew, as hls4ml changes it."""
        config = deepcopy({**self.config, 'Model': {**self.config['Model'], BLOCK: None}})
        config['Model'][BLOCK] = dict(block)
        wanted = f'{self.backend.lower()}:{flow}'
        own = config.get('Flows')
        config['Flows'] = own if isinstance(own, list) and wanted in own else [wanted]
        return config

    @property
    def _block(self) -> dict[str, Any]:
        """The `HWPrune` block without samples, which are read here and not in the flow."""
        return {key: value for key, value in self.config['Model'][BLOCK].items() if key != 'Calibration'}

    def plan_block(self, plan: Path) -> dict[str, Any]:
        """Return the `HWPrune` block by which hls4ml finds a plan."""
        block = {key: value for key, value in self.config['Model'][BLOCK].items() if key in ('Device', 'Stage', 'Task')}
        return {**block, 'Plan': str(plan)}

    def as_dict(self) -> dict[str, Any]:
        """Return the identity of a conversion, as plain data."""
        model = {**self.config['Model'], BLOCK: self._block}
        return {'config': {**self.config, 'Model': model}, 'backend': self.backend, **self.arguments}

    def read(self, adapter: Adapter) -> 'ModelGraph':
        """Convert a model up to the stage at which plans are made."""
        config = self.hls_config(READ_FLOW, self._block)
        # hls4ml prints every layer, at each step.
        with redirect_stdout(io.StringIO()):
            return adapter.convert(config, backend=self.backend, **self.arguments)
