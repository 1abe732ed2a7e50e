"""Calls that mypy checks, and nothing runs: each `type: ignore` is an error that has to be seen."""

import numpy as np

import hls4ml_hwprune


def check() -> None:
    """Call `enable` rightly and wrongly."""
    hls4ml_hwprune.enable({}, backend='Vitis', budget={'DSP': '0.5x', 'LUT': 3}, packing='auto', calibration=np.zeros(3))
    hls4ml_hwprune.enable({}, backend='Vitis', minimize={'DSP': 1}, max_loss='1%', ii=3, latency='5 ns', exclude=['fc1'])
    hls4ml_hwprune.enable({}, backend='Vitis', packin='auto')  # type: ignore[call-arg]
    hls4ml_hwprune.enable({}, backend='Vitis', packing=3)  # type: ignore[arg-type]
    hls4ml_hwprune.enable({}, backend='Vitis', budget='0.5x')  # type: ignore[arg-type]
