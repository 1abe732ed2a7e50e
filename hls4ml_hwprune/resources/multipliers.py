"""DSP blocks of multipliers, of variables and of constants.

The rules were read off Vivado HLS and Vitis HLS reports (csynth); `benchmarks/bench_model.py` checks them against some.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hls4ml_hwprune.occurrences import first_places

Binding = Literal['dsp', 'fabric']

# A DSP48E2 multiplies 18 x 27 bits; products whose operands are narrower than this are built from LUTs.
_MIN_NARROW, _MIN_WIDE = 5, 11
_DSP_NARROW, _DSP_WIDE = 18, 27
# A constant with this many nonzero signed digits is multiplied; below, it is one shift or a sum of two.
_COSTLY_DIGITS = 3
# Masks of every second bit, of two bits and four bits of each field, and of the lowest bit of each byte.
_EVERY_SECOND, _EVERY_TWO = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_EVERY_FOUR, _EVERY_EIGHTH = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


@lru_cache(maxsize=4096)
def multiplier_dsp(a_bits: int, b_bits: int, result_bits: int | None = None, binding: Binding | None = None) -> int:
    """DSP blocks of one multiplier of two variables of `a_bits` and `b_bits` bits.

    Parameters
    ----------
    a_bits, b_bits : int
        Operand widths in bits, sign included.
    result_bits : int, optional
        Lowest bits of the product that are kept: tiles entirely above them are left out (32 x 32 bits take 4 blocks, or 3
        where 32 bits of the product are kept). Default: all.
    binding : {'dsp', 'fabric'}, optional
        Resource to which the project binds multipliers (config_op, BIND_OP). Default: the tool chooses.

    Returns
    -------
    int
        0 where the tools use LUTs, 1 up to 18 x 27 bits, else the number of tiles that cover the product. Vivado HLS and
        Vitis HLS agree on all widths reported by both, but for 34 x 34 bits: 4 in 2019.2, 3 in 2022.2; 4 is returned.
    """
    narrow, wide = sorted((a_bits, b_bits))
    if binding == 'fabric' or (binding is None and (narrow < _MIN_NARROW or wide < _MIN_WIDE)):
        return 0
    kept = a_bits + b_bits if result_bits is None else result_bits
    offsets = np.add.outer(_offsets(narrow, _DSP_NARROW), _offsets(wide, _DSP_WIDE))
    return max(1, int((offsets < kept).sum()))


def _offsets(bits: int, tile: int) -> NDArray[np.int64]:
    # Only the top tile holds the sign, so the others take one bit less.
    return np.arange(1 if bits <= tile else -(-(bits - 1) // (tile - 1))) * (tile - 1)


def csd_digits(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nonzero digits of each integer's canonical signed digit form, same shape as `codes`.

    The digits are the bits in which n and 3n differ (Reitwiesner 1960).
    """
    magnitude = np.abs(codes).astype(np.uint64)
    return _ones(magnitude ^ (np.uint64(3) * magnitude)).astype(np.int64)


def _ones(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bits of each number that are set, added side by side in fields of 2, 4 and 8 bits: numpy before 2.0 has no count."""
    found = numbers - ((numbers >> np.uint64(1)) & _EVERY_SECOND)
    found = (found & _EVERY_TWO) + ((found >> np.uint64(2)) & _EVERY_TWO)
    found = (found + (found >> np.uint64(4))) & _EVERY_FOUR
    return (found * _EVERY_EIGHTH) >> np.uint64(56)


def costly_constants(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mask of the constants that the tools multiply with, rather than shift and add, same shape as `codes`."""
    return csd_digits(codes) >= _COSTLY_DIGITS


def constant_bits(codes: NDArray[np.int64], sign_bit: bool = True) -> NDArray[np.int64]:
    """Two's complement width of each constant, same shape as `codes`; without `sign_bit` positive ones are unsigned."""
    reach = np.where(codes < 0, ~codes, codes)
    # frexp gives the bit length exactly below 2**53, which no weight reaches.
    return np.frexp(reach.astype(np.float64))[1].astype(np.int64) + np.where(codes < 0, 1, int(sign_bit))


def constant_dsp(
    codes: NDArray[np.int64], input_bits: int, binding: Binding | None = None, sign_bit: bool = True
) -> NDArray[np.int64]:
    """DSP blocks of a multiplier by each constant, same shape as `codes`.

    Parameters
    ----------
    codes : ndarray of int
        The constants.
    input_bits : int
        Width of the other factor.
    binding : {'dsp', 'fabric'}, optional
        As for `multiplier_dsp`.
    sign_bit : bool
        False for Vivado HLS on UltraScale+, where reports list positive constants without their sign bit, so that 11 and 13
        need no DSP. True for Vitis HLS, and for 7-series.

    Returns
    -------
    ndarray of int
        0 for constants of less than 3 digits, else the count for the constant's own width: an input of 6 bits needs a DSP
        only for constants of 11 bits and more.
    """
    widths = constant_bits(codes, sign_bit)
    known = np.unique(widths)
    each = np.array([multiplier_dsp(input_bits, int(width), binding=binding) for width in known], dtype=np.int64)
    if not known.size:
        return np.zeros(codes.shape, dtype=np.int64)
    return np.where(costly_constants(codes), each[np.searchsorted(known, widths)], 0)


def multiplier_limit(n_in: int, n_out: int, reuse_factor: int, n_zeros: ArrayLike) -> NDArray[np.int64]:
    """Multipliers that hls4ml allows one kernel (ALLOCATION pragma): its weights less its zeros, over RF cycles.

    Parameters
    ----------
    n_in, n_out, reuse_factor : int
    n_zeros : int or array of int, any shape
        Zeros as hls4ml counts them: weights that are zero before the tool rounds them.

    Returns
    -------
    ndarray of int
    """
    return -(-n_in * n_out // reuse_factor) - np.asarray(n_zeros, dtype=np.int64) // reuse_factor


def allocated_dsp(n_multipliers: ArrayLike, n_dsp: ArrayLike, limit: ArrayLike) -> NDArray[np.int64]:
    """DSP blocks of a kernel of constants under a limit of multipliers (Latency with RF > 1).

    Parameters
    ----------
    n_multipliers, n_dsp : int or array of int, broadcastable
        Distinct products with a multiplier, and the DSP blocks of one multiplier for each.
    limit : int or array of int, broadcastable
        Result of `multiplier_limit`.

    Returns
    -------
    ndarray of int
        All blocks where the limit does not bind; else each of the shared multipliers takes the blocks of the dearest
        product, but never more in all than without sharing. Exact on 46 of 49 reports with RF > 1 of 4 repositories.
    """
    multipliers, blocks = np.asarray(n_multipliers, np.int64), np.asarray(n_dsp, np.int64)
    each = -(-blocks // np.maximum(multipliers, 1))
    return np.minimum(blocks, np.maximum(limit, 0) * each)


def first_uses(codes: NDArray[np.int64], inputs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark, along a sequence of constant products, each one with a multiplier of its own.

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
    return first_products(codes, inputs) & costly_constants(codes)


def first_sums(codes: NDArray[np.int64], inputs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the products with an adder of their own, by sums of two signed powers: as `first_uses`."""
    return first_products(codes, inputs) & (csd_digits(codes) == _COSTLY_DIGITS - 1)


def first_products(codes: NDArray[np.int64], inputs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the first product of each input with each code."""
    first = np.zeros(codes.shape, dtype=bool)
    low = int(codes.min(initial=0))
    span = int(codes.max(initial=0)) - low + 1
    first[first_places(inputs * span + (codes - low))] = True
    return first
