"""Checks of hls4ml's own keys that pruning and estimates depend on, before hls4ml works with them.

hls4ml 1.3.0 takes any word for a strategy and works with Latency then, and ends in a TypeError or a ValueError for reuse
factors and clock periods that are no numbers.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hls4ml_hwprune.config.placement import BLOCK, SCOPES, entries_of
from hls4ml_hwprune.config.spelling import hint, plain_number
from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown, shown_name

#: Strategies known to hls4ml, which compares them in snake_case. Layers may name the implementation of a softmax.
STRATEGIES = ('Latency', 'Resource', 'Resource_Unrolled', 'Distributed_Arithmetic', 'da')
_OF_SOFTMAX = ('Stable', 'Legacy', 'Argmax')
#: Interfaces.
IO_TYPES = ('io_parallel', 'io_stream')
# Largest `int` of C++, the type of reuse factors in the firmware.
_MOST = 2**31 - 1
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
        The message names the key, the value, the range and the nearest name.
    """
    _check_clock(config)
    io_type = config.get('IOType')
    if io_type is not None and not (isinstance(io_type, str) and io_type in IO_TYPES):
        raise ConfigError(f'IOType: {shown(io_type)} is not one of {", ".join(IO_TYPES)}{hint(io_type, IO_TYPES)}')
    for where, entries in _scopes(config.get('HLSConfig') or {}):
        known = STRATEGIES if where == 'Model' else (*STRATEGIES, *_OF_SOFTMAX)
        _check_strategy(entries.get('Strategy'), known, f'{where}.Strategy')
        _check_reuse_factor(entries.get('ReuseFactor'), where)


def _check_clock(config: Mapping[str, Any]) -> None:
    period = config.get('ClockPeriod')
    if period is not None and not _is_positive(period):
        raise ConfigError(f'ClockPeriod: expected a positive number of nanoseconds, got {shown(period)}')
    uncertainty = config.get('ClockUncertainty')
    if uncertainty is not None and not _UNCERTAINTY.fullmatch(_as_text(uncertainty)):
        raise ConfigError(f'ClockUncertainty: expected "N%" or "Nns", got {shown(uncertainty)}')


def _scopes(hls_config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for scope in SCOPES:
        for name, own in entries_of(hls_config, scope).items() if scope != 'Model' else ():
            if isinstance(own, Mapping):
                yield f'{scope}.{shown_name(name)}', own
        if scope == 'Model':
            yield scope, entries_of(hls_config, scope)


def _check_strategy(value: Any, known: tuple[str, ...], where: str) -> None:
    if value is None:
        return
    if not isinstance(value, str) or _snake_case(value) not in {name.lower() for name in known}:
        raise ConfigError(f'{where}: {shown(value)} is not one of {", ".join(STRATEGIES)}{hint(value, STRATEGIES)}')


def _check_reuse_factor(value: Any, where: str) -> None:
    if value is None:
        return
    value = plain_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= _MOST or value != value // 1:
        chosen = isinstance(value, str) and value.strip().lower() == 'auto'
        ours = f'; for the knapsack to choose it: {where}.{BLOCK}.ReuseFactor: auto' if chosen else ''
        raise ConfigError(f'{where}.ReuseFactor: expected a positive whole number (below 2**31), got {shown(value)}{ours}')


def _is_positive(value: Any) -> bool:
    value = plain_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return False
    return 0 < number < math.inf


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else shown(plain_number(value))


def _snake_case(name: str) -> str:
    """Return a strategy as hls4ml reads it."""
    return re.sub(r'_{2,}', '_', re.sub(r'(?<!^)(?=[A-Z])', '_', name).lower())
