"""Placement checks of the `HWPrune` block: wrong levels, misspelt names, and empty blocks."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from hls4ml_hwprune.config.options import OPTIONS
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown, shown_name

#: Name of the block in the hls4ml configuration.
BLOCK = 'HWPrune'
#: Scopes of an hls4ml configuration that may hold the block: the model, and by name or class its layers.
SCOPES = ('Model', 'LayerName', 'LayerType')
_BELONGS = f'the block belongs under HLSConfig.Model.{BLOCK}'
# Keys of the block that hls4ml itself has nowhere.
_OWN_KEYS = [one.key for one in OPTIONS if one.key != 'ReuseFactor']
# Least similarity of a misspelt name: "HWprune", "hw_prune", "Prune", "HWPruning".
_LIKE = 0.75
# Types of an empty mapping in YAML files.
_EMPTY = (str, list, tuple, int, float)
_WHOLE_PART = 'Budget: {DSP: 100%, BRAM: 100%, LUT: 100%, FF: 100%}'


def check_placement(hls_config: Mapping[str, Any], project: Mapping[str, Any] | None = None) -> None:
    """Refuse blocks at a wrong level, and keys that look like the block's name.

    Parameters
    ----------
    hls_config : mapping
        Entries under `HLSConfig`.
    project : mapping, optional
        Entries beside `HLSConfig`.

    Raises
    ------
    ConfigError
        The message names the key, and the place of the block.
    """
    for scope in SCOPES:
        entries_of(hls_config, scope)
    for where, key in _misplaced(hls_config, project or {}):
        raise ConfigError(_refusal(where, key))


def entries_of(hls_config: Mapping[str, Any], scope: str) -> Mapping[Any, Any]:
    """Return the entries of a scope; none where it is empty in any form of YAML.

    Raises
    ------
    ConfigError
        If the scope is no mapping.
    """
    entries = hls_config.get(scope)
    if isinstance(entries, Mapping):
        return entries
    if entries is not None and not (isinstance(entries, _EMPTY) and not entries):
        raise ConfigError(f'{scope}: expected a mapping, got {shown(entries)}')
    return {}


def require_block(hls_config: Mapping[str, Any]) -> None:
    """Refuse a configuration for a flow of this package without a block to prune by.

    Raises
    ------
    ConfigError
        The message names the place of the block.
    """
    model = entries_of(hls_config, 'Model')
    if (block := model.get(BLOCK)) is not None and (not isinstance(block, Mapping) or block):
        return  # If it is no mapping, it is refused with the keys that it may have.
    stray = [
        f'{scope}{key}' for scope, entries in (('Model.', model), ('', hls_config)) for key in _OWN_KEYS if key in entries
    ]
    if stray:
        raise ConfigError(f'{stray[0]}: a key of the {BLOCK} block, but not in one; {_BELONGS}')
    state = 'is empty' if BLOCK in model else 'is missing'
    raise ConfigError(
        f'Model.{BLOCK} {state}, so nothing would be pruned: {_BELONGS}, with a budget such as `Budget: {{DSP: 0.5x}}`; '
        f'for the whole part `{_WHOLE_PART}`'
    )


def block_traces(hls_config: Mapping[str, Any], project: Mapping[str, Any] | None = None) -> list[str]:
    """Return the keys of all blocks in a configuration, misplaced and misspelt ones included."""
    placed = [
        f'{scope}.{BLOCK}' if scope == 'Model' else f'{scope}.{shown_name(name)}.{BLOCK}'
        for scope in SCOPES
        for name, entries in _entries(hls_config, scope)
        if isinstance(entries, Mapping) and entries.get(BLOCK) is not None
    ]
    return placed + [f'{where}{key}' for where, key in _misplaced(hls_config, project or {})]


def _entries(hls_config: Mapping[str, Any], scope: str) -> list[tuple[str, Any]]:
    entries = hls_config.get(scope)
    if not isinstance(entries, Mapping):
        return []
    return [('', entries)] if scope == 'Model' else list(entries.items())


def _misplaced(hls_config: Mapping[str, Any], project: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield place and key of each name of the block at a wrong level, and of each similar name."""
    yield from (('', key) for key in project if _is_like(key))
    yield from (('HLSConfig.', key) for key in hls_config if _is_like(key))
    for scope in SCOPES:
        for name, entries in _entries(hls_config, scope):
            if scope != 'Model' and name == BLOCK:
                yield f'{scope}.', name
            elif isinstance(entries, Mapping):
                where = f'{scope}.' if scope == 'Model' else f'{scope}.{shown_name(name)}.'
                yield from ((where, key) for key in entries if key != BLOCK and _is_like(key))


def _is_like(key: Any) -> bool:
    folded = ''.join(letter for letter in key.lower() if letter.isalnum()) if isinstance(key, str) else ''
    return SequenceMatcher(None, folded, BLOCK.lower()).ratio() >= _LIKE


def _refusal(where: str, key: str) -> str:
    if key == BLOCK:
        level = where.removesuffix('.') or 'the project'
        return f'{BLOCK}: must stand under Model (or a layer), not directly under {level}; {_BELONGS}'
    return f'{where}{shown_name(key)}: unknown key {shown(key)}; did you mean {BLOCK}? ({_BELONGS})'
