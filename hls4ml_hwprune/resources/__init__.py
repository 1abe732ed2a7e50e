"""What layers cost: pure functions from records to DSP, BRAM18, URAM, LUT, FF, cycles and initiation interval."""

from hls4ml_hwprune.resources.estimate import Estimate, estimate_layers, layer_resources, stage_factors
from hls4ml_hwprune.resources.kernel import kernel_resources, selection_costs
from hls4ml_hwprune.resources.multipliers import costly_constants
from hls4ml_hwprune.resources.vector import NAMES, Resources

__all__ = [
    'NAMES',
    'Estimate',
    'Resources',
    'costly_constants',
    'estimate_layers',
    'kernel_resources',
    'layer_resources',
    'selection_costs',
    'stage_factors',
]
