"""LUTs of single operators in HLS reports (csynth), read off detail tables of Vivado HLS 2019.1 to 2020.1."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hls4ml_hwprune.resources.multipliers import multiplier_dsp

# Product in LUTs, by its wider operand: the tools use the figure of the square product.
_PRODUCT_LUT = {5: 17, 6: 23, 7: 33, 8: 40, 9: 49, 10: 62}
# 18 bits and its LUTs: 20 multipliers of one report of Vitis HLS 2021.1 that were bound to LUTs.
_BOUND_PRODUCT_LUT = (18, 366)
# With an operand of fewer bits a product is an adder or two.
_NARROW_PRODUCT_LUT, _MIN_NARROW = 5, 5
# 16-bit multiplexers of 2, 4, ... inputs; larger ones are trees of 4-input ones, one LUT a bit each.
_MULTIPLEXER_LUT = {2: 9, 4: 17, 8: 33, 16: 65, 32: 152, 64: 273}
_MULTIPLEXER_BITS = 16
# Sizes whose figures are calculated once.
_TABULATED = 4096


def adder_lut(bits: int) -> float:
    """LUTs of an adder of `bits` bits."""
    return max(bits + 7.0, 15.0)


def product_lut(a_bits: int, b_bits: int) -> int:
    """LUTs of a multiplier that takes no DSP; 0 for one that does."""
    if multiplier_dsp(a_bits, b_bits):
        return 0
    narrow, wide = sorted((a_bits, b_bits))
    if narrow < _MIN_NARROW:
        return _NARROW_PRODUCT_LUT
    return _PRODUCT_LUT.get(wide, 6 * wide)


def bound_product_lut(a_bits: int, b_bits: int) -> float:
    """LUTs of a multiplier that is bound to LUTs, where it would take DSPs; an upper bound for constant factors."""
    wide = max(a_bits, b_bits)
    if wide in _PRODUCT_LUT:
        return float(_PRODUCT_LUT[wide])
    (low, least), (high, most) = (max(_PRODUCT_LUT), max(_PRODUCT_LUT.values())), _BOUND_PRODUCT_LUT
    return max(least + (most - least) * (wide - low) / (high - low), most * (wide / high) ** 2 if wide > high else 0.0)


def register_multiplexer_lut(ways: int) -> float:
    """LUTs in front of a register with `ways` sources, at any width."""
    return 6.0 * ways - 3.0 if ways > 1 else 0.0


def multiplexer_lut(ways: ArrayLike) -> NDArray[np.float64]:
    """LUTs of a multiplexer of `ways` inputs, addressed by an index.

    Reports list the same figure for operands of 8 to 32 bits. Sizes that are no power of two lie between; above 64 they
    count as the next power. 5, 10, 13 and 45 inputs were seen with 27, 55, 65 and 197 LUTs.
    """
    inputs = np.asarray(ways, dtype=np.int64)
    if inputs.size and inputs.min() >= 0 and inputs.max() < _TABULATED:
        return np.asarray(_table().take(inputs))
    return _multiplexer_lut(inputs)


@cache
def _table() -> NDArray[np.float64]:
    """Figures of all small multiplexers."""
    return _multiplexer_lut(np.arange(_TABULATED))


def _multiplexer_lut(inputs: NDArray[np.int64]) -> NDArray[np.float64]:
    power = 2.0 ** np.ceil(np.log2(np.maximum(inputs, 1)))
    tree = _MULTIPLEXER_BITS * (power - 1) / 3
    full = np.select([power == p for p in _MULTIPLEXER_LUT], list(_MULTIPLEXER_LUT.values()), default=tree)
    partial = np.where(inputs <= max(_MULTIPLEXER_LUT), np.minimum(full, 4 * inputs + 17), full)
    return np.where(inputs > 1, partial, 0.0)
