"""The `HWPrune` block of the hls4ml configuration: parsed once, into a frozen record, with errors that name the key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from hls4ml_hwprune.budget import BOUNDS, Bound, parse_bound
from hls4ml_hwprune.devices import Device, device_from_numbers, lookup
from hls4ml_hwprune.errors import BackendError, ConfigError, DeviceError
from hls4ml_hwprune.importance import MEASURES
from hls4ml_hwprune.packing import PACKINGS
from hls4ml_hwprune.resources import STAGES

#: Back ends that have sparse firmware, as hls4ml spells them.
BACKENDS = ('Vivado', 'Vitis', 'VivadoAccelerator')
#: Name of the block in the hls4ml configuration.
BLOCK = 'HWPrune'
# A year, in seconds.
_LONGEST = 31_536_000
_MODEL_KEYS = ('Budget', 'Packing', 'Importance', 'Exclude', 'Device', 'Stage', 'TimeLimit')
_LAYER_KEYS = ('Packing', 'Importance', 'Exclude')


@dataclass(frozen=True)
class LayerSettings:
    """Choices for one layer; None leaves the choice to the model's settings."""

    packing: str | None = None
    importance: str | None = None
    exclude: bool | None = None


@dataclass(frozen=True)
class Settings:
    """The `HWPrune` block.

    Attributes
    ----------
    budget : dict of str to Bound
        By resource name; empty for the whole part.
    packing, importance : str
    exclude : tuple of str
        Layers that are not pruned.
    device : Device, optional
        Given by hand; None to look up the part of the project.
    stage : str
        The figures that the budget is held against: 'csynth' or 'vsynth'.
    time_limit : float, optional
        Seconds for the knapsack.
    layers : dict of str to LayerSettings
        Overrides by layer name.
    layer_types : dict of str to LayerSettings
        Overrides by layer class.
    """

    budget: dict[str, Bound] = field(default_factory=dict)
    packing: str = 'auto'
    importance: str = 'auto'
    exclude: tuple[str, ...] = ()
    device: Device | None = None
    stage: str = 'csynth'
    time_limit: float | None = None
    layers: dict[str, LayerSettings] = field(default_factory=dict)
    layer_types: dict[str, LayerSettings] = field(default_factory=dict)

    def choice(self, attribute: str, layer: str, kind: str) -> str:
        """Packing or importance of one layer: by its name, else its class, else the model's."""
        for scope in (self.layers.get(layer), self.layer_types.get(kind)):
            if scope is not None and (value := getattr(scope, attribute)) is not None:
                return value
        return getattr(self, attribute)

    def excludes(self, layer: str, kind: str) -> bool:
        """Whether the user took a layer out of pruning."""
        scopes = (self.layers.get(layer), self.layer_types.get(kind))
        said = [scope.exclude for scope in scopes if scope is not None and scope.exclude is not None]
        return layer in self.exclude or bool(said and said[0])


def parse_settings(hls_config: Mapping[str, Any]) -> Settings:
    """Read the blocks of an hls4ml configuration.

    Parameters
    ----------
    hls_config : mapping
        What stands under `HLSConfig`: `Model`, `LayerName`, `LayerType`.

    Raises
    ------
    ConfigError
        Naming the key, the value and what is allowed.
    """
    _check_scopes(hls_config)
    model = hls_config.get('Model') or {}
    block = _block(model, f'Model.{BLOCK}', _MODEL_KEYS)
    where = f'Model.{BLOCK}'
    return Settings(
        budget=_budget(block.get('Budget'), f'{where}.Budget'),
        packing=_one_of(block.get('Packing', 'auto'), PACKINGS, f'{where}.Packing'),
        importance=_one_of(block.get('Importance', 'auto'), MEASURES, f'{where}.Importance'),
        exclude=_names(block.get('Exclude', ()), f'{where}.Exclude'),
        device=_device(block.get('Device'), f'{where}.Device'),
        stage=_one_of(block.get('Stage', 'csynth'), STAGES, f'{where}.Stage'),
        time_limit=_seconds(block.get('TimeLimit'), f'{where}.TimeLimit'),
        layers=_layer_settings(hls_config, 'LayerName'),
        layer_types=_layer_settings(hls_config, 'LayerType'),
    )


def _check_scopes(hls_config: Mapping[str, Any]) -> None:
    if BLOCK in hls_config:
        raise ConfigError(f'{BLOCK}: must stand under Model (or a layer), not directly under HLSConfig')
    for scope in ('Model', 'LayerName', 'LayerType'):
        if not isinstance(hls_config.get(scope) or {}, Mapping):
            raise ConfigError(f'{scope}: expected a mapping, got {hls_config[scope]!r}')


def check_backend(backend: str) -> str:
    """Return hls4ml's spelling of a back end that can be pruned for.

    Raises
    ------
    BackendError
        Naming the back ends that work.
    """
    for known in BACKENDS:
        if isinstance(backend, str) and backend.lower() == known.lower():
            return known
    raise BackendError(f'backend {backend!r} has no sparse firmware; the backends that work are {", ".join(BACKENDS)}')


def _block(scope: Any, where: str, allowed: tuple[str, ...]) -> Mapping[str, Any]:
    block = scope.get(BLOCK) if isinstance(scope, Mapping) else None
    if block is None:
        return {}
    if not isinstance(block, Mapping):
        raise ConfigError(f'{where}: expected a mapping with the keys {", ".join(allowed)}, got {block!r}')
    for key in block:
        if key not in allowed:
            near = get_close_matches(str(key), allowed, n=1, cutoff=0.5)
            hint = f'; did you mean {near[0]}?' if near else ''
            raise ConfigError(f'{where}: unknown key {key!r}, allowed are {", ".join(allowed)}{hint}')
    return block


def _budget(value: Any, where: str) -> dict[str, Bound]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f'{where}: expected a mapping from {", ".join(BOUNDS)} to bounds, got {value!r}')
    bounds: dict[str, Bound] = {}
    for key, amount in value.items():
        if key not in BOUNDS:
            raise ConfigError(f'{where}: unknown resource {key!r}, allowed are {", ".join(BOUNDS)}')
        name, blocks = BOUNDS[key]
        if name in bounds:
            raise ConfigError(f'{where}: {key} bounds {name} a second time; give BRAM or BRAM36, not both')
        bounds[name] = parse_bound(amount, blocks, f'{where}.{key}')
    return bounds


def _one_of(value: Any, allowed: tuple[str, ...], where: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise ConfigError(f'{where}: {value!r} is not one of {", ".join(allowed)}')
    return value


def _names(value: Any, where: str) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f'{where}: expected a list of layer names, got {value!r}')
    return tuple(names)


def _device(value: Any, where: str) -> Device | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return lookup(value)
        except DeviceError as error:
            raise DeviceError(f'{where}: {error}') from None
    if isinstance(value, Mapping):
        return device_from_numbers(value, where)
    raise ConfigError(f'{where}: expected a part or a mapping {{DSP: ..., BRAM18: ..., LUT: ..., FF: ...}}, got {value!r}')


def _seconds(value: Any, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LONGEST:
        raise ConfigError(f'{where}: expected a positive number of seconds, got {value!r}')
    return float(value)


def _layer_settings(hls_config: Mapping[str, Any], scope: str) -> dict[str, LayerSettings]:
    found = {}
    for name, layer in (hls_config.get(scope) or {}).items():
        where = f'{scope}.{name}.{BLOCK}'
        block = _block(layer, where, _LAYER_KEYS)
        if not block:
            continue
        exclude = block.get('Exclude')
        if exclude is not None and not isinstance(exclude, bool):
            raise ConfigError(f'{where}.Exclude: expected true or false, got {exclude!r}')
        found[name] = LayerSettings(
            packing=_optional(block, 'Packing', PACKINGS, where),
            importance=_optional(block, 'Importance', MEASURES, where),
            exclude=exclude,
        )
    return found


def _optional(block: Mapping[str, Any], key: str, allowed: tuple[str, ...], where: str) -> str | None:
    return _one_of(block[key], allowed, f'{where}.{key}') if key in block else None
