"""Parser from the blocks of an hls4ml configuration to `Settings`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hls4ml_hwprune.config.budget import Bound
from hls4ml_hwprune.config.option import Option
from hls4ml_hwprune.config.options import LAYER_OPTIONS, OPTIONS
from hls4ml_hwprune.config.placement import BLOCK, check_placement, entries_of
from hls4ml_hwprune.config.settings import LayerSettings, Objective, Settings
from hls4ml_hwprune.config.spelling import hint, plain_number, respell, respelled_word
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown, shown_name

_MODEL = f'Model.{BLOCK}'


@dataclass(frozen=True)
class _Block:
    """A block with its place and its possible options; all names are in the package's spelling."""

    where: str
    options: tuple[Option, ...]
    entries: Mapping[str, Any]

    def read(self) -> dict[str, Any]:
        """Return the value of each option that is given or has a default, by keyword."""
        said = {one.key: one.default for one in self.options if one.default is not None} | {**self.entries}
        return {one.keyword: one.parse(said[one.key], f'{self.where}.{one.key}') for one in self.options if one.key in said}

    def check_needs(self, model: '_Block') -> None:
        """Refuse options whose needs the block of the model does not meet."""
        for one in self.options:
            value = self.entries.get(one.key)
            for need in one.needs if value is not None else ():
                if refusal := need.refusal(value, model.entries, model.where):
                    raise ConfigError(f'{self.where}.{one.key}: {refusal}')


def parse_settings(hls_config: Mapping[str, Any]) -> Settings:
    """Read the blocks of an hls4ml configuration.

    Parameters
    ----------
    hls_config : mapping
        Entries under `HLSConfig`: `Model`, `LayerName`, `LayerType`.

    Raises
    ------
    ConfigError
        The message names the key, the value and the range.
    """
    check_placement(hls_config)
    notes: list[str] = []
    model = _block(entries_of(hls_config, 'Model'), _MODEL, OPTIONS, notes)
    found = model.read()
    notes += [f'{_MODEL}.Budget: {note}' for name, bound in found.get('budget', {}).items() if (note := _idle(name, bound))]
    goals = [one.key for one in OPTIONS if one.is_goal]
    if model.entries and not any(key in model.entries for key in goals):
        notes.append(f'{_MODEL}: none of {", ".join(goals)} is given, so nothing but the part bounds the design')
    names, kinds = (dict(_layer_blocks(hls_config, scope, notes)) for scope in ('LayerName', 'LayerType'))
    layers, layer_types = ({name: LayerSettings(**own.read()) for name, own in scope.items()} for scope in (names, kinds))
    below = [*names.values(), *kinds.values()]
    if found.get('plan') is not None:
        _check_beside_plan(model, below)
    for block in (model, *below):
        block.check_needs(model)
    objective = Objective(found.pop('minimize', {}), found.pop('min_importance', None) or 0.0, found.pop('max_loss', None))
    return Settings(**found, objective=objective, layers=layers, layer_types=layer_types, notes=tuple(notes))


def respelled_block(block: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the model's `HWPrune` block with all names in the package's spelling, and a note for each changed one."""
    notes: list[str] = []
    return _respelled(block, _MODEL, OPTIONS, notes), tuple(notes)


def _idle(name: str, bound: Bound) -> str:
    """Return a remark on a bound above the whole part, else nothing."""
    return f'{bound.amount:g}% of the {name} is more than the part has' if bound.unit == '%' and bound.amount > 100 else ''


def _check_beside_plan(model: _Block, below: list[_Block]) -> None:
    """Refuse options that contradict a plan, which is applied as it is."""
    allowed = [one.key for one in OPTIONS if one.beside_plan]
    for key in model.entries:
        if key not in allowed:
            raise ConfigError(f'{_MODEL}.{key}: not beside Plan, which says it already; allowed are {", ".join(allowed)}')
    for block in below:
        raise ConfigError(f'{block.where}: not beside {_MODEL}.Plan, which says it already')


def _block(scope: Any, where: str, options: tuple[Option, ...], notes: list[str]) -> _Block:
    block = scope.get(BLOCK) if isinstance(scope, Mapping) else None
    if block is None:
        return _Block(where, options, {})
    allowed = [one.key for one in options]
    if not isinstance(block, Mapping):
        raise ConfigError(f'{where}: expected a mapping with the keys {", ".join(allowed)}, got {shown(block)}')
    entries = _respelled(block, where, options, notes)
    for key in entries:
        if key not in allowed:
            raise ConfigError(f'{where}: unknown key {shown(key)}, allowed are {", ".join(allowed)}{hint(key, allowed)}')
    return _Block(where, options, entries)


def _layer_blocks(hls_config: Mapping[str, Any], scope: str, notes: list[str]) -> Iterator[tuple[str, _Block]]:
    """Yield the blocks of layers or classes with their names."""
    for name, layer in entries_of(hls_config, scope).items():
        block = _block(layer, f'{scope}.{shown_name(name)}.{BLOCK}', LAYER_OPTIONS, notes)
        if not block.entries:
            continue
        if not isinstance(name, str):
            raise ConfigError(f'{block.where}: expected a name, got {shown(name)}')
        yield name, block


def _respelled(block: Mapping[Any, Any], where: str, options: tuple[Option, ...], notes: list[str]) -> dict[str, Any]:
    """Return a block with keys, resources and words in the package's spelling, and numbers of numpy as Python's."""
    by_key = {one.key: one for one in options}
    found = respell(block, by_key, where, notes)
    for key, value in found.items():
        one, place = by_key.get(key), f'{where}.{shown_name(key)}'
        if one is None:
            found[key] = plain_number(value)
        elif one.names and isinstance(value, Mapping):
            named = respell(value, one.names, place, notes)
            found[key] = {name: plain_number(amount) for name, amount in named.items()}
        else:
            found[key] = respelled_word(plain_number(value), one.words, place, notes)
    return found
