"""Cheaper codes for constant weights: codes that need no DSP, and a greedy choice of other codes that pay for theirs."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources import constants_in_dsp

# For inputs with more outputs than this, a paid code serves the weights that have it and no others: a search would be slow.
_MOST_SEARCHED = 64
# Square of the mean over the variance, after a ReLU: 0.47 for half a normal distribution. The sum of the errors then counts
# besides each single error.
_MEAN_OVER_VARIANCE = 0.47
_SWEEPS = 4
# Constants of more bits need a DSP whatever the inputs, if these have more than four.
_NARROW_BITS = 10


@dataclass(frozen=True)
class PaidCodes:
    """Codes worth a DSP, in order of falling gain.

    Attributes
    ----------
    inputs, codes : ndarray of int, shape (n,)
        Input that each code multiplies, and the code.
    gains : ndarray of float, shape (n,)
        Reduction of the loss by each code, once all before it are paid; not increasing.
    loss : float
        Loss with no code paid.
    """

    inputs: NDArray[np.int64] = field(repr=False)
    codes: NDArray[np.int64] = field(repr=False)
    gains: NDArray[np.float64] = field(repr=False)
    loss: float


def free_codes(kernel: Kernel) -> NDArray[np.int64]:
    """Codes in the range of `kernel`'s weights that need no DSP, ascending: mostly signed powers of two and their sums."""
    bits = kernel.weight_bits
    powers = np.concatenate([[0], 2 ** np.arange(bits + 1, dtype=np.int64)])
    sums = np.concatenate([np.add.outer(a * powers, b * powers).ravel() for a in (1, -1) for b in (1, -1)])
    # Other codes are free for their own width, or all of them for that of the inputs.
    narrow = np.arange(-(2**_NARROW_BITS), 2**_NARROW_BITS)
    known = np.unique(np.concatenate([sums, narrow, kernel.codes.ravel()]))
    low, high = min(-(2 ** (bits - 1)), int(kernel.codes.min())), max(2 ** (bits - 1) - 1, int(kernel.codes.max()))
    known = known[(known >= low) & (known <= high)]
    return known[constants_in_dsp(kernel, known) == 0]


def neighbours(codes: NDArray[np.int64], known: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Nearest of the `known` codes (ascending) at or below each code, and at or above it."""
    above = np.searchsorted(known, codes)
    inside = np.clip(above, 0, known.size - 1)
    below = np.where(known[inside] == codes, inside, np.maximum(above - 1, 0))
    return known[below], known[inside]


def paid_codes(codes: NDArray[np.int64], known: NDArray[np.int64]) -> PaidCodes:
    """Order the codes that are not free greedily, by the loss that a DSP for each saves: the sum of squared deviations.

    Parameters
    ----------
    codes : ndarray of int, shape (n_out, n_in)
        Weights; 0 where pruned.
    known : ndarray of int
        Free codes, ascending.

    Returns
    -------
    PaidCodes
        A paid code serves every weight of its input that is nearer to it than to a free one. The gains of each input
        fall, so that the gains of all inputs can be merged.
    """
    low, high = neighbours(codes, known)
    loss = np.square(np.minimum(np.abs(codes - low), np.abs(high - codes)).astype(np.float64))
    found = [(i, *best) for i in range(codes.shape[1]) for best in _of_input(codes[:, i], loss[:, i])]
    gains = np.array([gain for _, _, gain in found])
    order = np.argsort(-gains, kind='stable')
    inputs, kept = (np.array([item[column] for item in found], np.int64)[order] for column in (0, 1))
    return PaidCodes(inputs, kept, gains[order], float(loss.sum()))


def _of_input(codes: NDArray[np.int64], loss: NDArray[np.float64]) -> list[tuple[int, float]]:
    """Codes of one input and their gains, by greedy selection."""
    candidates = np.unique(codes[loss > 0])
    distances = np.square((codes - candidates[:, None]).astype(np.float64))
    if codes.size > _MOST_SEARCHED:
        gains = np.where(distances == 0, loss, 0.0).sum(axis=1)
        order = np.argsort(-gains, kind='stable')
        return [(int(candidates[i]), float(gains[i])) for i in order]
    found: list[tuple[int, float]] = []
    while len(found) < candidates.size:
        gains = np.maximum(loss - distances, 0.0).sum(axis=1)
        best = int(gains.argmax())
        if gains[best] <= 0:
            break
        found.append((int(candidates[best]), float(gains[best])))
        # After this the same code has nothing left to gain.
        loss = np.minimum(loss, distances[best])
    return found


def snap(
    codes: NDArray[np.int64],
    known: NDArray[np.int64],
    inputs: NDArray[np.int64],
    paid: NDArray[np.int64],
    positive: bool,
) -> NDArray[np.int64]:
    """Move every weight to a free code or one that is paid for its input, same shape as `codes`.

    Parameters
    ----------
    codes, known
        As for `paid_codes`; zeros stay.
    inputs, paid : ndarray of int, shape (n,)
        Paid codes and the inputs that they multiply.
    positive : bool
        Whether the inputs have a mean, as after a ReLU: the errors of an output should then cancel.

    Returns
    -------
    ndarray of int, shape (n_out, n_in)
    """
    low, high = neighbours(codes, known)
    snapped = np.where(np.abs(codes - low) <= np.abs(high - codes), low, high)
    fixed = snapped == codes
    for i in np.unique(inputs):
        choices = paid[inputs == i]
        nearest = choices[np.abs(codes[:, i, None] - choices).argmin(axis=1)]
        better = np.abs(codes[:, i] - nearest) < np.abs(codes[:, i] - snapped[:, i])
        snapped[better, i], fixed[better, i] = nearest[better], True
    return _balance(codes, snapped, low, high, fixed) if positive else snapped


def _balance(
    codes: NDArray[np.int64],
    snapped: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    fixed: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Round up or down by coordinate descent on the squares of an output's errors and of their sum times the mean input."""
    rows = np.arange(len(codes))
    errors = (snapped - codes).astype(np.float64)
    # Coarse steps first: fine ones then correct the rest.
    order = np.argsort(low - high, axis=1, kind='stable')
    for _ in range(_SWEEPS):
        for column in order.T:
            others = errors.sum(axis=1) - errors[rows, column]
            down, up = (side[rows, column] - codes[rows, column] for side in (low, high))
            costs = [step**2 + _MEAN_OVER_VARIANCE * (others + step) ** 2 for step in (down, up)]
            chosen = np.where(costs[0] <= costs[1], down, up)
            errors[rows, column] = np.where(fixed[rows, column], errors[rows, column], chosen)
    return (codes + errors).astype(np.int64)
