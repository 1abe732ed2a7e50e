"""LUT and FF of kernels in distributed arithmetic: shifts and adders alone, counted by signed digits.

A rule of thumb without reports. A nonzero weight is an adder of its output; a product by a constant of d nonzero signed
digits takes d - 1 adders more, once for each input and odd part of a constant. Where the sum is more than an adder a digit
of the whole matrix, the digits are added as they are.
"""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources.logic.constant import DELAYS_NS
from hls4ml_hwprune.resources.multipliers import csd_digits, first_products


def distributed_logic(kernel: Kernel) -> tuple[float, float]:
    """LUT and FF of one copy of `kernel`: a LUT a bit of each adder, a register a bit of each output and pipeline stage."""
    # hls4ml drops the weights once da4ml has turned them into code, and keeps the cost.
    live = np.arange(kernel.codes.size) if kernel.adder_bits else np.flatnonzero(kernel.codes)
    lut, ff = (float(found[-1]) for found in distributed_curve(kernel, live))
    return kernel.adder_bits or lut, ff


def distributed_curve(kernel: Kernel, positions: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """LUT and FF of one copy of `kernel` with the first k weights at flat `positions`, for every k; shape (K + 1,) each."""
    codes, (outputs, inputs) = kernel.codes.ravel()[positions], np.divmod(positions, kernel.n_in)
    digits, odd = csd_digits(codes), _odd_parts(codes)
    made = _running(_first(outputs))
    direct = _running(digits) - made
    shared = np.arange(positions.size + 1) - made + _running((digits - 1) * first_products(odd, inputs))
    bits = min(kernel.accum_bits, kernel.input_bits + kernel.weight_bits)
    # An output without additions still counts an adder.
    lut = np.maximum(np.minimum(direct, shared), made) * bits
    return lut.astype(float), (made * kernel.accum_bits * _stages(kernel, outputs)).astype(float)


def _stages(kernel: Kernel, outputs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pipeline stages of the adders of the output with the most weights, as these come one by one."""
    order = np.argsort(outputs, kind='stable')
    starts = np.searchsorted(outputs[order], outputs[order])
    rank = np.empty(outputs.size, np.int64)
    rank[order] = np.arange(outputs.size) - starts + 1
    most = np.maximum.accumulate(np.concatenate([[1], rank]))
    delay = DELAYS_NS[kernel.target.seven_series][0] * np.ceil(np.log2(most))
    stages: NDArray[np.int64] = 1 + (delay // kernel.target.stage_ns).astype(np.int64)
    return stages


def _first(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark of the first of each value."""
    marks = np.zeros(values.size, bool)
    marks[np.unique(values, return_index=True)[1]] = True
    return marks


def _running(marks: NDArray) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(marks)])


def _odd_parts(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Odd parts of magnitudes: factors of two are shifts."""
    magnitude = np.abs(codes)
    return magnitude // np.maximum(magnitude & -magnitude, 1)
