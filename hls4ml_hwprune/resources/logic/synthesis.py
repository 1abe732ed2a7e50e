"""LUT and FF of time-multiplexed kernels after logic synthesis (vsynth).

HLS reports list a multiplexer for every multiplier; logic synthesis builds equal ones once, and packs adders and
multiplexers of registers tightly. Adders and input multiplexers were measured on RTL twins (`benchmarks/rtl`: counts by hand
are within 5 % on 75 kernels); the logic around them was fitted (`benchmarks/fit_synthesis.py`).
"""

import numpy as np
from numpy.typing import ArrayLike

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources.logic.fitted import Array, Logic, coefficients
from hls4ml_hwprune.resources.logic.multiplexed import multiplexed_logic
from hls4ml_hwprune.resources.logic.operators import product_lut

# A LUT selects one of four bits; blocks of 32 inputs are joined by multiplexers that cost no LUT.
_LUT_WAYS, _BLOCK_WAYS = 4, 32
# RF <= n_in: LUTs of result registers, a bit of accumulator; and FF against the HLS report. Rough: two recurrent networks of
# uw-acme/HLS4ML_VS_MANUAL, whose LUT come out within 5 %.
_RESULT_LUT, _REGISTERS = 1.6, 0.7


def multiplexed_synthesis(kernel: Kernel, n_slots: ArrayLike, n_multiplexers: ArrayLike | None = None) -> Logic:
    """LUT and FF of one copy of `kernel` with `n_slots` slots: parameters and shapes as in `multiplexed_logic`."""
    slots: Array = np.asarray(n_slots, dtype=np.float64)
    if kernel.in_turn:
        lut, ff = _indexed(kernel, slots)
    else:
        lut = structure_lut(kernel, slots, n_multiplexers) + _held(kernel, slots)
        ff = _REGISTERS * multiplexed_logic(kernel, slots, n_multiplexers)[1]
    return np.where(slots > 0, lut, 0.0), np.where(slots > 0, ff, 0.0)


def structure_lut(kernel: Kernel, n_slots: ArrayLike, n_multiplexers: ArrayLike | None = None) -> Array:
    """LUTs of adders and input multiplexers alone, as in the RTL twins."""
    slots: Array = np.asarray(n_slots, dtype=np.float64)
    if kernel.in_turn:
        return _turns(kernel, slots)
    return _adders(kernel, slots) + _multiplexers(kernel, slots, n_multiplexers)


def indexed_terms(kernel: Kernel, n_slots: ArrayLike) -> dict[str, Array]:
    """Hardware of a kernel with RF > n_in by name, unit bits."""
    slots: Array = np.asarray(n_slots, dtype=np.float64)
    outputs: Array = np.minimum(float(kernel.n_out), slots * (kernel.reuse_factor // kernel.n_in))
    return {
        'inputs': np.minimum(slots, 1.0) * float(kernel.n_in * kernel.input_bits),
        'outputs': outputs * float(kernel.accum_bits),
        'weights': slots * float(kernel.weight_bits),
    }


def multiplexer_blocks(ways: int) -> int:
    """LUTs a bit of a multiplexer of `ways` inputs."""
    if ways < 2:
        return 0
    return -(-ways // _LUT_WAYS) + multiplexer_blocks(-(-ways // _BLOCK_WAYS))


def _indexed(kernel: Kernel, slots: Array) -> Logic:
    fitted, terms = coefficients()['multiplexed_vsynth'], indexed_terms(kernel, slots)
    lut, ff = (sum(fitted[name]['coefficients'][term] * terms[term] for term in terms) for name in ('lut', 'ff'))
    return np.asarray(lut), np.asarray(ff)


def _adders(kernel: Kernel, slots: Array) -> Array:
    """Adder tree and accumulator of each output, one LUT a bit; and multipliers without a DSP."""
    outputs: Array = np.minimum(float(kernel.n_out), slots)
    product_bits = min(kernel.accum_bits, kernel.input_bits + kernel.weight_bits + 1)
    sums = (slots - outputs) * float(product_bits) + outputs * float(kernel.accum_bits)
    return sums + slots * float(product_lut(kernel.input_bits, kernel.weight_bits))


def _turns(kernel: Kernel, slots: Array) -> Array:
    """RF > n_in: all slots read one multiplexer; a gate in front of each accumulator lets the products of its turn in."""
    outputs: Array = np.minimum(float(kernel.n_out), slots * float(kernel.reuse_factor // kernel.n_in))
    gated = min(kernel.accum_bits, kernel.input_bits + kernel.weight_bits)
    inputs: Array = np.minimum(slots, 1.0) * float(kernel.input_bits * multiplexer_blocks(kernel.n_in))
    products = slots * float(product_lut(kernel.input_bits, kernel.weight_bits))
    return inputs + products + outputs * float(kernel.accum_bits + gated)


def _multiplexers(kernel: Kernel, slots: Array, n_multiplexers: ArrayLike | None) -> Array:
    """Input multiplexers: ceil(n_in / RF) in hls4ml's layout, shared by all outputs."""
    shared = float(-(-kernel.n_in // kernel.reuse_factor))
    count: Array = np.minimum(slots, shared) if n_multiplexers is None else np.asarray(n_multiplexers, np.float64)
    return count * float(kernel.input_bits * multiplexer_blocks(min(kernel.reuse_factor, kernel.n_in)))


def _held(kernel: Kernel, slots: Array) -> Array:
    """Logic of the registers of inputs, where the HLS report lists some, and of results."""
    held = kernel.source in ('layer', 'stream', 'port')
    each = coefficients()['multiplexed_vsynth']['lut']['coefficients']['inputs'] * kernel.input_bits
    inputs: Array = float(held) * np.minimum(float(kernel.n_in), slots * kernel.reuse_factor) * each
    outputs: Array = np.minimum(float(kernel.n_out), slots)
    return inputs + outputs * (_RESULT_LUT * kernel.accum_bits)
