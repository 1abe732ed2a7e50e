"""Resources of one kernel, dense or with some of its slots gone."""

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources.logic import constant_logic, multiplexed_logic
from hls4ml_hwprune.resources.memories import bram18, memory_lut
from hls4ml_hwprune.resources.multipliers import first_uses, multiplier_dsp
from hls4ml_hwprune.resources.vector import Resources


def kernel_resources(kernel: Kernel) -> Resources:
    """Resources of `kernel` as it stands: all slots where nothing was pruned, else those that are kept (csynth)."""
    if kernel.multiplexed:
        n_slots = kernel.n_slots if kernel.kept is None else _kept_slots(kernel)
        return Resources.from_array(_multiplexed(kernel, np.array([n_slots]))[0])
    live = np.flatnonzero(kernel.codes)
    return Resources.from_array(_constant(kernel, live)[-1])


def selection_costs(kernel: Kernel, index: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.float64]:
    """Resources of `kernel` for every number of groups kept in a given order (csynth).

    Parameters
    ----------
    kernel : Kernel
    index : ndarray of int, shape (K, size)
        Flat weight positions of the groups, the group to be kept first in front.
    slots : ndarray of int, shape (K,)
        Multiplier slots of each group.

    Returns
    -------
    ndarray of float, shape (K + 1, 5)
        Row k: resources, in the order of `NAMES`, with the first k groups kept.
    """
    if kernel.multiplexed:
        return _multiplexed(kernel, np.concatenate([[0], np.cumsum(slots)]))
    return _constant(kernel, index[:, 0])


def _kept_slots(kernel: Kernel) -> int:
    assert kernel.kept is not None
    return int(np.unique(np.flatnonzero(kernel.kept) // kernel.reuse_factor).size)


def _multiplexed(kernel: Kernel, n_slots: NDArray[np.int64]) -> NDArray[np.float64]:
    """Slots that serve RF weights each, from a memory RF deep that holds the kept slots side by side."""
    k = kernel
    lut, ff = multiplexed_logic(k.n_in, k.n_out, k.reuse_factor, n_slots, k.input_bits, k.weight_bits, k.accum_bits)
    word = n_slots * k.weight_bits
    return _table(
        dsp=n_slots * (k.copies * multiplier_dsp(k.input_bits, k.weight_bits)),
        bram=bram18(k.reuse_factor, word),
        lut=k.copies * lut + memory_lut(k.reuse_factor, word),
        ff=k.copies * ff,
    )


def _constant(kernel: Kernel, positions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights that are constants to the tool, kept in the order of their flat `positions`."""
    k = kernel
    costly = first_uses(k.codes.ravel()[positions], positions % k.n_in) & (multiplier_dsp(k.input_bits, k.weight_bits) > 0)
    n_dsp = np.concatenate([[0], np.cumsum(costly)])
    n_weights = np.arange(positions.size + 1)
    # With the Latency strategy and RF > 1 the tool may share each multiplier among RF products.
    shared = -(-n_dsp // k.reuse_factor)
    lut, ff = constant_logic(k.n_in, k.n_out, n_weights, n_dsp, k.input_bits, k.weight_bits, k.accum_bits, k.reuse_factor)
    none = np.zeros(n_weights.shape)
    return _table(dsp=k.copies * shared, bram=none, lut=k.copies * lut, ff=k.copies * ff)


def _table(*, dsp: NDArray, bram: NDArray, lut: NDArray, ff: NDArray) -> NDArray[np.float64]:
    """Columns in the order of `NAMES`; logic rounded up to whole LUTs and flip-flops."""
    return np.stack([dsp, bram, np.zeros(np.shape(dsp)), np.ceil(lut), np.ceil(ff)], axis=1).astype(float)
