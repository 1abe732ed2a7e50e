"""LUT and FF of an io_stream convolution with constant weights beside its kernel (csynth): window, counters, control.

Read off the sections of 22 reports: nothing is fitted. The line buffers are not included.
"""

import numpy as np

from hls4ml_hwprune.resources.logic.fitted import Array, Logic

# Counters of position and stride with their comparisons, and the loop around them: 354 + 32 LUTs of Expression with two
# dimensions, 238 + 40 with one; four or two counters of 32 bits with their control.
_LUT = {1: 280.0, 2: 390.0}
_FF = {1: 110.0, 2: 230.0}
# Handshake: a multiplexer of 9 LUTs an element of the input stream and three an element of the output stream (Vivado HLS);
# Vitis HLS packs each stream into one word, so their number is fixed.
_MULTIPLEXER, _RESULTS, _PACKED_LUT = 9.0, 3.0, 200.0
# Vitis HLS, two dimensions: 443 to 511 LUTs of Expression, 149 to 237 of control; a multiplexer of 9 LUTs in front of each
# element of the window, elements from a line buffer excepted. The window is held once, beside four counters.
_PACKED_2D_LUT, _PACKED_2D_FF = 640.0, 167.0
# The window is held, and two thirds of it a second time while the next pixel is shifted in (1.62 of it in the reports).
_WINDOW = 1.65


def conv_overhead(
    n_in: int,
    n_out: int,
    n_channels: int,
    input_bits: int,
    result_bits: int,
    n_dimensions: int = 2,
    packed: bool = True,
) -> Logic:
    """LUT and FF of an io_stream convolution beside its kernel and its line buffers (csynth).

    Parameters
    ----------
    n_in : int
        Inputs of the kernel: kernel height x kernel width x channels.
    n_out, n_channels : int
        Filters, and channels of the input.
    input_bits, result_bits : int
    n_dimensions : int
        1 or 2.
    packed : bool
        Whether the tool packs a stream into one word: Vitis HLS does, Vivado HLS does not.

    Returns
    -------
    (lut, ff) : ndarray of float
        With `constant_terms` and the line buffers: median errors of 20 whole layers in `conv_2d_cl` reports 9 % (LUT) and
        19 % (FF), none of them packed. Packed: read off 4 reports of one repository with one dimension, and 5 of 2
        repositories with two.
    """
    if packed and n_dimensions > 1:
        filter_size = n_in / n_channels
        shifted = n_channels * (filter_size - np.sqrt(filter_size))
        return _array(_PACKED_2D_LUT + _MULTIPLEXER * shifted), _array(_PACKED_2D_FF + n_in * input_bits)
    handshake = _PACKED_LUT if packed else _MULTIPLEXER * (n_channels + _RESULTS * n_out)
    lut = _LUT[n_dimensions] + handshake
    ff = _FF[n_dimensions] + n_out * result_bits + _WINDOW * n_in * input_bits
    return _array(lut), _array(ff)


def _array(value: float) -> Array:
    return np.asarray(value, dtype=np.float64)
