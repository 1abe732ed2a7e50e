"""Cost models of layers: pure functions from records to DSP, BRAM18, URAM, LUT, FF, cycles and initiation interval."""

from hls4ml_hwprune.resources.confidence import Confidence
from hls4ml_hwprune.resources.estimate import Estimate, estimate_layers, estimate_listed, listed_total
from hls4ml_hwprune.resources.kernel import (
    constant_counts,
    constants_in_dsp,
    ends_of_constants,
    kernel_resources,
    selection_costs,
    snapping_costs,
    whole_multiplexers,
)
from hls4ml_hwprune.resources.layer import layer_resources
from hls4ml_hwprune.resources.layer_estimate import LayerEstimate
from hls4ml_hwprune.resources.memories import in_block_ram
from hls4ml_hwprune.resources.multipliers import costly_constants
from hls4ml_hwprune.resources.reuse import kernel_reuse_factors, legal_reuse_factors
from hls4ml_hwprune.resources.stages import STAGES, check_stage
from hls4ml_hwprune.resources.timing.design import layer_cycles, layer_spans, one_at_a_time, selection_cycles, slowest_path
from hls4ml_hwprune.resources.vector import NAMES, Resources
from hls4ml_hwprune.resources.vivado_multiplexers import mark_multiplexers, multiplexer_inputs

__all__ = [
    'NAMES',
    'STAGES',
    'Confidence',
    'Estimate',
    'LayerEstimate',
    'Resources',
    'check_stage',
    'constant_counts',
    'constants_in_dsp',
    'costly_constants',
    'ends_of_constants',
    'estimate_layers',
    'estimate_listed',
    'in_block_ram',
    'kernel_resources',
    'kernel_reuse_factors',
    'layer_cycles',
    'layer_resources',
    'layer_spans',
    'legal_reuse_factors',
    'listed_total',
    'mark_multiplexers',
    'multiplexer_inputs',
    'one_at_a_time',
    'selection_costs',
    'selection_cycles',
    'slowest_path',
    'snapping_costs',
    'whole_multiplexers',
]
