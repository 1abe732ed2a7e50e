"""Kernels with shared multipliers, as records, for tests of their prices."""

import numpy as np

from hls4ml_hwprune.records import Kernel, Target

FAST = Target('xcu250-figd2104-2L-e', 5.0, 'Vivado HLS')


def kernel(n_in, n_out, rf, bits=(16, 16, 16), source='layer', target=FAST, **more):
    input_bits, weight_bits, accum_bits = bits
    # Weights that need all their bits: others would leave some of the memory's word out.
    values = np.full((n_out, n_in), 2.0 ** (weight_bits - 1) - 1)
    return Kernel(
        layer='fc',
        role='weight',
        n_in=n_in,
        n_out=n_out,
        reuse_factor=rf,
        strategy='resource',
        copies=1,
        values=values,
        codes=values.astype(np.int64),
        input_bits=input_bits,
        weight_bits=weight_bits,
        accum_bits=accum_bits,
        source=source,
        target=target,
        **more,
    )
