"""LUT and FF of layers without a kernel (csynth)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from hls4ml_hwprune.resources.logic.fitted import Array, Logic, evaluate, present

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
    return evaluate(kind, terms)


def elementwise_terms(n: ArrayLike, bits: ArrayLike) -> dict[str, Array]:
    """Hardware of an elementwise layer by name: parameters and shapes as in `elementwise_logic`."""
    elements, width = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(bits, dtype=np.float64))
    return {'layer': present(elements), 'elements': elements + 0.0, 'bits': elements * width}
