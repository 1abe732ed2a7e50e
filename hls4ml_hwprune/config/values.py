"""Parsers of single keys: each function reads one value, or raises an error with the range."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hls4ml_hwprune.config.budget import BOUNDS, Bound, parse_bound
from hls4ml_hwprune.config.settings import AS_CONFIGURED, AUTO, Period
from hls4ml_hwprune.config.spelling import hint, nearest
from hls4ml_hwprune.devices import Device, device_from_numbers, lookup
from hls4ml_hwprune.errors import ConfigError, DeviceError
from hls4ml_hwprune.packing.narrow import LEAST_BITS, MOST_BITS
from hls4ml_hwprune.plan import Plan
from hls4ml_hwprune.quoting import shown, shown_name

# A year, in seconds.
_LONGEST = 31_536_000
# Whole numbers up to this one are exact in floating point, in which bounds are compared.
_MOST_CYCLES = 2**53
_NANOSECONDS = re.compile(r'\s*(\d+(?:\.\d*)?|\.\d+)\s*ns\s*', re.IGNORECASE)
_BESIDE = ('Latency', 'II')
_PERCENT = re.compile(r'\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*')


def budget(value: Any, where: str) -> dict[str, Bound]:
    """Read bounds on resources."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        meant = f'; did you mean {{DSP: {shown_name(value)}}}?' if isinstance(value, str) and value.strip() else ''
        raise ConfigError(f'{where}: expected a mapping from {", ".join(BOUNDS)} to bounds, got {shown(value)}{meant}')
    bounds: dict[str, Bound] = {}
    for key, amount in value.items():
        name, blocks = _resource(key, where)
        if name in bounds:
            raise ConfigError(f'{where}: {key} bounds {name} a second time; give BRAM or BRAM36, not both')
        bounds[name] = parse_bound(amount, blocks, f'{where}.{key}')
    return bounds


def weights(value: Any, where: str) -> dict[str, float]:
    """Read the minimised resources: one, or several with the weight of a whole part of each."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {_resource(value, where)[0]: 1.0}
    if not isinstance(value, Mapping) or not value:
        raise ConfigError(
            f'{where}: expected one of {", ".join(BOUNDS)} or a mapping from them to weights, got {shown(value)}'
        )
    found: dict[str, float] = {}
    for key, weight in value.items():
        name, _ = _resource(key, where)
        if name in found:
            raise ConfigError(f'{where}: {key} weighs {name} a second time; give BRAM or BRAM36, not both')
        found[name] = _number(weight, f'{where}.{key}', 'a positive weight')
    return found


def _resource(key: Any, where: str) -> tuple[str, int]:
    if not isinstance(key, str) or key not in BOUNDS:
        beside = nearest(key, (*BOUNDS, *_BESIDE)) in _BESIDE
        near = '; cycles stand beside Budget, not in it' if beside else hint(key, BOUNDS)
        raise ConfigError(f'{where}: unknown resource {shown(key)}, allowed are {", ".join(BOUNDS)}{near}')
    return BOUNDS[key]


def one_of(value: Any, allowed: tuple[str, ...], where: str) -> str:
    """Read a word."""
    if not isinstance(value, str) or value not in allowed:
        near = hint(value, allowed) if isinstance(value, str) else ''
        raise ConfigError(f'{where}: {shown(value)} is not one of {", ".join(allowed)}{near}')
    return value


def layer_reuse_factor(value: Any, where: str) -> str | int:
    """Read the reuse factor of one layer: a number, or a word as for the model."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_CYCLES:
        return value
    if isinstance(value, str) and value in (AS_CONFIGURED, AUTO):
        return value
    raise ConfigError(f'{where}: {shown(value)} is neither a positive whole number nor one of {AS_CONFIGURED}, {AUTO}')


def slot_width(value: Any, where: str) -> str | int:
    """Read the bits of weights in paired slots: a number, or a word."""
    if isinstance(value, int) and not isinstance(value, bool) and LEAST_BITS <= value <= MOST_BITS:
        return value
    if isinstance(value, str) and value in (AS_CONFIGURED, AUTO):
        return value
    near = hint(value, (AS_CONFIGURED, AUTO)) if isinstance(value, str) else ''
    raise ConfigError(
        f'{where}: {shown(value)} is neither a whole number from {LEAST_BITS} to {MOST_BITS} nor one of '
        f'{AS_CONFIGURED}, {AUTO}{near}'
    )


def names(value: Any, where: str) -> tuple[str, ...]:
    """Read a list of layer names."""
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(name, str) for name in found):
        raise ConfigError(f'{where}: expected a list of layer names, got {shown(value)}')
    return tuple(found)


def flag(value: Any, where: str) -> bool | None:
    """Read yes or no."""
    if value is not None and not isinstance(value, bool):
        raise ConfigError(f'{where}: expected true or false, got {shown(value)}')
    return value


def anything(value: Any, where: str) -> Any:
    """Take a value as it is: samples are read once the network is known."""
    return value


def device(value: Any, where: str) -> Device | None:
    """Read a part, or its resources."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return lookup(value)
        except DeviceError as error:
            raise DeviceError(f'{where}: {error}') from None
    if isinstance(value, Mapping):
        return device_from_numbers(value, where)
    raise ConfigError(
        f'{where}: expected a part or a mapping {{DSP: ..., BRAM18: ..., LUT: ..., FF: ...}}, got {shown(value)}'
    )


def seconds(value: Any, where: str) -> float | None:
    """Read a time limit."""
    if value is None:
        return None
    return _number(value, where, 'a positive number of seconds')


def period(value: Any, where: str) -> Period | None:
    """Read a time in clock cycles (N) or nanoseconds ("N ns")."""
    if value is None:
        return None
    if isinstance(value, str) and (match := _NANOSECONDS.fullmatch(value)):
        return Period(_number(float(match.group(1)), where, 'a positive time'), 'ns')
    return Period(cycles(value, where, 'a positive whole number of clock cycles, or "N ns"'))


def interval(value: Any, where: str) -> int | None:
    """Read an initiation interval."""
    return None if value is None else cycles(value, where)


def cycles(value: Any, where: str, allowed: str = 'a positive whole number of clock cycles') -> int:
    """Read a number of clock cycles."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_CYCLES:
        raise ConfigError(f'{where}: expected {allowed}, got {shown(value)}')
    return value


def share(value: Any, where: str) -> float | None:
    """Read a share: "N%", or a number from 0 to 1."""
    if value is None:
        return None
    number = value
    if isinstance(value, str) and (match := _PERCENT.fullmatch(value)):
        number = float(match.group(1)) / 100
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        counted = isinstance(number, int | float) and not isinstance(number, bool) and 1 < number <= 100
        meant = f'; did you mean "{number:g}%"?' if counted and number is value else ''
        raise ConfigError(f'{where}: expected a share, "N%" or a number from 0 to 1, got {shown(value)}{meant}')
    return float(number)


def plan(value: Any, where: str) -> Any:
    """Read a plan: the name of its file, or the plan itself."""
    if value is None or isinstance(value, Plan):
        return value
    if not isinstance(value, str | Path) or not str(value):
        raise ConfigError(f'{where}: expected the name of a file, or a plan, got {shown(value)}')
    return str(value)


def _number(value: Any, where: str, allowed: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LONGEST:
        raise ConfigError(f'{where}: expected {allowed}, got {shown(value)}')
    return float(value)
