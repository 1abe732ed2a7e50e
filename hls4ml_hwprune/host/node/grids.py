"""Values that a node's weights and biases can have."""

import numpy as np
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.node.precision import fractional_bits, is_fixed_point

#: Distance of two neighbours, and the least and largest multiple of it.
Range = tuple[float, int, int]


def value_range(node: Node, role: str) -> Range | None:
    """Range of the weights or biases of a node; None where they are not fixed-point numbers that could change.

    The most negative number is left out, which has no counterpart and which quantisers avoid, unless it is in use.
    """
    variable = node.weights.get(role)
    if variable is None or not is_fixed_point(variable.type.precision):
        return None
    precision = variable.type.precision
    # hls4ml gives a bias that is not there a type of one bit.
    if role == 'bias' and precision.width <= 1:
        return None
    unit = 2.0 ** -fractional_bits(precision)
    high = 2 ** (precision.width - int(precision.signed)) - 1
    used = int(np.floor(np.min(variable.data) / unit)) if np.size(variable.data) else 0
    return unit, max(min(-high, used), -high - 1) if precision.signed else 0, high
