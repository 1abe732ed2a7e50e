"""From the blocks of an hls4ml configuration to `Settings`."""

from collections.abc import Callable, Mapping
from typing import Any

from hls4ml_hwprune.config import values
from hls4ml_hwprune.config.budget import BOUNDS, Bound
from hls4ml_hwprune.config.placement import BLOCK, check_placement, entries_of
from hls4ml_hwprune.config.settings import (
    AS_CONFIGURED,
    AUTO,
    METHODS,
    RECONSTRUCTIONS,
    TASKS,
    LayerSettings,
    Objective,
    Settings,
)
from hls4ml_hwprune.config.spelling import hint, plain_number, respell, respelled_word
from hls4ml_hwprune.devices import DEVICE_KEYS
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.importance import CALIBRATED, MEASURES
from hls4ml_hwprune.packing import PACKINGS
from hls4ml_hwprune.quoting import shown, shown_name
from hls4ml_hwprune.resources import STAGES

_MODEL_KEYS = (
    'Budget',
    'Packing',
    'Importance',
    'ReuseFactor',
    'Latency',
    'II',
    'Minimize',
    'MinImportance',
    'MaxLoss',
    'Calibration',
    'Reconstruction',
    'Validation',
    'Task',
    'Exclude',
    'Device',
    'Stage',
    'Method',
    'TimeLimit',
    'Plan',
)
_LAYER_KEYS = ('Packing', 'Importance', 'ReuseFactor', 'Exclude')
# Keys that ask for anything.
_GOALS = ('Budget', 'Latency', 'II', 'Minimize', 'Plan')
# Words that a key may have, and keys of the mappings that stand under one.
_WORDS = {
    'Packing': PACKINGS,
    'Importance': MEASURES,
    'ReuseFactor': (AS_CONFIGURED, AUTO),
    'Reconstruction': RECONSTRUCTIONS,
    'Stage': STAGES,
    'Method': METHODS,
}
_NAMES = {'Budget': tuple(BOUNDS), 'Minimize': tuple(BOUNDS), 'Device': DEVICE_KEYS}
# What may stand beside a plan that was made before.
_WITH_PLAN = ('Plan', 'Budget', 'Latency', 'II', 'Device', 'Stage', 'Validation', 'Task')


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
    check_placement(hls_config)
    where = f'Model.{BLOCK}'
    notes: list[str] = []
    block = _block(entries_of(hls_config, 'Model'), where, _MODEL_KEYS, notes)
    budget = values.budget(block.get('Budget'), f'{where}.Budget')
    notes += [f'{where}.Budget: {note}' for name, bound in budget.items() if (note := _idle(name, bound))]
    if block and not any(key in block for key in _GOALS):
        notes.append(f'{where}: none of {", ".join(_GOALS)} is given, so nothing but the part bounds the design')
    layers, layer_types = (_layer_settings(hls_config, scope, notes) for scope in ('LayerName', 'LayerType'))
    settings = Settings(
        budget=budget,
        packing=values.one_of(block.get('Packing', 'auto'), PACKINGS, f'{where}.Packing'),
        importance=values.one_of(block.get('Importance', 'auto'), MEASURES, f'{where}.Importance'),
        reuse_factor=values.one_of(block.get('ReuseFactor', AS_CONFIGURED), (AS_CONFIGURED, AUTO), f'{where}.ReuseFactor'),
        latency=values.period(block.get('Latency'), f'{where}.Latency'),
        ii=None if block.get('II') is None else values.cycles(block['II'], f'{where}.II'),
        objective=_objective(block, where),
        calibration=block.get('Calibration'),
        validation=block.get('Validation'),
        reconstruction=values.one_of(block.get('Reconstruction', AUTO), RECONSTRUCTIONS, f'{where}.Reconstruction'),
        task=values.one_of(block.get('Task', AUTO), TASKS, f'{where}.Task'),
        exclude=values.names(block.get('Exclude', ()), f'{where}.Exclude'),
        device=values.device(block.get('Device'), f'{where}.Device'),
        stage=values.one_of(block.get('Stage', 'vsynth'), STAGES, f'{where}.Stage'),
        method='fast' if values.one_of(block.get('Method', 'exact'), METHODS, f'{where}.Method') == 'fast' else 'exact',
        time_limit=values.seconds(block.get('TimeLimit'), f'{where}.TimeLimit'),
        plan=values.plan(block.get('Plan'), f'{where}.Plan'),
        layers=layers,
        layer_types=layer_types,
        notes=tuple(notes),
    )
    _check_plan(settings, block, where)
    _check_calibration(settings, block, where)
    return settings


def respelled_block(block: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the model's `HWPrune` block with all names in the package's spelling, and a note for each that was not."""
    notes: list[str] = []
    return _respelled(block, f'Model.{BLOCK}', _MODEL_KEYS, notes), tuple(notes)


def _idle(name: str, bound: Bound) -> str:
    """Remark on a bound that is more than there is."""
    return f'{bound.amount:g}% of the {name} is more than the part has' if bound.unit == '%' and bound.amount > 100 else ''


def _check_plan(settings: Settings, block: Mapping[str, Any], where: str) -> None:
    """Refuse what would ask for something else than a plan, which is applied as it is."""
    if settings.plan is None:
        return
    for key in block:
        if key not in _WITH_PLAN:
            raise ConfigError(f'{where}.{key}: not beside Plan, which says it already; allowed are {", ".join(_WITH_PLAN)}')
    for scope, found in (('LayerName', settings.layers), ('LayerType', settings.layer_types)):
        for name in found:
            raise ConfigError(f'{scope}.{shown_name(name)}.{BLOCK}: not beside {where}.Plan, which says it already')


def _check_calibration(settings: Settings, block: Mapping[str, Any], where: str) -> None:
    """Refuse what calibration data are needed for where there are none."""
    if settings.calibration is not None:
        return
    asked = {f'{where}.Importance': settings.importance}
    for scope, found in (('LayerName', settings.layers), ('LayerType', settings.layer_types)):
        asked |= {f'{scope}.{shown_name(name)}.{BLOCK}.Importance': own.importance or '' for name, own in found.items()}
    for key, measure in asked.items():
        if measure in CALIBRATED:
            raise ConfigError(f'{key}: {shown(measure)} is measured on calibration data; give {where}.Calibration')
    if 'Reconstruction' in block:
        raise ConfigError(f'{where}.Reconstruction: needs {where}.Calibration, the inputs that new weights are found with')


def _objective(block: Mapping[str, Any], where: str) -> Objective:
    """Read what is to be the least, and what has to be kept."""
    weights = values.weights(block.get('Minimize'), f'{where}.Minimize')
    floor = values.share(block.get('MinImportance'), f'{where}.MinImportance')
    max_loss = values.share(block.get('MaxLoss'), f'{where}.MaxLoss')
    given = [key for key, value in (('MinImportance', floor), ('MaxLoss', max_loss)) if value is not None]
    if weights and len(given) != 1:
        raise ConfigError(f'{where}.Minimize: needs MinImportance or MaxLoss beside it, one of them; got {given}')
    if given and not weights:
        raise ConfigError(f'{where}.{given[0]}: needs Minimize beside it, which says of what the least is to be used')
    if max_loss is not None and block.get('Calibration') is None:
        raise ConfigError(f'{where}.MaxLoss: needs {where}.Calibration beside it: the loss is that on the calibration data')
    return Objective(weights, floor or 0.0, max_loss)


def _block(scope: Any, where: str, allowed: tuple[str, ...], notes: list[str]) -> Mapping[str, Any]:
    block = scope.get(BLOCK) if isinstance(scope, Mapping) else None
    if block is None:
        return {}
    if not isinstance(block, Mapping):
        raise ConfigError(f'{where}: expected a mapping with the keys {", ".join(allowed)}, got {shown(block)}')
    block = _respelled(block, where, allowed, notes)
    for key in block:
        if key not in allowed:
            raise ConfigError(f'{where}: unknown key {shown(key)}, allowed are {", ".join(allowed)}{hint(key, allowed)}')
    return block


def _respelled(block: Mapping[Any, Any], where: str, allowed: tuple[str, ...], notes: list[str]) -> dict[str, Any]:
    """Return a block with keys, resources and words in the package's spelling, and numbers of numpy as Python's."""
    found = respell(block, allowed, where, notes)
    for key, value in found.items():
        place = f'{where}.{shown_name(key)}'
        if key in _NAMES and isinstance(value, Mapping):
            named = respell(value, _NAMES[key], place, notes)
            found[key] = {name: plain_number(amount) for name, amount in named.items()}
        else:
            words = _WORDS.get(key, _NAMES['Minimize'] if key == 'Minimize' else ())
            found[key] = respelled_word(plain_number(value), words, place, notes)
    return found


def _layer_settings(hls_config: Mapping[str, Any], scope: str, notes: list[str]) -> dict[str, LayerSettings]:
    found = {}
    for name, layer in entries_of(hls_config, scope).items():
        where = f'{scope}.{shown_name(name)}.{BLOCK}'
        block = _block(layer, where, _LAYER_KEYS, notes)
        if not block:
            continue
        if not isinstance(name, str):
            raise ConfigError(f'{where}: expected a name, got {shown(name)}')
        exclude = block.get('Exclude')
        if exclude is not None and not isinstance(exclude, bool):
            raise ConfigError(f'{where}.Exclude: expected true or false, got {shown(exclude)}')
        found[name] = LayerSettings(
            packing=_given(block, 'Packing', where, lambda value, key: values.one_of(value, PACKINGS, key)),
            importance=_given(block, 'Importance', where, lambda value, key: values.one_of(value, MEASURES, key)),
            reuse_factor=_given(block, 'ReuseFactor', where, values.layer_reuse_factor),
            exclude=exclude,
        )
    return found


def _given(block: Mapping[str, Any], key: str, where: str, read: Callable[[Any, str], Any]) -> Any:
    return read(block[key], f'{where}.{key}') if key in block else None
