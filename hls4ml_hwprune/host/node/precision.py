"""Precision types of hls4ml: their widths, codes of numbers in the firmware, exactness in doubles."""

from collections.abc import Sequence

import numpy as np
from hls4ml.model.types import (
    FixedPrecisionType,
    IntegerPrecisionType,
    PrecisionType,
    SaturationMode,
    UnspecifiedPrecisionType,
)
from numpy.typing import NDArray

from hls4ml_hwprune.host.node.casting import cast

# Beyond this a double holds no more decimal digits, and printing changes nothing.
_DOUBLE_DIGITS = 15
# A double has 53, and sums may need one more than their terms.
_EXACT_BITS = 52


def is_fixed_point(precision: PrecisionType) -> bool:
    """Whether numbers of this type are plain fixed-point or integer numbers, zero among them."""
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
    return np.rint(cast(printed, precision) * 2.0 ** fractional_bits(precision)).astype(np.int64)


def is_exact(*precisions: PrecisionType) -> bool:
    """Whether products of numbers of these types, one of each, and casts of them to another are exact in doubles."""
    if not all(is_fixed_point(precision) and not getattr(precision, 'saturation_bits', 0) for precision in precisions):
        return False
    return sum(precision.width for precision in precisions) <= _EXACT_BITS


def is_exact_sum(*terms: Sequence[PrecisionType]) -> bool:
    """Whether a sum of terms, each a product of numbers of these types, is exact in doubles."""
    if not all(is_exact(*term) for term in terms):
        return False
    fractions = [sum(fractional_bits(precision) for precision in term) for term in terms]
    integers = [sum(p.width for p in term) - fraction for term, fraction in zip(terms, fractions, strict=True)]
    return max(integers) + max(fractions) <= _EXACT_BITS


def order_matters(precision: PrecisionType) -> bool:
    """Whether sums in this type depend on the order of additions: it does not plainly wrap, or is floating-point.

    A type that hls4ml has yet to infer will wrap.
    """
    if isinstance(precision, UnspecifiedPrecisionType):
        return False
    if not is_fixed_point(precision):
        return True
    return precision.saturation_mode is not SaturationMode.WRAP or bool(precision.saturation_bits)
