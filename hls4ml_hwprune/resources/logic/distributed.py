"""LUT and FF of kernels in distributed arithmetic: shifts and adders alone, counted by signed digits.

A rule of thumb without reports. A nonzero weight is an adder of its output; a product by a constant of d nonzero signed
digits takes d - 1 adders more, once for each input and odd part of a constant. Where the sum is more than an adder a digit
of the whole matrix, the digits are added as they are.
"""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources.logic.constant import DELAYS_NS
from hls4ml_hwprune.resources.multipliers import csd_digits


def distributed_logic(kernel: Kernel) -> tuple[float, float]:
    """LUT and FF of one copy of `kernel`: a LUT a bit of each adder, a register a bit of each output and pipeline stage."""
    codes = kernel.codes
    # hls4ml drops the weights once da4ml has turned them into code, and keeps the cost.
    live = np.ones(codes.shape, bool) if kernel.adder_bits else codes != 0
    if not live.any():
        return 0.0, 0.0
    bits = min(kernel.accum_bits, kernel.input_bits + kernel.weight_bits)
    added = np.maximum(live.sum(axis=1), 1).max()
    delay = DELAYS_NS[kernel.target.seven_series][0] * float(np.ceil(np.log2(added)))
    stages = 1 + int(delay // kernel.target.stage_ns)
    # An output without additions still counts an adder.
    lut = kernel.adder_bits or max(adders(codes), int(live.any(axis=1).sum())) * bits
    return float(lut), float(int(live.any(axis=1).sum()) * kernel.accum_bits * stages)


def adders(codes: NDArray[np.int64]) -> int:
    """Adders of a matrix of constants, shape (n_out, n_in), with the products of an input shared."""
    live = codes[codes != 0]
    outputs = int((codes != 0).any(axis=1).sum())
    direct = int(csd_digits(live).sum()) - outputs
    shared = live.size - outputs
    for column in codes.T:
        odd = np.unique(_odd_parts(column[column != 0]))
        shared += int((csd_digits(odd) - 1).sum())
    return min(direct, shared)


def _odd_parts(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Odd parts of magnitudes: factors of two are shifts."""
    magnitude = np.abs(codes)
    return magnitude // np.maximum(magnitude & -magnitude, 1)
