"""What layers cost: pure functions from records to DSP, BRAM18, URAM, LUT, FF, cycles and initiation interval."""

from hls4ml_hwprune.resources.confidence import Confidence
from hls4ml_hwprune.resources.estimate import Estimate, LayerEstimate, estimate_layers
from hls4ml_hwprune.resources.kernel import constants_in_dsp, kernel_resources, selection_costs, snapping_costs
from hls4ml_hwprune.resources.layer import layer_resources
from hls4ml_hwprune.resources.stages import STAGES
from hls4ml_hwprune.resources.vector import NAMES, Resources

__all__ = [
    'NAMES',
    'STAGES',
    'Confidence',
    'Estimate',
    'LayerEstimate',
    'Resources',
    'constants_in_dsp',
    'estimate_layers',
    'kernel_resources',
    'layer_resources',
    'selection_costs',
    'snapping_costs',
]
