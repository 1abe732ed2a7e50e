"""The `HWPrune` block of the hls4ml configuration: parsed once, into frozen records, with errors that name the key."""

from hls4ml_hwprune.config.parse import BLOCK, parse_settings
from hls4ml_hwprune.config.settings import BACKENDS, TASKS, LayerSettings, Objective, Period, Settings, check_backend

__all__ = [
    'BACKENDS',
    'BLOCK',
    'TASKS',
    'LayerSettings',
    'Objective',
    'Period',
    'Settings',
    'check_backend',
    'parse_settings',
]
