"""LUT and FF of layers as HLS reports them (csynth: about 2 and 1.2 times those of logic synthesis)."""

from hls4ml_hwprune.resources.logic.constant import constant_logic, constant_terms
from hls4ml_hwprune.resources.logic.elementwise import ELEMENTWISE_KINDS, elementwise_logic, elementwise_terms
from hls4ml_hwprune.resources.logic.fitted import coefficients
from hls4ml_hwprune.resources.logic.multiplexed import multiplexed_logic, multiplexed_terms

__all__ = [
    'ELEMENTWISE_KINDS',
    'coefficients',
    'constant_logic',
    'constant_terms',
    'elementwise_logic',
    'elementwise_terms',
    'multiplexed_logic',
    'multiplexed_terms',
]
