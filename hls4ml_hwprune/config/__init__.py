"""Configuration block `HWPrune` of hls4ml: parsed once, into frozen records, with errors that name the key."""

from hls4ml_hwprune.config.option import key_of
from hls4ml_hwprune.config.options import OPTIONS, Options, keys_not_for
from hls4ml_hwprune.config.parse import parse_settings, respelled_block
from hls4ml_hwprune.config.placement import BLOCK, block_traces, check_placement, entries_of, require_block
from hls4ml_hwprune.config.project import check_project
from hls4ml_hwprune.config.settings import (
    BACKENDS,
    LATER_BACKENDS,
    TASKS,
    LayerChoice,
    LayerSettings,
    Objective,
    Period,
    Settings,
    check_backend,
    why_without,
)
from hls4ml_hwprune.config.signature import with_keywords

__all__ = [
    'BACKENDS',
    'BLOCK',
    'LATER_BACKENDS',
    'OPTIONS',
    'TASKS',
    'LayerChoice',
    'LayerSettings',
    'Objective',
    'Options',
    'Period',
    'Settings',
    'block_traces',
    'check_backend',
    'check_placement',
    'check_project',
    'entries_of',
    'key_of',
    'keys_not_for',
    'parse_settings',
    'require_block',
    'respelled_block',
    'why_without',
    'with_keywords',
]
