"""`aligned`: hls4ml's own layout, in which reuse-factor consecutive weights of the transposed matrix share a slot."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.records import Kernel


def pack(kernel: Kernel, scores: NDArray[np.float64]) -> Groups:
    """One group a multiplier slot; one group a weight where weights are constants. Scores do not matter.

    Slot s holds, in cycle c, the weight at flat position s * RF + c of the (n_out, n_in) matrix.
    """
    n_weights, size = kernel.n_in * kernel.n_out, kernel.group_reuse
    index = np.full(kernel.n_slots * size, -1, np.int64)
    index[:n_weights] = np.arange(n_weights)
    return Groups(index.reshape(kernel.n_slots, size), np.ones(kernel.n_slots, np.int64))
