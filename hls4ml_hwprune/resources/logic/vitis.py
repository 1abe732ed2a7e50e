"""LUT and FF of kernels whose multipliers are shared in time, in reports of Vitis HLS (csynth): kernels of hls4ml 1.x.

A bill of materials of hls4ml's loop, read off the detail tables of 11 kernels in 2 repositories (Vitis HLS 2023.1 and
2024.2, Artix-7 and Zynq, 5 to 30 ns, 6 to 32 bits), whose LUT and FF are within 3 % and 8 % of it. Differences from Vivado
HLS: one selector for each ceil(n_in / RF) inputs, not one a slot; multiplexers in front of the registers of inputs and
outputs by the depth of the loop; chains of adders without their overhead. Other parts, and reuse factors below 8, have no
reports: their figures follow from the structure.
"""

import numpy as np
from numpy.typing import ArrayLike

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources.logic.fitted import Array, Logic
from hls4ml_hwprune.resources.logic.operators import adder_lut, multiplexer_lut, product_lut
from hls4ml_hwprune.resources.multipliers import multiplier_dsp

# Multiplexer in front of a register with two sources, and with three.
_TWO, _THREE = 9, 14
# Loop counter and its comparison beside the states and the handshake; RF > n_in: index of the input, and its wrap.
_EXPRESSION, _STATES, _INDEX_LUT = 10, 48, 110
_CONTROL_FF, _INDEX_FF = 16, 64
# Comparison of the index in which each slot is written, and the gates around: for each output of a slot in turn.
_WRITE_GATE = 22
# Multipliers: LUTs around a DSP block by the stages of the product, and registers in and behind it.
_AROUND_DSP, _STAGE_FF = {1: 6, 2: 2, 5: 1}, {1: 0, 2: 67, 5: 215}
# First layer of an io_parallel design: each selector shifts the whole input word, in one step or in a core of six stages.
_SHIFT_LUT, _SHIFT_CORE_LUT, _SHIFT_CORE_FF, _SHIFT_BITS, _PORT_LUT = 2171.0, 3216.0, 3692.0, 1024, 240.0
_CORE_STAGES = 7
# Clock period from which multiplexer, product and sum share one cycle, with the product in the block of the sum; and period
# below which a multiplier has more stages.
_FUSING_CLOCK, _TWO_STAGE_CLOCK = 20.0, 7.0
# Latency, RF > 1: share of an adder's LUTs in a chain, LUTs around a multiplier, and registers a bit: of each weight's sum,
# of inputs and of outputs.
_CHAINED, _AROUND_SHARED, _WEIGHT_REGISTERS, _INPUT_REGISTERS, _OUTPUT_REGISTERS = 0.9, 5, 0.6, 1.9, 1.5


def depth(kernel: Kernel) -> int:
    """Cycles of one step of the loop.

    2 where a cycle holds the whole step (30 ns: 5 of 5 kernels), else 3; with two stages of the multiplier (Artix-7 below
    7 ns) 5, with products of several blocks 7, and 12 for the shifted word of an input port: 11 of 11 kernels.
    """
    if _is_fused(kernel):
        return 2
    stages = product_stages(kernel)
    if kernel.source == 'port' and kernel.reuse_factor > 1 and stages > 1:
        return 5 + _CORE_STAGES
    return {1: 3, 2: 5}.get(stages, 7)


def product_stages(kernel: Kernel) -> int:
    """Pipeline stages of a multiplier."""
    fast = kernel.target.clock_ns < _TWO_STAGE_CLOCK
    if multiplier_dsp(kernel.input_bits, kernel.weight_bits) > 1:
        return 5 if fast else 2
    return 2 if kernel.target.slow_fabric and fast else 1


def slot_dsp(kernel: Kernel, n_slots: ArrayLike) -> Array:
    """DSP blocks of `n_slots` slots: where a cycle holds the whole step, a narrow product shares the block of its sum.

    5 of 5 kernels of 6 x 6 bits at 30 ns have a block an output, where faster clocks would build them in LUTs.
    """
    slots: Array = np.asarray(n_slots, dtype=np.float64)
    each = multiplier_dsp(kernel.input_bits, kernel.weight_bits)
    if each or not _is_fused(kernel):
        return slots * each
    return np.minimum(_outputs(kernel, slots), slots)


def vitis_multiplexed(kernel: Kernel, n_slots: ArrayLike, n_multiplexers: ArrayLike | None = None) -> Logic:
    """LUT and FF of one copy of `kernel` with `n_slots` slots: parameters and shapes as in `multiplexed_logic`."""
    slots: Array = np.asarray(n_slots, dtype=np.float64)
    parts = [_control(kernel), _registers(kernel, slots), _products(kernel, slots)]
    parts.append(_selectors(kernel, slots, n_multiplexers))
    parts.append(_indexed_sums(kernel, slots) if kernel.in_turn else _sums(kernel, slots))
    lut, ff = (sum(column) for column in zip(*parts, strict=True))
    return np.where(slots > 0, lut, 0.0), np.where(slots > 0, ff, 0.0)


def vitis_shared_constants(kernel: Kernel, n_weights: ArrayLike, n_multipliers: ArrayLike) -> Logic:
    """LUT and FF of one copy of a Latency kernel with RF > 1, with products that wait for shared multipliers.

    An adder a weight, and two selectors of RF operands a multiplier: LUT within 8 % of 7 of 7 kernels of 2 repositories
    (Vitis HLS 2023.2 and 2024.1; Artix-7 and UltraScale+), from whose registers the FF were read.

    Parameters
    ----------
    kernel : Kernel
    n_weights, n_multipliers : int or array of int, any shape
        Nonzero weights, and multipliers built.
    """
    weights, built = np.asarray(n_weights, np.float64), np.asarray(n_multipliers, np.float64)
    each = 2 * float(multiplexer_lut(kernel.reuse_factor)) + _AROUND_SHARED
    each += product_lut(kernel.input_bits, kernel.weight_bits)
    lut = _CHAINED * adder_lut(kernel.accum_bits) * weights + each * built
    ends = _INPUT_REGISTERS * kernel.n_in * kernel.input_bits + _OUTPUT_REGISTERS * kernel.n_out * kernel.accum_bits
    ff = _WEIGHT_REGISTERS * kernel.accum_bits * weights + _STAGE_FF[product_stages(kernel)] * built
    return lut, ff + np.minimum(weights, 1.0) * ends


def _is_fused(kernel: Kernel) -> bool:
    """Whether a cycle holds selector, product and sum."""
    return kernel.target.clock_ns >= _FUSING_CLOCK


def _outputs(kernel: Kernel, slots: Array) -> Array:
    turns = kernel.reuse_factor // kernel.n_in if kernel.in_turn else 1
    outputs: Array = np.minimum(float(kernel.n_out), slots * float(turns))
    return outputs


def _control(kernel: Kernel) -> tuple[float, float]:
    counter_bits = (kernel.reuse_factor - 1).bit_length()
    lut = _EXPRESSION + 2 * min(counter_bits + 8, 14) + _STATES
    return lut + kernel.in_turn * _INDEX_LUT, _CONTROL_FF + 2 * counter_bits + kernel.in_turn * _INDEX_FF


def _registers(kernel: Kernel, slots: Array) -> Logic:
    """LUT and FF of registers of inputs over the RF cycles and of outputs, with the multiplexers in front."""
    inputs: Array = np.minimum(float(kernel.n_in), slots * kernel.reuse_factor)
    outputs = _outputs(kernel, slots)
    shallow = depth(kernel) == 2
    each_output = 2 * _TWO if shallow else (2 * _TWO + _THREE if kernel.in_turn else 3 * _TWO)
    each_input, copies = (2 * _TWO, 2) if shallow else ((_THREE, 1) if kernel.in_turn else (3 * _TWO, 2))
    lut, ff = outputs * each_output, outputs * (2 * kernel.accum_bits)
    if kernel.source == 'port':
        used: Array = np.minimum(slots, 1.0)
        return lut + used * (2 * _THREE), ff + used * float(kernel.n_in * kernel.input_bits)
    return lut + inputs * each_input, ff + inputs * (copies * kernel.input_bits)


def _products(kernel: Kernel, slots: Array) -> Logic:
    """Multipliers, with registers of operands and results."""
    fused, stages = _is_fused(kernel), product_stages(kernel)
    in_lut = float(product_lut(kernel.input_bits, kernel.weight_bits))
    if fused:
        return (slots - np.minimum(_outputs(kernel, slots), slots)) * in_lut, np.zeros(slots.shape)
    product_bits = min(kernel.accum_bits, kernel.input_bits + kernel.weight_bits)
    held = product_bits + (kernel.weight_bits if stages > 1 else 0)
    lut = in_lut or float(_AROUND_DSP[stages])
    return slots * lut, slots * float(held + (0 if in_lut else _STAGE_FF[stages]))


def _sums(kernel: Kernel, slots: Array) -> Logic:
    """RF <= n_in: one addition a slot. Two of a chain share their overhead; a fused one goes into the DSP block."""
    outputs = _outputs(kernel, slots)
    each: Array = slots / np.maximum(outputs, 1.0)
    if _is_fused(kernel):
        return (slots - outputs) * adder_lut(kernel.accum_bits), np.zeros(slots.shape)
    one, bits = adder_lut(kernel.accum_bits), float(kernel.accum_bits)
    two = max(2 * bits, one)
    chain = np.interp(each, [0, 1, 2, 4], [0, one, two, max(2 * bits + 2 * one, two)]) + np.maximum(each - 4, 0) * bits
    partial = (np.maximum(each - 2, 0) * outputs * bits) if product_stages(kernel) > 1 else np.zeros(slots.shape)
    return outputs * chain, partial


def _indexed_sums(kernel: Kernel, slots: Array) -> Logic:
    """RF > n_in: a slot adds to one of several accumulators in turn, chosen by an index from a memory."""
    bits, turns = float(kernel.accum_bits), kernel.reuse_factor // kernel.n_in
    chosen = 7 * bits if turns <= 2 else (turns + 1) * bits + float(multiplexer_lut(turns))
    gates: Array = np.minimum(slots, 1.0) * float((turns > 2) * turns * _WRITE_GATE)
    adders = 0.0 if _is_fused(kernel) else adder_lut(kernel.accum_bits) + bits + 8
    registers = 0.0 if _is_fused(kernel) else (2 + max(turns, 2) / 2) * bits
    return slots * (chosen + adders + bits + 8) + gates, slots * registers


def _selectors(kernel: Kernel, slots: Array, n_multiplexers: ArrayLike | None) -> Logic:
    """Selectors of inputs for the multipliers, with a register behind where the step is deep."""
    one: Array = np.minimum(slots, 1.0)
    count = one if kernel.in_turn else np.minimum(slots, float(-(-kernel.n_in // kernel.reuse_factor)))
    ways = kernel.n_in if kernel.in_turn else min(kernel.reuse_factor, kernel.n_in)
    registered = float(kernel.input_bits * (depth(kernel) > 3 or kernel.source == 'port'))
    if n_multiplexers is not None:
        count = np.asarray(n_multiplexers, dtype=np.float64)
        return count * float(multiplexer_lut(ways)), count * registered
    if kernel.source != 'port':
        return count * float(multiplexer_lut(ways)), count * registered
    share = min(kernel.n_in * kernel.input_bits / _SHIFT_BITS, 1.0)
    if product_stages(kernel) > 1:
        return count * (share * _SHIFT_CORE_LUT) + one * _PORT_LUT, count * (share * _SHIFT_CORE_FF + registered)
    return count * (share * _SHIFT_LUT) + one * _PORT_LUT, count * registered
