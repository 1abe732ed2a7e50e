"""LUT and FF of kernels whose weights are constants (csynth).

Such a kernel is a row of multipliers and shift-adds under one adder tree an output. The tool cuts it into stages that fit
the clock, and each cut costs a register for every value that crosses it. The number of values after a time t: the products,
halved for every adder delay since the multiplier's.
"""

import numpy as np
from numpy.typing import ArrayLike

from hls4ml_hwprune.resources.logic.fitted import Array, present

# ns of an adder level, which halves the number of addends, and of a multiplier: UltraScale(+) and 7-series. Fitted on the FF
# of Latency kernels by `python -m benchmarks.fit_constant`.
DELAYS_NS = {False: (1.32, 1.38), True: (4.81, 3.70)}
# Resource at RF 1 registers each pair of addends with a product in it, and this share of the sums (29 campaign rows).
_RESOURCE_SUMS = 0.15
# Where products wait for shared multipliers (Latency, RF > 1): share of the addends with a register if all wait; and number
# of addends that wait together if one of them does.
_WAITING, _WAITING_TOGETHER = 0.72, 11
# With an interval above 1 stages share registers: 0.62 to 0.79 of the number at interval 1.
_SHARED = 0.72
# A registered multiplier keeps its operands and its product: 67 FF at 16 bits, 51 at 12, 47 at 11.
_MULTIPLIER_REGISTERS, _MULTIPLIER_CONTROL = 4, 3
# More stages than any kernel has.
_MAX_STAGES = 32


def constant_terms(
    n_out: int,
    n_nonzero: ArrayLike,
    n_dsp: ArrayLike,
    input_bits: int,
    weight_bits: int,
    accum_bits: int,
    reuse_factor: int = 1,
    *,
    n_multipliers: ArrayLike | None = None,
    n_sums: ArrayLike | None = None,
    limit: ArrayLike | None = None,
    stage_ns: float = 4.375,
    slow_fabric: bool = False,
    resource: bool = False,
) -> dict[str, Array]:
    """Hardware of a kernel whose weights are constants (Latency, or Resource at RF 1) by name, in bits.

    `evaluate('constant', ...)` converts it to LUT and FF (csynth).

    Parameters
    ----------
    n_out : int
    n_nonzero : int or array of int, any shape
        Number of nonzero weights: an adder each.
    n_dsp : int or array of int, broadcastable to `n_nonzero`
        Number of their distinct products in DSPs.
    input_bits, weight_bits, accum_bits : int
        Widths; for weights the width of the widest constant if known.
    reuse_factor : int
        Above 1 (Latency) results share registers, and products wait for multipliers.
    n_multipliers : int or array of int, optional
        Distinct products with a multiplier, in DSPs or in LUTs (`multipliers.constant_dsp`). Default: `n_dsp`.
    n_sums : int or array of int, optional
        Distinct products that are sums of two shifts. Default: all other weights.
    limit : int or array of int, optional
        Limit of multipliers (`multipliers.multiplier_limit`). Default: no limit.
    stage_ns : float
        Clock period less its uncertainty: 0.875 of the period with Vivado HLS and old Vitis HLS, 0.73 with hls4ml's default
        for Vitis HLS.
    slow_fabric : bool
        Whether the part is of 7-series.
    resource : bool
        Whether the strategy is Resource.

    Returns
    -------
    dict of str to ndarray of float
        Terms for which LUT and FF are nondecreasing in the weights and in their products together.
    """
    weights = np.asarray(n_nonzero, dtype=np.float64)
    multipliers = np.minimum(weights, n_dsp if n_multipliers is None else n_multipliers)
    sums = np.minimum(weights - multipliers, weights if n_sums is None else n_sums)
    built = multipliers if limit is None else np.minimum(multipliers, limit)
    in_dsp = np.minimum(built, n_dsp)
    width = min(accum_bits, input_bits + weight_bits)
    if resource:
        waiting_pairs = multipliers - multipliers**2 / np.maximum(2 * weights, 1)
        stages = width * (waiting_pairs + _RESOURCE_SUMS * sums)
    else:
        stages = width * crossing(weights, multipliers, n_out, stage_ns, *DELAYS_NS[slow_fabric])
    if reuse_factor > 1:
        stages = np.maximum(_SHARED * stages, width * _waiting(weights, multipliers, built))
    if slow_fabric and stage_ns < DELAYS_NS[slow_fabric][1]:
        stages = stages + in_dsp * (_MULTIPLIER_REGISTERS * input_bits + _MULTIPLIER_CONTROL)
    return {
        'kernel': present(weights),
        'adders': weights * accum_bits,
        'unchained_adders': weights * 2 ** -(stage_ns / DELAYS_NS[slow_fabric][0]),
        'sums': sums * input_bits,
        'products': in_dsp * float(not resource),
        'fabric_products': (built - in_dsp) * float(max(input_bits, weight_bits) ** 2),
        'stages': stages,
    }


def crossing(
    weights: Array, multipliers: Array, n_out: int, stage_ns: float, halving_ns: float, multiplier_ns: float
) -> Array:
    """Values that cross all cuts between stages, same shape as `weights`: none once an output has less than one left.

    Parameters
    ----------
    weights, multipliers : ndarray of float, same shape
        Number of addends, and number of those from a multiplier.
    n_out : int
    stage_ns, halving_ns, multiplier_ns : float
        Time for a stage, and delays of an adder level and of a multiplier.
    """
    late = 2 ** -(max(0.0, stage_ns - multiplier_ns) / halving_ns)
    early = 2 ** -(stage_ns / halving_ns)
    first = multipliers * late + (weights - multipliers) * early
    total: Array = np.zeros(np.shape(weights))
    for stage in range(_MAX_STAGES):
        left = first * 2.0 ** -(stage_ns / halving_ns * stage)
        crosses = left > np.minimum(n_out, weights)
        if not np.any(crosses):
            break
        total = total + np.where(crosses, left, 0.0)
    return total


def _waiting(weights: Array, multipliers: Array, built: Array) -> Array:
    """Addends held for products of later cycles, where multipliers are fewer than products."""
    late = (multipliers - built) / np.maximum(weights, 1)
    return _WAITING * weights * (1 - built / np.maximum(multipliers, 1)) * (1 - np.exp(-_WAITING_TOGETHER * late))
