"""`permuted`: `aligned` after one permutation of the inputs, or of the outputs, for the whole kernel.

A permutation costs no hardware: all slots that read the same block of inputs still share one multiplexer.
"""

from collections import OrderedDict
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import aligned
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.packing.order.input_order import concentrated_inputs, search_work
from hls4ml_hwprune.records import Kernel

# Cache of orders, least recently used.
_MOST_ORDERS = 256
_ORDERS: OrderedDict[bytes, NDArray[np.int64]] = OrderedDict()


def pack(kernel: Kernel, scores: NDArray[np.float64]) -> Groups:
    """One group a multiplier slot; any number of the best groups is worth at least as much as under `aligned`.

    Up to RF = n_in a slot serves RF inputs of one output, so that only the order of the inputs matters; above, whole
    outputs, so that only theirs does. As `aligned` are constants, RF = n_in, where no order matters, and reuse factors that
    hls4ml does not allow, which split rows or outputs.
    """
    n_in, reuse_factor = kernel.n_in, kernel.reuse_factor
    if not _is_free(kernel):
        return aligned.pack(kernel, scores)
    if reuse_factor < n_in:
        order = _order(kernel, scores)
        index = np.arange(kernel.n_out)[:, None] * n_in + order
    else:
        outputs = _concentrated_outputs(scores.sum(axis=1), reuse_factor // n_in)
        index = np.where(outputs[:, :, None] < 0, -1, outputs[:, :, None] * n_in + np.arange(n_in))
    return Groups(index.reshape(kernel.n_slots, reuse_factor), np.ones(kernel.n_slots, np.int64))


def _is_free(kernel: Kernel) -> bool:
    """Whether the order of inputs or outputs matters."""
    n_in, reuse_factor = kernel.n_in, kernel.reuse_factor
    return kernel.multiplexed and max(n_in, reuse_factor) % min(n_in, reuse_factor) == 0 and reuse_factor != n_in


def order_work(kernel: Kernel) -> int:
    """Operations of the search for an order of a kernel's inputs, at most."""
    return search_work(kernel.n_in, kernel.n_out) if _is_free(kernel) and kernel.reuse_factor < kernel.n_in else 0


def order_key(kernel: Kernel, scores: NDArray[np.float64]) -> bytes:
    """Key of the search for an order of inputs: equal for equal searches."""
    flat = np.ascontiguousarray(scores, np.float64).reshape(-1).view(np.uint8)
    digest = blake2b(memoryview(flat), digest_size=32).digest()  # type: ignore[arg-type]  # an array is a buffer
    return digest + repr((scores.shape, kernel.reuse_factor)).encode()


def _order(kernel: Kernel, scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Search for an order of the inputs, with a cache: a plan may ask for it several times."""
    key = order_key(kernel, scores)
    if key not in _ORDERS:
        _ORDERS[key] = concentrated_inputs(np.asarray(scores, np.float64), kernel.reuse_factor)
    _ORDERS.move_to_end(key)
    if len(_ORDERS) > _MOST_ORDERS:
        _ORDERS.popitem(last=False)
    return _ORDERS[key]


def _concentrated_outputs(scores: NDArray[np.float64], together: int) -> NDArray[np.int64]:
    """Group the best outputs, then the next best: no other choice is worth more for any number of slots.

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
