"""LUT and FF of layers without a kernel (csynth): operators, registers and shift registers, as listed in reports.

Nothing is fitted here: the figures were read off reports, and `benchmarks/check_elementwise.py` checks them against these.
Where a comment says rough there are few rows or none, and the figure is a sum of operators: an adder of b bits counts b + 7
LUTs, a comparison of 16 bits 13, a selection one LUT a bit.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hls4ml_hwprune.records import Target
from hls4ml_hwprune.resources.logic.fitted import Array, Logic, present
from hls4ml_hwprune.tools import VITIS_HLS, VIVADO_HLS

# A clock this fast costs the 7 series a stage of registers even in io_parallel.
_FAST_CLOCK_NS = 4.0


class _Bill(NamedTuple):
    """LUTs or flip-flops of the layer, and for each element: fixed, a bit of input, a bit of result."""

    layer: float = 0.0
    element: float = 0.0
    bit: float = 0.0
    result_bit: float = 0.0


_RULES: Mapping[str, tuple[_Bill, _Bill]] = {
    # Comparison and selection: 28 LUTs at 16 bits.
    'relu': (_Bill(0, 7, 1.3), _Bill()),
    # Result rounded or saturated: 72 LUTs of 16 bits on UltraScale+, 81 on the 7 series; one in 20 elements is unused.
    'relu_saturated': (_Bill(0, 54, 1), _Bill()),
    'relu_stream': (_Bill(85, 7, 1.3), _Bill(15, 0, 0, 1)),
    'relu_saturated_stream': (_Bill(85, 80, 1), _Bill(20, 0, 0, 1)),
    # Rough: a comparison, a product by a constant as two adders, a selection.
    'leaky_relu': (_Bill(0, 22, 4), _Bill(0, 0, 1)),
    # Rough: a product by a power of two or an adder, two comparisons, two selections.
    'hard_activation': (_Bill(0, 35, 2), _Bill(0, 0, 1)),
    # Result rounded and saturated: Vitis HLS 2023.2 at 22 and 34 bits 180 and 228 LUT an element, 2023.1 at 16 bits 162;
    # Vivado HLS 2019.2 154.
    'hard_activation_saturated': (_Bill(0, 65, 4, 3.5), _Bill(0, 0, 1)),
    'hard_activation_saturated_stream': (_Bill(85, 65, 4, 3.5), _Bill(20, 0, 1.9)),
    # Rough: comparisons with constants.
    'threshold': (_Bill(0, 18, 0.5), _Bill()),
    # Table address and saturation; two one-element sigmoids (2016.4, 2019.2) show 104 and 133 LUT, 17 and 2 FF.
    'activation_table': (_Bill(0, 110), _Bill(0, 10)),
    'softmax': (_Bill(0, 120), _Bill(0, 55)),
    'softmax_latency': (_Bill(0, 35), _Bill(0, 28)),
    'softmax_stream': (_Bill(0, 150), _Bill(0, 55)),
    # A loop that calculates an exponential a cycle in floating point (one report of Vitis HLS 2024.2: 3,121 LUT, 1,169 FF
    # of the whole softmax).
    'table_fill': (_Bill(3121), _Bill(1059)),
    # Rough: a comparison and two selections a step.
    'argmax': (_Bill(0, 18, 1), _Bill(0, 0, 1)),
    # n counts channels with windows of 2 x 2: line buffer and three steps of the maximum.
    'pooling': (_Bill(480, 55, 4.4), _Bill(190, 64, 4)),
    # n counts channels with windows of 2.
    'pooling_1d': (_Bill(297, 20, 0.7), _Bill(200, 0, 2)),
    # n counts steps: elements of the windows less one each.
    'pooling_parallel': (_Bill(10, 20, 0.7), _Bill(2, 0, 1)),
    'batchnorm': (_Bill(0, 39), _Bill(0, 42)),
    # Multipliers shared by more than one element: multiplexers in front.
    'batchnorm_shared': (_Bill(50, 64), _Bill(15, 33)),
    'padding': (_Bill(430), _Bill(49, 0, 1)),
    'padding_1d': (_Bill(160), _Bill(16)),
    # Resizing (481 LUT, 466 FF at 64 channels of 6 bits); cloning, repacking and broadcasting are assumed equal.
    'stream': (_Bill(100, 6), _Bill(80, 0, 1)),
    # Rough: an adder and a register an element.
    'merge': (_Bill(0, 7, 1), _Bill(0, 0, 1)),
    # AXI interface of floating-point numbers: a converter, and in io_parallel one wide word that each element is shifted
    # into or out of (4 designs of 3 repositories within 3 %). n counts the elements of the network's end, in io_stream of a
    # pack, each with a converter (LUT within 10 % of 11 of 11 designs of 7 repositories, FF within 12 % of 10).
    'axi_read_float': (_Bill(2500, 0, 0, 10.6), _Bill(1300, 0, 0, 3.1)),
    'axi_write_float': (_Bill(1500, 10), _Bill(1000, 0, 0.75)),
    'axi_read_float_stream': (_Bill(1000, 430), _Bill(250, 40)),
    'axi_write_float_stream': (_Bill(500, 50), _Bill(150, 10)),
    # Rough: AXI interface without converters.
    'axi_read': (_Bill(250, 0, 0, 10.6), _Bill(100, 0, 0, 3.1)),
    'axi_write': (_Bill(150, 10), _Bill(100, 0, 0.75)),
    'axi_read_stream': (_Bill(250, 0, 1), _Bill(100, 0, 1)),
    'axi_write_stream': (_Bill(150, 0, 1), _Bill(100, 0, 1)),
    # Rough: registers around a DSP.
    'product': (_Bill(), _Bill(0, 0, 1)),
}
_VIVADO: Mapping[str, tuple[_Bill, _Bill]] = {
    'softmax_stream': (_Bill(0, 270), _Bill(0, 110)),
    'pooling': (_Bill(500, 155), _Bill(190, 64, 4)),
    'padding': (_Bill(60, 37), _Bill(25)),
}
# Vitis HLS from 2023.1 on, where a comparison of b bits is b + 7: 38 LUTs a relu of 16 bits, 61 of 38 bits (9 rows of 5
# repositories within 4 %; 3 of one that has registers are 12 to 21 % more, 3 of another with unsigned results a quarter; 28
# LUTs up to 2022.2). Rounded or saturated: 43 to 83 LUTs of 16 bits (2021.1, 2022.2), 82 to 167 of 19 to 32 bits (2023.1,
# 2024.1).
_VITIS: Mapping[str, tuple[_Bill, _Bill]] = {
    'relu': (_Bill(0, 6, 1, 1), _Bill()),
    'relu_stream': (_Bill(85, 6, 1, 1), _Bill(15, 0, 0, 1)),
    'relu_saturated': (_Bill(0, 25, 1.8, 3), _Bill()),
}
# Artix-7 and Zynq with its fabric: a stage of registers more; none in streams of Vitis HLS (3 repositories).
_SLOW_FF: Mapping[str, _Bill] = {
    'softmax': _Bill(0, 210),
    'softmax_latency': _Bill(0, 100),
    'batchnorm': _Bill(0, 125),
}
_SLOW_LUT: Mapping[str, _Bill] = {
    'softmax': _Bill(0, 148),
    'batchnorm': _Bill(0, 53),
}
_VIVADO_SLOW_FF: Mapping[str, _Bill] = {
    **_SLOW_FF,
    'relu_saturated_stream': _Bill(30, 10, 1),
    'softmax_stream': _Bill(0, 145),
    'pooling': _Bill(190, 84, 4),
    'axi_read_float_stream': _Bill(900, 60),
    'axi_write_float_stream': _Bill(700, 10),
}
_VIVADO_SLOW_LUT: Mapping[str, _Bill] = {**_SLOW_LUT, 'relu_saturated': _Bill(0, 60, 1)}
# At less than 4 ns: 34 FFs an element of 16 bits of a saturated relu.
_FAST_CLOCK_FF: Mapping[str, _Bill] = {'relu_saturated': _Bill(0, 2, 2), 'relu': _Bill(0, 0, 2)}
ELEMENTWISE_KINDS = tuple(_RULES)


# By tool, and on slow fabric.
_OF_TOOL = {VIVADO_HLS: (_VIVADO, _VIVADO_SLOW_LUT, _VIVADO_SLOW_FF), VITIS_HLS: (_VITIS, _SLOW_LUT, _SLOW_FF)}


def elementwise_logic(
    kind: str, n: ArrayLike, bits: ArrayLike, result_bits: ArrayLike | None = None, target: Target | None = None
) -> Logic:
    """LUT and FF of a layer without a kernel (csynth), without its BRAM and DSP.

    Parameters
    ----------
    kind : str
        One of `ELEMENTWISE_KINDS`. Kinds in '_stream', 'pooling', 'pooling_1d', 'padding', 'padding_1d' and 'stream' are
        layers of io_stream.
    n : int or array of int
        Elements handled side by side: all of them in io_parallel, the channels in io_stream.
    bits, result_bits : int or array of int
        Width of an element before and, by default the same, after.
    target : Target, optional
        Part, clock and tool; by default an UltraScale+ part at 5 ns with Vitis HLS.

    Returns
    -------
    (lut, ff) : ndarray of float, broadcast shape of `n` and the widths; nondecreasing in all.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind not in _RULES:
        raise ValueError(f'no logic model for {kind!r}; there are {", ".join(ELEMENTWISE_KINDS)}')
    given = Target() if target is None else target
    of_tool, slow_lut, slow_ff = _OF_TOOL[given.tool]
    lut, ff = of_tool.get(kind, _RULES[kind])
    if given.slow_fabric:
        lut, ff = slow_lut.get(kind, lut), slow_ff.get(kind, ff)
        if given.clock_ns < _FAST_CLOCK_NS:
            ff = _FAST_CLOCK_FF.get(kind, ff)
    after = bits if result_bits is None else result_bits
    return _total(lut, n, bits, after), _total(ff, n, bits, after)


def dense_stream_logic(n_in: ArrayLike, n_out: ArrayLike, input_bits: ArrayLike, result_bits: ArrayLike) -> Logic:
    """LUT and FF of a dense layer of io_stream beside its kernel: `dense_array` less `dense_wrapper` of the reports.

    A register for every input and output. 20 distinct pairs of 5 repositories, Vivado HLS 2019.1 to 2020.1: FF within 5 %
    on 17, LUT within a third on 16 (0.3 % and 0.1 % of the whole layer, medians).
    """
    inputs, outputs = np.asarray(n_in, float), np.asarray(n_out, float)
    ff = inputs * np.asarray(input_bits, float) + outputs * np.asarray(result_bits, float) + 20.0 * present(outputs)
    lut = 150.0 * present(outputs) + 14.0 * outputs
    return np.broadcast_arrays(lut, ff)[0] + 0.0, np.broadcast_arrays(lut, ff)[1] + 0.0


def elementwise_terms(n: ArrayLike, bits: ArrayLike) -> dict[str, Array]:
    """Hardware of an elementwise layer by name: parameters and shapes as in `elementwise_logic`."""
    elements, width = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(bits, dtype=np.float64))
    return {'layer': present(elements), 'elements': elements + 0.0, 'bits': elements * width}


def _total(bill: _Bill, n: ArrayLike, bits: ArrayLike, result_bits: ArrayLike) -> Array:
    terms, after = elementwise_terms(n, bits), elementwise_terms(n, result_bits)
    layer = bill.layer * terms['layer'] + bill.element * terms['elements']
    return np.asarray(layer + bill.bit * terms['bits'] + bill.result_bit * after['bits'])
