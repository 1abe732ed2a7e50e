"""Constant folding: products of constant inputs of a kernel are added to its bias once and for all.

hls4ml's kernels start from the bias in the accumulator's type, cast each product to that type and add. Where the accumulator
wraps, sums are the same in any order, so that the products of constants can be added first.
"""

from dataclasses import dataclass, field

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import IntegerPrecisionType
from numpy.typing import NDArray

from hls4ml_hwprune.host.node.casting import cast, has_integer_bits
from hls4ml_hwprune.host.node.constants import assigned, weight_values
from hls4ml_hwprune.host.node.precision import is_exact, order_matters
from hls4ml_hwprune.host.node.weights import as_matrix


@dataclass(frozen=True)
class Folding:
    """Constant inputs of a kernel.

    Attributes
    ----------
    used : ndarray of bool, shape (n_out, n_in)
        Weights that are not zero and whose inputs cannot be folded.
    folded : ndarray of bool, shape (n_in,)
        Inputs that can be.
    bias : ndarray of float, shape (n_out,)
        Accumulators after bias and folded products; the present bias where all folded products are zero.
    changed : bool
        Whether `bias` differs from the present bias.
    outputs : ndarray of float, shape (n_out,)
        Accumulators that use no weight; NaN elsewhere.
    """

    used: NDArray[np.bool_] = field(repr=False)
    folded: NDArray[np.bool_] = field(repr=False)
    bias: NDArray[np.float64] = field(repr=False)
    changed: bool
    outputs: NDArray[np.float64] = field(repr=False)


def fold(node: Node, values: NDArray[np.float64]) -> Folding:
    """Fold constant inputs of a node's kernel into its bias.

    Parameters
    ----------
    node : Node
        A Dense layer or convolution with weights of a fixed-point type.
    values : ndarray of float, shape (n_in,)
        Values of the inputs; NaN where they are not constant.
    """
    n_in, n_out = values.size, int(node.get_output_variable().shape[-1])
    precision = node.weights['weight'].type.precision
    weights = _matrix(node, n_in, n_out)
    accumulator, given = node.get_attr('accum_t').precision, node.get_input_variable().type.precision
    bias = weight_values(node, 'bias')
    start = assigned(bias, accumulator, node.weights['bias'].type.precision)
    folded, total = values == 0, np.zeros(n_out)
    # A sum of n products needs log2(n) more bits than one of them.
    exact = is_exact(accumulator) and accumulator.width + n_in.bit_length() <= 52 and is_exact(precision, given)
    # Products without a bit left of the binary point are converted to integers in a way of their own.
    exact &= has_integer_bits(precision, given) or not isinstance(accumulator, IntegerPrecisionType)
    if exact and not order_matters(accumulator) and not np.isnan(start).any() and not _is_ternary(node):
        folded = ~np.isnan(values)
        total = cast(weights[:, folded] * values[folded], accumulator).sum(axis=1)
    changed = bool(total.any())
    used = (weights != 0) & ~folded
    accumulated = cast(start + total, accumulator) if changed else start
    outputs = np.where(used.any(axis=1), np.nan, accumulated)
    return Folding(used, folded, accumulated if changed else bias, changed, outputs)


def _matrix(node: Node, n_in: int, n_out: int) -> NDArray[np.float64]:
    """Weights as the firmware holds them."""
    return as_matrix(node, weight_values(node, 'weight').reshape(node.weights['weight'].data.shape), n_in, n_out)


def _is_ternary(node: Node) -> bool:
    """Whether hls4ml multiplies by comparing, which is no multiplication for a weight of -2."""
    return (
        node.model.config.backend.product_type(
            node.get_input_variable().type.precision, node.weights['weight'].type.precision
        )
        != 'mult'
    )
