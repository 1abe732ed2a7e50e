"""DSP blocks of multipliers, of variables and of constants.

The rules were read off Vivado HLS and Vitis HLS reports (csynth); `benchmarks/check_rules.py` holds them against some.
"""

import numpy as np
from numpy.typing import NDArray

# A DSP48E2 multiplies 18 x 27 bits; products whose operands are narrower than this are built from LUTs.
_MIN_NARROW, _MIN_WIDE = 5, 11
_DSP_NARROW, _DSP_WIDE = 18, 27
# A constant with this many nonzero signed digits takes a DSP; below, it is one shift or a sum of two.
_COSTLY_DIGITS = 3


def multiplier_dsp(a_bits: int, b_bits: int) -> int:
    """DSP blocks of one multiplier of two variables of `a_bits` and `b_bits` bits.

    Parameters
    ----------
    a_bits, b_bits : int
        Operand widths in bits, sign included.

    Returns
    -------
    int
        0 where the tools use LUTs, 1 up to 18 x 27 bits, else the number of tiles that cover the product.
    """
    narrow, wide = sorted((a_bits, b_bits))
    if narrow < _MIN_NARROW or wide < _MIN_WIDE:
        return 0
    return _tiles(narrow, _DSP_NARROW) * _tiles(wide, _DSP_WIDE)


def _tiles(bits: int, tile: int) -> int:
    # Only the top tile holds the sign, so the others take one bit less.
    return 1 if bits <= tile else -(-(bits - 1) // (tile - 1))


def csd_digits(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nonzero digits of each integer's canonical signed digit form, same shape as `codes`.

    The digits are the bits in which n and 3n differ (Reitwiesner 1960).
    """
    magnitude = np.abs(codes).astype(np.uint64)
    differing = magnitude ^ (np.uint64(3) * magnitude)
    bits = np.unpackbits(differing.reshape(-1, 1).view(np.uint8), axis=1)
    return bits.sum(axis=1, dtype=np.int64).reshape(codes.shape)


def costly_constants(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which constant factors the tools put into a DSP, same shape as `codes`."""
    return csd_digits(codes) >= _COSTLY_DIGITS


def first_uses(codes: NDArray[np.int64], inputs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark, along a sequence of constant products, those that need a DSP of their own.

    Products of one input with equal codes share a multiplier, so only the first costs; codes of few digits cost none.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        The constants.
    inputs : ndarray of int, shape (n,)
        The input that each constant multiplies.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    first = np.zeros(codes.shape, dtype=bool)
    low = int(codes.min(initial=0))
    span = int(codes.max(initial=0)) - low + 1
    _, where = np.unique(inputs * span + (codes - low), return_index=True)
    first[where] = True
    return first & costly_constants(codes)
