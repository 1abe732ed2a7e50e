"""`permuted`: `aligned` after one permutation of the inputs, or of the outputs, that the whole kernel has in common.

A permutation costs no hardware: all slots that read the same block of inputs still share one multiplexer.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import aligned
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.packing.input_order import concentrated_inputs
from hls4ml_hwprune.records import Kernel


def pack(kernel: Kernel, scores: NDArray[np.float64]) -> Groups:
    """One group a multiplier slot; any number of the best groups is worth at least as much as under `aligned`.

    Up to RF = n_in a slot serves RF inputs of one output, so that only the order of the inputs matters; above, whole
    outputs, so that only theirs does. As `aligned` are constants, RF = n_in, where nothing is left to choose, and reuse
    factors that hls4ml does not allow, which tear rows or outputs apart.
    """
    n_in, reuse_factor = kernel.n_in, kernel.reuse_factor
    if not kernel.multiplexed or max(n_in, reuse_factor) % min(n_in, reuse_factor) or reuse_factor == n_in:
        return aligned.pack(kernel, scores)
    if reuse_factor < n_in:
        order = _order(np.ascontiguousarray(scores, np.float64).tobytes(), scores.shape, reuse_factor)
        index = np.arange(kernel.n_out)[:, None] * n_in + order
    else:
        outputs = _concentrated_outputs(scores.sum(axis=1), reuse_factor // n_in)
        index = np.where(outputs[:, :, None] < 0, -1, outputs[:, :, None] * n_in + np.arange(n_in))
    return Groups(index.reshape(kernel.n_slots, reuse_factor), np.ones(kernel.n_slots, np.int64))


@lru_cache(maxsize=256)
def _order(scores: bytes, shape: tuple[int, int], reuse_factor: int) -> NDArray[np.int64]:
    """Look for an order of the inputs once: a plan may ask for it several times."""
    return concentrated_inputs(np.frombuffer(scores).reshape(shape), reuse_factor)


def _concentrated_outputs(scores: NDArray[np.float64], together: int) -> NDArray[np.int64]:
    """Put the best outputs together, then the next best: no other choice is worth more for any number of slots.

    Parameters
    ----------
    scores : ndarray of float, shape (n_out,)
    together : int
        Outputs that share a slot.

    Returns
    -------
    ndarray of int, shape (n_slots, together)
        Outputs in the order of hls4ml's layout; -1 where the last slot serves fewer.
    """
    n_slots = -(-scores.size // together)
    outputs = np.full(n_slots * together, scores.size, np.int64)
    outputs[: scores.size] = np.argsort(-scores, kind='stable')
    table = np.sort(outputs.reshape(n_slots, together), axis=1)
    # A slot that is not full stays the last.
    table = table[np.lexsort((table[:, 0], table[:, -1] == scores.size))]
    return np.where(table == scores.size, -1, table)
