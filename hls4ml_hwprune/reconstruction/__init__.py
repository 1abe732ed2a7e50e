"""Reconstruction: new values of the kept weights, from calibration inputs, that make up for the pruned ones.

The room knows numpy and plain records only: inputs, and a network that runs, come from the callers.
"""

from hls4ml_hwprune.reconstruction.damping import best_fit
from hls4ml_hwprune.reconstruction.distillation import Divergence, divergence
from hls4ml_hwprune.reconstruction.grid import Grid, SlotGrid
from hls4ml_hwprune.reconstruction.least_squares import Affine, fit, squared_error
from hls4ml_hwprune.reconstruction.moments import Moments
from hls4ml_hwprune.reconstruction.refine import Schedule, refine
from hls4ml_hwprune.reconstruction.rounding import round_with_feedback

__all__ = [
    'Affine',
    'Divergence',
    'Grid',
    'Moments',
    'Schedule',
    'SlotGrid',
    'best_fit',
    'divergence',
    'fit',
    'refine',
    'round_with_feedback',
    'squared_error',
]
