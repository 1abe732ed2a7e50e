"""LUT and FF of layers in HLS reports (csynth), and pipeline stages of their registers."""

from hls4ml_hwprune.resources.logic.constant import constant_terms
from hls4ml_hwprune.resources.logic.convolution import conv_overhead
from hls4ml_hwprune.resources.logic.elementwise import (
    ELEMENTWISE_KINDS,
    dense_stream_logic,
    elementwise_logic,
    elementwise_terms,
)
from hls4ml_hwprune.resources.logic.fitted import coefficients, evaluate
from hls4ml_hwprune.resources.logic.multiplexed import multiplexed_logic
from hls4ml_hwprune.resources.logic.synthesis import multiplexed_synthesis
from hls4ml_hwprune.resources.timing.constant import constant_cycles, constant_stages

__all__ = [
    'ELEMENTWISE_KINDS',
    'coefficients',
    'constant_cycles',
    'constant_stages',
    'constant_terms',
    'conv_overhead',
    'dense_stream_logic',
    'elementwise_logic',
    'elementwise_terms',
    'evaluate',
    'multiplexed_logic',
    'multiplexed_synthesis',
]
