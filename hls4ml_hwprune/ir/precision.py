"""From hls4ml's precision types to widths and to the numbers that the firmware will hold."""

import numpy as np
from hls4ml.model.types import FixedPrecisionType, IntegerPrecisionType, PrecisionType, RoundingMode, SaturationMode
from numpy.typing import NDArray
from quantizers import get_fixed_quantizer_np

# Beyond this a double holds no more decimal digits, and printing changes nothing.
_DOUBLE_DIGITS = 15


def is_fixed_point(precision: PrecisionType) -> bool:
    """Whether numbers of this type are plain fixed-point or integer numbers, of which zero is one."""
    return isinstance(precision, FixedPrecisionType | IntegerPrecisionType)


def fractional_bits(precision: PrecisionType) -> int:
    """Bits right of the binary point, negative where the last place is worth more than one."""
    return precision.fractional if isinstance(precision, FixedPrecisionType) else 0


def quantise(data: NDArray[np.float64], precision: PrecisionType) -> NDArray[np.int64]:
    """Integer codes that the firmware holds for `data`, in units of the last place; same shape.

    hls4ml prints weights with as many decimal digits as the type has fractional bits, and C++ converts the text: both
    roundings count, so a small positive weight can become zero and a small negative one the smallest negative number.
    """
    decimals = max(0, fractional_bits(precision))
    printed = np.round(np.asarray(data, float), decimals) if decimals <= _DOUBLE_DIGITS else np.asarray(data, float)
    return cast(printed, precision)


def cast(data: NDArray[np.float64], precision: PrecisionType) -> NDArray[np.int64]:
    """Integer codes that C++ gives `data` when it converts it to a type, in units of the last place; same shape."""
    fraction = fractional_bits(precision)
    if isinstance(precision, IntegerPrecisionType):
        rounding, saturation, integer = 'TRN', 'WRAP', precision.width
    else:
        rounding, saturation, integer = (*_modes(precision), precision.integer)
    sign = int(precision.signed)
    quantizer = get_fixed_quantizer_np(rounding, 'SAT' if saturation == 'SAT_ZERO' else saturation)
    codes = quantizer(data, sign, integer - sign, fraction) * 2.0**fraction
    if saturation == 'SAT_ZERO':
        limit = 2.0 ** (integer - sign)
        codes = np.where((data >= limit) | (data < -limit * sign), 0, codes)
    return np.rint(codes).astype(np.int64)


def _modes(precision: FixedPrecisionType) -> tuple[str, str]:
    rounding = precision.rounding_mode or RoundingMode.TRN
    saturation = precision.saturation_mode or SaturationMode.WRAP
    return rounding.name, saturation.name
