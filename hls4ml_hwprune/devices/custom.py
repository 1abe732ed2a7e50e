"""Devices given by hand in the configuration."""

from collections.abc import Mapping
from typing import Any

from hls4ml_hwprune.devices.table import Device
from hls4ml_hwprune.errors import DeviceError
from hls4ml_hwprune.quoting import shown

_REQUIRED = ('DSP', 'BRAM18', 'LUT', 'FF')
_OPTIONAL = ('URAM',)
#: Keys of a device given by hand.
DEVICE_KEYS = (*_REQUIRED, *_OPTIONAL)
# Whole numbers up to it are exact in floating point.
_MOST = 2**53


def device_from_numbers(numbers: Mapping[str, Any], where: str) -> Device:
    """Build a device from `{DSP: ..., BRAM18: ..., LUT: ..., FF: ...}`, with `URAM` where there is some.

    Raises
    ------
    DeviceError
        The message names the key that is missing, unknown or no count.
    """
    for key in numbers:
        if key not in DEVICE_KEYS:
            raise DeviceError(f'{where}: unknown key {shown(key)}, allowed are {", ".join(DEVICE_KEYS)}')
    for key in _REQUIRED:
        if key not in numbers:
            raise DeviceError(f'{where}: {key} is missing; give all of {", ".join(_REQUIRED)}')
    for key, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
            raise DeviceError(f'{where}.{key}: expected a count, got {shown(value)}')
    amounts = {key.lower(): numbers.get(key, 0) for key in DEVICE_KEYS}
    return Device(name='given by hand', family='', source=where, **amounts)
