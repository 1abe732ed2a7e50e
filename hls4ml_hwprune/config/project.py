"""Keys of hls4ml itself that pruning and estimates depend on, checked before hls4ml works with them.

hls4ml 1.3.0 takes any word for a strategy and works with Latency then, and ends in a TypeError or a ValueError for reuse
factors and clock periods that are no numbers.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hls4ml_hwprune.config.placement import BLOCK, SCOPES
from hls4ml_hwprune.config.spelling import hint
from hls4ml_hwprune.errors import ConfigError

# Words that hls4ml knows, which it compares in snake_case. Layers may name the way that a softmax is calculated.
_STRATEGIES = ('Latency', 'Resource', 'Resource_Unrolled', 'Distributed_Arithmetic', 'da')
_OF_SOFTMAX = ('Stable', 'Legacy', 'Argmax')
_IO_TYPES = ('io_parallel', 'io_stream')
_UNCERTAINTY = re.compile(r'\s*(\d+(?:\.\d*)?|\.\d+)\s*(%|ns)?\s*')


def check_project(config: Mapping[str, Any]) -> None:
    """Check the keys of a project that pruning and estimates depend on.

    Parameters
    ----------
    config : mapping
        Entries of the YAML file: `ClockPeriod`, `IOType`, `HLSConfig`, ...

    Raises
    ------
    ConfigError
        Naming the key, the value, what is allowed and the nearest name.
    """
    _check_clock(config)
    io_type = config.get('IOType')
    if io_type is not None and io_type not in _IO_TYPES:
        raise ConfigError(f'IOType: {io_type!r} is not one of {", ".join(_IO_TYPES)}{hint(io_type, _IO_TYPES)}')
    for where, entries in _scopes(config.get('HLSConfig') or {}):
        known = _STRATEGIES if where == 'Model' else (*_STRATEGIES, *_OF_SOFTMAX)
        _check_strategy(entries.get('Strategy'), known, f'{where}.Strategy')
        _check_reuse_factor(entries.get('ReuseFactor'), where)


def _check_clock(config: Mapping[str, Any]) -> None:
    period = config.get('ClockPeriod')
    if period is not None and not _is_positive(period):
        raise ConfigError(f'ClockPeriod: expected a positive number of nanoseconds, got {period!r}')
    uncertainty = config.get('ClockUncertainty')
    if uncertainty is not None and not _UNCERTAINTY.fullmatch(str(uncertainty)):
        raise ConfigError(f'ClockUncertainty: expected "N%" or "Nns", got {uncertainty!r}')


def _scopes(hls_config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for scope in SCOPES:
        entries = hls_config.get(scope) or {}
        if not isinstance(entries, Mapping):
            raise ConfigError(f'{scope}: expected a mapping, got {entries!r}')
        named = {scope: entries} if scope == 'Model' else {f'{scope}.{name}': own for name, own in entries.items()}
        yield from ((where, own) for where, own in named.items() if isinstance(own, Mapping))


def _check_strategy(value: Any, known: tuple[str, ...], where: str) -> None:
    if value is None:
        return
    if not isinstance(value, str) or _snake_case(value) not in {name.lower() for name in known}:
        raise ConfigError(f'{where}: {value!r} is not one of {", ".join(_STRATEGIES)}{hint(value, _STRATEGIES)}')


def _check_reuse_factor(value: Any, where: str) -> None:
    if value is None:
        return
    value = value.item() if hasattr(value, 'item') else value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 1 or value != value // 1:
        ours = f'; for the knapsack to choose it: {where}.{BLOCK}.ReuseFactor: auto' if str(value).lower() == 'auto' else ''
        raise ConfigError(f'{where}.ReuseFactor: expected a positive whole number, got {value!r}{ours}')


def _is_positive(value: Any) -> bool:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return 0 < number < math.inf


def _snake_case(name: str) -> str:
    """Return a strategy as hls4ml reads it."""
    return re.sub(r'_{2,}', '_', re.sub(r'(?<!^)(?=[A-Z])', '_', name).lower())
