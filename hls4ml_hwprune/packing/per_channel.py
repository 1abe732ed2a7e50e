"""Groups of kernels with separate inputs for each output (depthwise convolutions): any RF weights of one output."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.records import Kernel


def divides(kernel: Kernel) -> bool:
    """Whether the reuse factor divides an output's weights, so that a slot adds to one output alone."""
    return (kernel.n_in // kernel.n_out) % kernel.reuse_factor == 0


def pack(kernel: Kernel, scores: NDArray[np.float64]) -> Groups:
    """One group a multiplier slot: of each output the best RF weights, the next best RF, and so on; constants one by one.

    hls4ml's own slots hold weights of several outputs, each cycle of another one, and cost a multiplexer in front of every
    accumulator. Slots of one output each have another order of additions, and other sizes: where accumulators saturate, or
    the reuse factor does not divide an output's weights, the whole kernel is one group.
    """
    if not kernel.multiplexed:
        return Groups(np.flatnonzero(kernel.exists)[:, None], np.ones(kernel.n_weights, np.int64))
    positions = np.nonzero(kernel.exists)[1].reshape(kernel.n_out, -1)
    if kernel.ordered_sums or not divides(kernel):
        return Groups(np.flatnonzero(kernel.exists)[None], np.array([kernel.n_slots]))
    best = np.argsort(-np.take_along_axis(scores, positions, axis=1), axis=1, kind='stable')
    index = np.arange(kernel.n_out)[:, None] * kernel.n_in + np.take_along_axis(positions, best, axis=1)
    return Groups(index.reshape(kernel.n_slots, kernel.reuse_factor), np.ones(kernel.n_slots, np.int64))
