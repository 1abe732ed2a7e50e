"""LUT and FF of kernels whose multipliers are shared in time (csynth)."""

import numpy as np
from numpy.typing import ArrayLike

from hls4ml_hwprune.resources.logic.fitted import Array, Logic, evaluate, present
from hls4ml_hwprune.resources.multipliers import multiplier_dsp


def multiplexed_logic(
    n_in: int,
    n_out: int,
    reuse_factor: int,
    n_slots: ArrayLike,
    input_bits: int,
    weight_bits: int,
    accum_bits: int,
    n_multiplexers: ArrayLike | None = None,
) -> Logic:
    """LUT and FF of a time-multiplexed kernel (Resource, RF > 1) that keeps `n_slots` multiplier slots (csynth).

    Parameters
    ----------
    n_in, n_out, reuse_factor : int
        Shape and reuse factor of the dense kernel.
    n_slots : int or array of int, any shape
        Slots kept; the dense kernel has ceil(n_in * n_out / reuse_factor), and no slot costs nothing.
    input_bits, weight_bits, accum_bits : int
    n_multiplexers : int or array of int, optional
        Input multiplexers, each of min(reuse_factor, n_in) inputs. Default: slots in hls4ml's own layout share them,
        ceil(n_in / reuse_factor) at most. Give `n_slots` for slots that choose their inputs freely.

    Returns
    -------
    (lut, ff) : ndarray of float, shape of `n_slots`
        Nondecreasing in `n_slots`. Source: `coefficients.json`, model 'multiplexed'.
    """
    terms = multiplexed_terms(n_in, n_out, reuse_factor, n_slots, input_bits, weight_bits, accum_bits, n_multiplexers)
    return evaluate('multiplexed', terms)


def multiplexed_terms(
    n_in: int,
    n_out: int,
    reuse_factor: int,
    n_slots: ArrayLike,
    input_bits: int,
    weight_bits: int,
    accum_bits: int,
    n_multiplexers: ArrayLike | None = None,
) -> dict[str, Array]:
    """Hardware of a multiplexed kernel by name: parameters and shapes as in `multiplexed_logic`, unit bits."""
    slots = np.asarray(n_slots, dtype=np.float64)
    # With RF > n_in a slot serves several outputs: beyond two the tools select among all accumulators (n_out : 1).
    outputs_per_slot = max(1, -(-reuse_factor // n_in))
    out_ways = 2 ** int(n_out - 1).bit_length() if outputs_per_slot > 2 else 0
    shared = -(-n_in // reuse_factor)
    multiplexers = np.minimum(slots, shared if n_multiplexers is None else n_multiplexers)
    fabric = multiplier_dsp(input_bits, weight_bits) == 0
    return {
        'kernel': present(slots),
        'accumulators': np.minimum(n_out, slots * outputs_per_slot) * accum_bits,
        'input_multiplexers': multiplexers * (min(reuse_factor, n_in) * input_bits),
        'output_multiplexers': slots * (out_ways * accum_bits),
        'adders': slots * accum_bits,
        'weights': slots * weight_bits,
        'fabric_products': slots * (input_bits * weight_bits * fabric),
    }
