"""The `HWPrune` block of the hls4ml configuration: parsed once, into frozen records, with errors that name the key."""

from hls4ml_hwprune.config.parse import parse_settings, respelled_block
from hls4ml_hwprune.config.placement import BLOCK, block_traces, check_placement, entries_of, require_block
from hls4ml_hwprune.config.project import check_project
from hls4ml_hwprune.config.settings import (
    BACKENDS,
    TASKS,
    LayerChoice,
    LayerSettings,
    Objective,
    Period,
    Settings,
    check_backend,
)

__all__ = [
    'BACKENDS',
    'BLOCK',
    'TASKS',
    'LayerChoice',
    'LayerSettings',
    'Objective',
    'Period',
    'Settings',
    'block_traces',
    'check_backend',
    'check_placement',
    'check_project',
    'entries_of',
    'parse_settings',
    'require_block',
    'respelled_block',
]
