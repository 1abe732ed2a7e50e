"""`balanced`: any RF weights of one output share a slot, so that the best of them are kept together."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import permuted
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.records import Kernel


def is_free(kernel: Kernel) -> bool:
    """Whether there is a choice of weights within an output: several slots an output, none of them for two outputs."""
    return kernel.multiplexed and kernel.reuse_factor < kernel.n_in and kernel.n_in % kernel.reuse_factor == 0


def pack(kernel: Kernel, scores: NDArray[np.float64]) -> Groups:
    """One group a multiplier slot: of each output the best RF weights, the next best RF, and so on; elsewhere as `permuted`.

    No choice of slots that serve one output each is worth more, for any number of slots: j slots of an output hold at most
    its best j * RF weights, which are its first j groups here.
    """
    if not is_free(kernel):
        return permuted.pack(kernel, scores)
    inputs = np.argsort(-scores, axis=1, kind='stable')
    index = np.arange(kernel.n_out)[:, None] * kernel.n_in + inputs
    return Groups(index.reshape(kernel.n_slots, kernel.reuse_factor), np.ones(kernel.n_slots, np.int64))
