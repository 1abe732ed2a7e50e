"""Constant elements as hls4ml's templates assign them, bit for bit; NaN stands for a value that is not known."""

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import PrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.node.casting import cast, is_settled
from hls4ml_hwprune.host.node.precision import fractional_bits, is_exact, quantise

Values = NDArray[np.float64]


def unknown(like: Values) -> Values:
    """As many elements whose values are unknown."""
    return np.full(like.shape, np.nan)


def assigned(values: Values, precision: PrecisionType, source: PrecisionType | None = None) -> Values:
    """Values after they were assigned to a type; not known where doubles cannot follow.

    `source` is the type that they have, None where that is not known.
    """
    if not is_exact(precision):
        return unknown(values)
    known = ~np.isnan(values) & is_settled(values, precision, source)
    return np.where(known, cast(np.where(known, values, 0.0), precision), np.nan)


def weight_values(node: Node, role: str) -> Values:
    """Values that the firmware holds for a weight variable, flat; not known for types without plain codes."""
    variable = node.weights[role]
    data = np.asarray(variable.data, float).ravel()
    if not is_exact(variable.type.precision):
        return unknown(data)
    return quantise(data, variable.type.precision) * 2.0 ** -fractional_bits(variable.type.precision)


def input_type(node: Node) -> PrecisionType:
    """Type of the elements that a node reads first."""
    return node.get_input_variable().type.precision
