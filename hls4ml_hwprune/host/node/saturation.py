"""Saturation of output types: clipped values, whose gradient is zero."""

from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import FixedPrecisionType, SaturationMode
from numpy.typing import NDArray


def limits(node: Node) -> tuple[float, float] | None:
    """Smallest and largest value of the node's output type, if it saturates."""
    precision = node.get_output_variable().type.precision
    modes = (SaturationMode.SAT, SaturationMode.SAT_SYM)
    if not isinstance(precision, FixedPrecisionType) or precision.saturation_mode not in modes:
        return None
    unit, sign = 2.0**-precision.fractional, int(precision.signed)
    high = 2.0 ** (precision.integer - sign) - unit
    return -sign * (high if precision.saturation_mode == SaturationMode.SAT_SYM else high + unit), high


def where_it_moves(output: NDArray, ends: tuple[float, float], gradient: NDArray) -> NDArray:
    """Gradient before saturation, from the gradient of the output: 0 where the output is at an end of its type."""
    return gradient * ((output > ends[0]) & (output < ends[1]))
