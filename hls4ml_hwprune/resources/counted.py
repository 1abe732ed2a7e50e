"""Figures of tools without reports: multipliers, and bits of the weights that the firmware holds; all else is unknown."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel, Layer
from hls4ml_hwprune.resources.vector import NAMES, Resources


def counted_table(kernel: Kernel, n_multipliers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Multipliers of a kernel, for numbers of slots of a copy.

    Returns
    -------
    ndarray of float, shape (*n_multipliers.shape, 5)
        In the order of `NAMES`; figures that are unknown are 0.
    """
    table = np.zeros((*np.shape(n_multipliers), len(NAMES)))
    table[..., NAMES.index('dsp')] = kernel.copies * np.asarray(n_multipliers)
    return table


def counted_operations(layer: Layer) -> Resources:
    """Multipliers of a layer outside its kernels: one for each product by a factor, shared over the reuse factor."""
    return Resources(dsp=sum(-(-one.n // one.reuse_factor) for one in layer.operations if one.weight_bits))


def weight_bits(layer: Layer) -> int | None:
    """Bits of the weights of a layer that the firmware holds, for tools without reports; None for others."""
    if layer.target.facts.has_reports:
        return None
    return sum(kernel.n_kept * kernel.group_reuse * kernel.weight_bits for kernel in layer.kernels)
