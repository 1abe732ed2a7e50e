"""LUT and FF of layers as HLS reports them (csynth: about 2 and 1.2 times those of logic synthesis).

Every formula is a sum of hardware terms times nonnegative coefficients, so that it is monotone and extrapolates linearly.
`benchmarks/fit_logic.py` fits the coefficients and writes them, with their errors, to `coefficients.json`.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hls4ml_hwprune.resources.multipliers import multiplier_dsp

Array = NDArray[np.float64]
Logic = tuple[Array, Array]
# Per element: (LUT, LUT per bit, FF, FF per bit). Not fitted: the data has no usable rows of these kinds.
_RULES: Mapping[str, tuple[float, float, float, float]] = {
    # Table address and saturation; two one-element sigmoids (2016.4, 2019.2) show 104 and 133 LUT, 17 and 2 FF.
    'activation_table': (110.0, 0.0, 10.0, 0.0),
    # HLS counts an adder of b bits as about b + 7 LUTs; a register for the result.
    'merge': (7.0, 1.0, 0.0, 1.0),
    # One channel's FIFO: shift register and handshake; a guess.
    'fifo': (20.0, 1.0, 5.0, 0.0),
    # n = channels x (kernel height - 1), at any width in bits. 22 rows of 3 x 3 kernels: FF within 1; LUT exact on the 20
    # with lines of up to 32 pixels, and twice that on lines of 64.
    'line_buffer': (32.0, 0.0, 64.0, 0.0),
}
_FITTED_KINDS = ('relu', 'relu_saturated', 'softmax', 'pooling', 'batchnorm', 'stream')
ELEMENTWISE_KINDS = (*_FITTED_KINDS, *_RULES)


@cache
def coefficients() -> Mapping[str, Any]:
    """Fitted models by name, each with its 'lut' and 'ff' coefficients, rows and errors."""
    models: Mapping[str, Any] = json.loads(files(__package__).joinpath('coefficients.json').read_text('utf-8'))['models']
    return models


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
    return _evaluate('multiplexed', terms)


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
        'kernel': _present(slots),
        'accumulators': np.minimum(n_out, slots * outputs_per_slot) * accum_bits,
        'input_multiplexers': multiplexers * (min(reuse_factor, n_in) * input_bits),
        'output_multiplexers': slots * (out_ways * accum_bits),
        'adders': slots * accum_bits,
        'weights': slots * weight_bits,
        'fabric_products': slots * (input_bits * weight_bits * fabric),
    }


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
    return _evaluate('constant', terms)


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
        'kernel': _present(weights),
        'inputs': np.minimum(n_in, weights) * input_bits,
        'outputs': np.minimum(n_out, weights) * accum_bits,
        'adders': weights * accum_bits,
        'products': in_dsp * input_bits,
        'fabric_products': (weights - in_dsp) * (input_bits + weight_bits),
        'sequencing': weights * (accum_bits * (reuse_factor > 1)),
    }


def elementwise_logic(kind: str, n: ArrayLike, bits: ArrayLike) -> Logic:
    """LUT and FF of a layer without a kernel (csynth), before any BRAM or DSP it takes.

    Parameters
    ----------
    kind : str
        One of `ELEMENTWISE_KINDS`. 'relu', 'relu_saturated' (result rounded or saturated), 'softmax', 'pooling', 'batchnorm'
        and 'stream' (padding; resizing and cloning taken to be alike) are fitted, the others are rules of thumb.
    n : int or array of int
        Elements handled side by side: all of them in io_parallel, the channels in io_stream.
    bits : int or array of int
        Width of an element.

    Returns
    -------
    (lut, ff) : ndarray of float, broadcast shape of `n` and `bits`; nondecreasing in both.
    """
    terms = elementwise_terms(n, bits)
    if kind in _RULES:
        lut, lut_bit, ff, ff_bit = _RULES[kind]
        return lut * terms['elements'] + lut_bit * terms['bits'], ff * terms['elements'] + ff_bit * terms['bits']
    if kind not in _FITTED_KINDS:
        raise ValueError(f'no logic model for {kind!r}; there are {", ".join(ELEMENTWISE_KINDS)}')
    return _evaluate(kind, terms)


def elementwise_terms(n: ArrayLike, bits: ArrayLike) -> dict[str, Array]:
    """Hardware of an elementwise layer by name: parameters and shapes as in `elementwise_logic`."""
    elements, width = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(bits, dtype=np.float64))
    return {'layer': _present(elements), 'elements': elements + 0.0, 'bits': elements * width}


def _present(count: Array) -> Array:
    return np.asarray(count > 0, dtype=np.float64)


def _evaluate(model: str, terms: Mapping[str, Array]) -> Logic:
    fitted = coefficients()[model]
    lut, ff = (sum((fitted[y]['coefficients'][t] * v for t, v in terms.items()), np.float64(0)) for y in ('lut', 'ff'))
    return np.asarray(lut), np.asarray(ff)
