"""LUT and FF of kernels whose weights are constants (csynth)."""

import numpy as np
from numpy.typing import ArrayLike

from hls4ml_hwprune.resources.logic.fitted import Array, Logic, evaluate, present


def constant_logic(
    n_in: int,
    n_out: int,
    n_nonzero: ArrayLike,
    n_dsp: ArrayLike,
    input_bits: int,
    weight_bits: int,
    accum_bits: int,
    reuse_factor: int = 1,
) -> Logic:
    """LUT and FF of a kernel whose weights are constants (Latency, or Resource at RF 1) (csynth).

    Parameters
    ----------
    n_in, n_out : int
    n_nonzero : int or array of int, any shape
        Weights that are not zero: an adder each.
    n_dsp : int or array of int, broadcastable to `n_nonzero`
        How many of their products take a DSP; the others are shifts and adds in LUTs.
    input_bits, weight_bits, accum_bits : int
    reuse_factor : int
        Above 1 (Latency) a little sequencing is added.

    Returns
    -------
    (lut, ff) : ndarray of float
        Nondecreasing in `n_nonzero`, and in both together. Source: `coefficients.json`, model 'constant'.
    """
    terms = constant_terms(n_in, n_out, n_nonzero, n_dsp, input_bits, weight_bits, accum_bits, reuse_factor)
    return evaluate('constant', terms)


def constant_terms(
    n_in: int,
    n_out: int,
    n_nonzero: ArrayLike,
    n_dsp: ArrayLike,
    input_bits: int,
    weight_bits: int,
    accum_bits: int,
    reuse_factor: int = 1,
) -> dict[str, Array]:
    """Hardware of a constant kernel by name: parameters and shapes as in `constant_logic`, unit bits."""
    weights = np.asarray(n_nonzero, dtype=np.float64)
    in_dsp = np.minimum(weights, n_dsp)
    return {
        'kernel': present(weights),
        'inputs': np.minimum(n_in, weights) * input_bits,
        'outputs': np.minimum(n_out, weights) * accum_bits,
        'adders': weights * accum_bits,
        'products': in_dsp * input_bits,
        'fabric_products': (weights - in_dsp) * (input_bits + weight_bits),
        'sequencing': weights * (accum_bits * (reuse_factor > 1)),
    }
