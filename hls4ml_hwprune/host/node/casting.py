"""Assignment of numbers to `ap_fixed` and `ap_int` types, bit for bit as the C++ headers of these types do it.

A fixed-point type rounds and overflows by its modes. An integer type has none: C++ converts numbers to it towards zero, and
the result wraps. The rules are those of `ap_fixed_base.h` and `ap_int_base.h` (Xilinx, HLS_arbitrary_Precision_Types).
"""

from collections.abc import Callable

import numpy as np
from hls4ml.model.types import FixedPrecisionType, IntegerPrecisionType, PrecisionType
from numpy.typing import NDArray

Values = NDArray[np.float64]
# Doubles below are exact whole numbers.
_EXACT = 2.0**53


def cast(values: NDArray, precision: PrecisionType) -> Values:
    """Values that a fixed-point or integer type holds once `values` were assigned to it.

    Parameters
    ----------
    values : ndarray of float
        Any shape; finite.
    precision : PrecisionType
        Of type `FixedPrecisionType` or `IntegerPrecisionType`, without saturation bits.

    Returns
    -------
    ndarray of float
        Same shape; exact where the type has no more than 53 bits.
    """
    values = np.asarray(values, np.float64)
    unit = 2.0 ** -int(precision.fractional)
    if isinstance(precision, IntegerPrecisionType):
        rounding, saturation = 'TRN_ZERO', 'WRAP'
    else:
        rounding, saturation = precision.rounding_mode.name, precision.saturation_mode.name
    # Scaling by a power of two loses nothing.
    codes = _ROUNDINGS[rounding](values / unit)
    high = 2.0 ** (precision.width - int(precision.signed))
    held: Values = _OVERFLOWS[saturation](codes, -high if precision.signed else 0.0, high)
    return held * unit


def cast_double(values: NDArray, precision: PrecisionType) -> Values:
    """Values that a type holds once C++ assigned floating-point numbers to it: samples, or parameters in the source code.

    As `cast`, but `ap_int` makes 1 of a number between -0.5 and 0 (`ap_int_base(double)`).
    """
    values = np.asarray(values, np.float64)
    if isinstance(precision, IntegerPrecisionType):
        values = np.where((values > -0.5) & (values < 0), 1.0, values)
    return cast(values, precision)


def is_settled(values: NDArray, target: PrecisionType, source: PrecisionType | None = None) -> NDArray[np.bool_]:
    """Whether `cast` is right for values that C++ converts from another type.

    A negative fraction of a type without bits left of the binary point becomes -1 in `ap_int`, or anything; one of any other
    type becomes 0 (`to_ap_int_base`).

    Parameters
    ----------
    values : ndarray of float
    target, source : PrecisionType
        Type that the values are assigned to, and the type that they have; None if that is not known.
    """
    if not isinstance(target, IntegerPrecisionType) or has_integer_bits(source):
        return np.ones(np.shape(values), bool)
    return ~((values >= -0.5) & (values < 0))


def has_integer_bits(*factors: PrecisionType | None) -> bool:
    """Whether a number, or the product of numbers, of these types has bits left of the binary point."""
    known = all(isinstance(factor, FixedPrecisionType | IntegerPrecisionType) for factor in factors)
    return known and sum(int(factor.integer) for factor in factors if factor is not None) > 0


def _nearest(codes: Values, half_away: NDArray[np.bool_]) -> Values:
    """Round to the nearest, and halves away from zero where `half_away` says so; `codes + 0.5` would not be exact."""
    whole = np.trunc(codes)
    rest = np.abs(codes - whole)
    return whole + np.sign(codes) * ((rest > 0.5) | ((rest == 0.5) & half_away))


_ROUNDINGS: dict[str, Callable[[Values], Values]] = {
    'TRN': np.floor,
    'TRN_ZERO': np.trunc,
    'RND': lambda codes: _nearest(codes, codes > 0),
    'RND_ZERO': lambda codes: _nearest(codes, np.zeros(codes.shape, bool)),
    'RND_INF': lambda codes: _nearest(codes, np.ones(codes.shape, bool)),
    'RND_MIN_INF': lambda codes: _nearest(codes, codes < 0),
    'RND_CONV': np.rint,
}


def _wrapped(codes: Values, low: float, high: float) -> Values:
    if codes.size and low <= codes.min() and codes.max() < high <= _EXACT:
        # Within the range, where the remainder of a division, which is slow, changes the sign of zero alone.
        return codes + 0.0
    return np.mod(codes - low, high - low) + low


def _zero_outside(codes: Values, low: float, high: float) -> Values:
    return np.where((codes < low) | (codes >= high), 0.0, codes)


_OVERFLOWS: dict[str, Callable[[Values, float, float], Values]] = {
    'WRAP': _wrapped,
    'SAT': lambda codes, low, high: np.clip(codes, low, high - 1),
    'SAT_ZERO': _zero_outside,
    # One bit with a sign has no symmetric range.
    'SAT_SYM': lambda codes, low, high: np.clip(codes, low + (low < -1), high - 1),
}
