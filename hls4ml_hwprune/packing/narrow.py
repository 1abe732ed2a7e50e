"""Narrow weights: two products of one input by one multiplication, of weights of few bits with a power of two a slot.

Two weights of w bits, the most negative number left out, and an operand of d bits fit a multiplier whose wide operand has
d + 2w - 1 bits: one product is in its lowest d + w - 1 bits, the other above, less the borrow of the first. Half a unit of
the upper product, added in the DSP block, makes up for the borrow. Widths are those of Fu et al., "Deep Learning with INT8
Optimization on Xilinx Devices", white paper WP486, 2017; weights are constants here, so that the borrow of the wide operand
is in the memory, and no adder stands before the multiplier.
"""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel

#: Fewest bits of a weight, and most: those beside the narrowest input.
LEAST_BITS, MOST_BITS = 2, 13
# Width of the narrow operand of a DSP block, of all kinds.
_NARROW_BITS = 18


def most_bits(operand_bits: int, dsp_bits: int) -> int:
    """Bits of the weights of two products of one input, at most; 0 where two do not fit a DSP block.

    Parameters
    ----------
    operand_bits : int
        Bits of the input as a signed number.
    dsp_bits : int
        Width of the wide operand of a DSP block.
    """
    bits = (dsp_bits + 1 - operand_bits) // 2
    return bits if 0 < operand_bits <= _NARROW_BITS and bits >= LEAST_BITS else 0


def most_bits_of(kernel: Kernel) -> int:
    """Bits of the weights of paired slots of a kernel, at most; 0 where its slots cannot be paired."""
    n_in, reuse_factor = kernel.n_in, kernel.reuse_factor
    whole = max(n_in, reuse_factor) % min(n_in, reuse_factor) == 0
    if not kernel.multiplexed or not whole or kernel.per_channel or kernel.external:
        return 0
    bits = min(most_bits(kernel.operand_bits, kernel.target.dsp_bits), kernel.weight_bits)
    return bits if bits >= LEAST_BITS else 0


def in_slots(codes: NDArray[np.int64], positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Weights at flat positions, any shape, in the (n_out, n_in) matrix; zero at -1."""
    return np.append(codes.ravel(), 0)[positions]


def shifts(codes: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Power of two of each slot: the least with which its largest weight fits.

    Parameters
    ----------
    codes : ndarray of int, shape (n_slots, RF)
    bits : int
        Bits of a weight.

    Returns
    -------
    ndarray of int, shape (n_slots,)
    """
    largest = np.abs(codes).max(axis=1, initial=0)
    most = 2 ** (bits - 1) - 1
    found = np.zeros(len(codes), np.int64)
    # A weight just above the largest number rounds to it.
    while (over := np.rint(largest / 2.0**found) > most).any():
        found += over
    return found


def narrowed(codes: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Nearest weights that slots of `bits` bits can hold, shape (n_slots, RF) as `codes`."""
    unit = 2 ** shifts(codes, bits)[:, None]
    return np.rint(codes / unit).astype(np.int64) * unit


def narrowed_matrix(codes: NDArray[np.int64], positions: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Nearest weights that slots at flat `positions` (n_slots, RF), -1 for none, can hold; zero elsewhere.

    Parameters
    ----------
    codes : ndarray of int, shape (n_out, n_in)
    positions : ndarray of int, shape (n_slots, RF)
    bits : int
        Bits of a weight.

    Returns
    -------
    ndarray of int, shape (n_out, n_in)
    """
    found = np.zeros(codes.size + 1, np.int64)
    found[positions] = narrowed(in_slots(codes, positions), bits)
    return found[:-1].reshape(codes.shape)


def slot_units(codes: NDArray[np.int64], positions: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Power of two of the slot of each weight, one where there is no slot; arguments and shape as `narrowed_matrix`."""
    found = np.ones(codes.size + 1, np.int64)
    found[positions] = 2 ** shifts(in_slots(codes, positions), bits)[:, None]
    return found[:-1].reshape(codes.shape)


def words(codes: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Words of the memory: the second weight, less one if the first is negative, above the first.

    Parameters
    ----------
    codes : ndarray of int, shape (n_pairs, 2, RF)
        Weights in units of the power of two of their slot.
    bits : int

    Returns
    -------
    ndarray of int, shape (n_pairs, RF)
        Signed numbers of 2 * `bits` bits.
    """
    low, high = codes[:, 0], codes[:, 1]
    return (high - (low < 0)) * 2**bits + (low & (2**bits - 1))
