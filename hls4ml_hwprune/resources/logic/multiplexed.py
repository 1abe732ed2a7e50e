"""LUT and FF of kernels whose multipliers are shared in time (Resource, RF > 1), in HLS reports (csynth).

A bill of materials of hls4ml's loop: figures of the tools for its adders, multiplexers and registers.
`benchmarks/bench_model.py` checks it against reports: on the 633 of the 1-layer campaign, all at RF > n_in, no LUT figure is
more than 2 % off.
"""

import numpy as np
from numpy.typing import ArrayLike

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources.logic.fitted import Array, Logic
from hls4ml_hwprune.resources.logic.operators import adder_lut, multiplexer_lut, product_lut, register_multiplexer_lut
from hls4ml_hwprune.resources.multipliers import multiplier_dsp

# Loop counter, its comparison, states and handshake; RF > n_in keeps an input and an output index too.
_CONTROL_LUT, _CONTROL_FF, _INDEX_LUT, _INDEX_FF = 110, 20, 130, 64
# Two stages of a multiplier in slow fabric.
_SLOW_PRODUCT_LUT, _SLOW_PRODUCT_FF = 2, 67
# Most inputs of a multiplexer that fits into one pipeline stage with a multiplier, and least clock period for that.
_ONE_STAGE_INPUTS, _ONE_STAGE_CLOCK = 64, 4.0
# A multiplexer in front of a multiplier is listed with the figure of 64 inputs at most; from 512 on it is selections.
_LARGEST_INPUT_MULTIPLEXER = 273
_INDEXED_INPUTS, _INDEXED_OUTPUTS = 256, 256
# A design's own input port is one wide word: two shifters (RF > n_in), and masks of two LUTs a bit up to 4,096 bits.
_PORT_SHIFT_LUT, _PORT_MASK_BITS = 4492, 4096
# A selection of one of the inputs: a comparison and a gate an address.
_ADDRESS_LUT = 13


def multiplexed_logic(kernel: Kernel, n_slots: ArrayLike, n_multiplexers: ArrayLike | None = None) -> Logic:
    """LUT and FF of one copy of `kernel` with `n_slots` multiplier slots.

    Parameters
    ----------
    kernel : Kernel
    n_slots : int or array of int, any shape
        Kept slots; the dense kernel has ceil(n_in * n_out / reuse_factor), and zero slots cost nothing.
    n_multiplexers : int or array of int, optional
        Input multiplexers of slots with free choice of inputs, each of reuse_factor inputs. Default: hls4ml's own layout.

    Returns
    -------
    (lut, ff) : ndarray of float, shape of `n_slots`
        Nondecreasing in `n_slots`.
    """
    slots: Array = np.asarray(n_slots, dtype=np.float64)
    parts = [_control(kernel), _inputs(kernel, slots), _products(kernel, slots), _results(kernel, slots)]
    parts.append(_sums(kernel, slots) if not kernel.in_turn else _indexed_sums(kernel, slots))
    parts.append((_input_selection(kernel, slots, n_multiplexers), np.zeros(slots.shape)))
    lut, ff = (sum(column) for column in zip(*parts, strict=True))
    return np.where(slots > 0, lut, 0.0), np.where(slots > 0, ff, 0.0)


def _two_stages(kernel: Kernel) -> bool:
    """Whether an input is selected in one cycle and multiplied in the next."""
    target = kernel.target
    return kernel.n_in > _ONE_STAGE_INPUTS or target.clock_ns < _ONE_STAGE_CLOCK or target.slow_fabric


def _control(kernel: Kernel) -> tuple[float, float]:
    counter_bits = 2 * (kernel.reuse_factor - 1).bit_length()
    if not kernel.in_turn:
        return _CONTROL_LUT, _CONTROL_FF + counter_bits
    index_bits = _INDEX_FF + (kernel.n_out - 1).bit_length()
    return _CONTROL_LUT + _INDEX_LUT, _CONTROL_FF + counter_bits + index_bits


def _inputs(kernel: Kernel, slots: Array) -> Logic:
    """LUT and FF of input registers over the RF cycles; a window of a convolution, a state or a port are held elsewhere."""
    held = kernel.source in ('layer', 'stream') and (not kernel.in_turn or kernel.n_slots > 1)
    two, three = register_multiplexer_lut(2), register_multiplexer_lut(3)
    if kernel.target.slow_fabric:
        lut, copies = two + three, 2
    else:
        lut, copies = (4 * two, 3) if _two_stages(kernel) else (two + 2 * three, 2)
    used: Array = float(held) * np.minimum(kernel.n_in, slots * kernel.reuse_factor)
    return used * lut, used * (copies * kernel.input_bits)


def _products(kernel: Kernel, slots: Array) -> Logic:
    """Multipliers, and the registers between them and the multiplexers before."""
    lut = float(product_lut(kernel.input_bits, kernel.weight_bits))
    ff = 0.0
    if kernel.target.slow_fabric and multiplier_dsp(kernel.input_bits, kernel.weight_bits):
        lut, ff = _SLOW_PRODUCT_LUT, _SLOW_PRODUCT_FF
    product_bits = min(kernel.accum_bits, kernel.input_bits + kernel.weight_bits)
    if kernel.reuse_factor < kernel.n_in and _two_stages(kernel):
        ff += product_bits + kernel.target.slow_fabric * (kernel.input_bits + kernel.weight_bits)
    elif kernel.reuse_factor == kernel.n_in and _two_stages(kernel):
        ff += kernel.weight_bits
    return slots * lut, slots * ff


def _sums(kernel: Kernel, slots: Array) -> Logic:
    """RF <= n_in: a tree of adders and an accumulator for each output, each at the width of its largest sum."""
    outputs: Array = np.minimum(float(kernel.n_out), slots)
    all_outputs, _ = kernel.designed or (kernel.n_out, kernel.n_in)
    deepest = np.ceil(np.log2(np.maximum(kernel.n_slots / all_outputs, 1)))
    tree_bits = min(kernel.accum_bits, kernel.input_bits + kernel.weight_bits + int(deepest))
    lut = (slots - outputs) * adder_lut(tree_bits) + outputs * (adder_lut(kernel.accum_bits) + register_multiplexer_lut(2))
    return lut, outputs * kernel.accum_bits


def _indexed_sums(kernel: Kernel, slots: Array) -> Logic:
    """RF > n_in: a slot adds to one of several accumulators in turn, read and written through a multiplexer."""
    outputs_a_slot = float(kernel.reuse_factor // kernel.n_in)
    outputs: Array = np.minimum(float(kernel.n_out), slots * outputs_a_slot)
    two, three = register_multiplexer_lut(2), register_multiplexer_lut(3)
    adders, bits = slots * adder_lut(kernel.accum_bits), kernel.accum_bits
    if kernel.n_slots == 1:
        return adders + outputs * 2 * (two + three) + _figure(kernel, kernel.n_out), outputs * (
            2 * bits
        ) + slots * kernel.input_bits
    in_dsp = multiplier_dsp(kernel.input_bits, kernel.weight_bits) > 0
    if outputs_a_slot <= 2:
        return adders + outputs * (2 * two + three), outputs * bits + slots * (kernel.weight_bits * in_dsp)
    registered = bits if in_dsp else kernel.weight_bits + 1
    if kernel.n_out > _INDEXED_OUTPUTS:
        return adders + outputs * (two + three + bits), outputs * bits + slots * registered
    return adders + outputs * (two + three) + slots * _figure(kernel, kernel.n_out), outputs * bits + slots * registered


def _results(kernel: Kernel, slots: Array) -> Logic:
    """LUT and FF of result registers, for a kernel that is called in a loop."""
    called = kernel.source in ('stream', 'window', 'state')
    turns = kernel.reuse_factor // kernel.n_in if kernel.in_turn else 1
    outputs: Array = float(called) * np.minimum(float(kernel.n_out), slots * float(turns))
    return outputs * register_multiplexer_lut(2), outputs * kernel.result_bits


def _input_selection(kernel: Kernel, slots: Array, n_multiplexers: ArrayLike | None) -> Array:
    """Multiplexers between inputs and multipliers."""
    n_in, reuse_factor = kernel.n_in, kernel.reuse_factor
    if n_multiplexers is not None:
        # These are arrays of RF wires, independent of other multiplexers of the design.
        own = min(float(multiplexer_lut(min(reuse_factor, n_in))), _LARGEST_INPUT_MULTIPLEXER)
        return np.asarray(n_multiplexers, dtype=np.float64) * min(own, _figure(kernel, min(reuse_factor, n_in)))
    one: Array = np.minimum(slots, 1.0)
    if reuse_factor > n_in:
        if kernel.source == 'port':
            return one * (_PORT_SHIFT_LUT + 2 * min(n_in * kernel.input_bits, _PORT_MASK_BITS))
        return one * (register_multiplexer_lut(n_in) if kernel.source == 'window' else _figure(kernel, kernel.n_out))
    largest = min(_figure(kernel, n_in), _LARGEST_INPUT_MULTIPLEXER)
    if reuse_factor == n_in:
        return one * largest
    if reuse_factor & (reuse_factor - 1) == 0 and n_in <= _INDEXED_INPUTS:
        # The index is a concatenation of constant and counter, so that the tools find no two equal.
        return slots * largest
    sharers: Array = np.minimum(slots, float(-(-n_in // reuse_factor)))
    return sharers * (reuse_factor * kernel.input_bits) + one * (reuse_factor * _ADDRESS_LUT)


def _figure(kernel: Kernel, ways: int) -> float:
    """LUTs of a multiplexer in the tool's report."""
    return float(multiplexer_lut(kernel.multiplexer_ways or ways))
