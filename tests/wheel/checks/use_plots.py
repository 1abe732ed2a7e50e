"""The figure of a sweep."""

from pathlib import Path

from network import dense

import hls4ml_hwprune

hls4ml_hwprune.sweep(dense(), [{'DSP': '0.5x'}, {'DSP': '0.3x'}]).figure('front.png')
assert Path('front.png').stat().st_size > 1000
