"""From the kept weights of a kernel to the tables and the weight order of its firmware."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel


@dataclass(frozen=True)
class PackedKernel:
    """What the sparse kernels of `nnet_dense_sparse.h` are given.

    Attributes
    ----------
    template : str
        'resource_rf_leq_nin', 'resource_rf_gt_nin', 'latency', or 'bias_only' where nothing is kept.
    n_kept : int
        Kept slots.
    out_index, in_index : ndarray of int, shape (n_kept,)
        Output and input of each slot's first cycle.
    firmware_index : ndarray of int, shape (n_kept * weights a slot,)
        Flat positions in the (n_out, n_in) matrix, in the order of the firmware's weight array.
    """

    template: str
    n_kept: int
    out_index: NDArray[np.int64] = field(repr=False)
    in_index: NDArray[np.int64] = field(repr=False)
    firmware_index: NDArray[np.int64] = field(repr=False)


def pack_kernel(kernel: Kernel, kept: NDArray[np.bool_]) -> PackedKernel:
    """Lay out the kept slots in the order in which hls4ml's dense kernel adds them, so that sums round the same.

    Parameters
    ----------
    kernel : Kernel
    kept : ndarray of bool, shape (n_out, n_in)
        Whole slots: a slot is kept if any of its weights is.
    """
    size = kernel.group_reuse
    if kernel.multiplexed:
        first = np.unique(np.flatnonzero(kept) // size) * size
        template = 'resource_rf_leq_nin' if kernel.reuse_factor <= kernel.n_in else 'resource_rf_gt_nin'
    else:
        # Inputs outermost, as hls4ml's Latency loops run.
        inputs, outputs = np.nonzero(kept.T)
        first = outputs * kernel.n_in + inputs
        template = 'latency'
    return PackedKernel(
        template=template if first.size else 'bias_only',
        n_kept=int(first.size),
        out_index=first // kernel.n_in,
        in_index=first % kernel.n_in,
        firmware_index=(first[:, None] + np.arange(size)).ravel(),
    )
