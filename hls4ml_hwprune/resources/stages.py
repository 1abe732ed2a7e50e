"""Stages of estimates: HLS report (csynth) and logic synthesis (vsynth)."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.quoting import shown

STAGES = ('csynth', 'vsynth')
# Logic synthesis against HLS reports, LUT and FF: medians over 18 projects with both (`benchmarks/bench_model.py`).
SYNTHESIS_LUT, SYNTHESIS_FF = 0.49, 0.82
Amount = TypeVar('Amount', float, NDArray[np.float64])


def check_stage(stage: str) -> str:
    """Return `stage`.

    Raises
    ------
    ConfigError
        If there is no such stage.
    """
    if not isinstance(stage, str) or stage not in STAGES:
        raise ConfigError(f'stage: {shown(stage)} is not one of {", ".join(STAGES)}')
    return stage


def at_stage(lut: Amount, ff: Amount, stage: str) -> tuple[Amount, Amount]:
    """Scale LUT and FF of an HLS report to `stage`, by the same ratios for all structures."""
    return (lut, ff) if stage == 'csynth' else (lut * SYNTHESIS_LUT, ff * SYNTHESIS_FF)
