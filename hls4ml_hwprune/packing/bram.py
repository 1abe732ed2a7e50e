"""`bram`: whole words of the weight memory, as in Ramhorst et al.: groups of aligned slots that fill 36-bit columns."""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import aligned
from hls4ml_hwprune.packing.groups import Groups
from hls4ml_hwprune.records import Kernel

_COLUMN_BITS = 36


def slots_per_word(weight_bits: int) -> int:
    """Fewest slots whose weights fill whole 36-bit columns of a block RAM."""
    return _COLUMN_BITS // gcd(weight_bits, _COLUMN_BITS)


def pack(kernel: Kernel, scores: NDArray[np.float64]) -> Groups:
    """One group a run of `slots_per_word` aligned slots; the last may hold fewer. Constants have no memory: as aligned."""
    slots = aligned.pack(kernel, scores)
    if not kernel.multiplexed:
        return slots
    together = slots_per_word(kernel.weight_bits)
    n_groups = -(-kernel.n_slots // together)
    index = np.full((n_groups * together, kernel.group_reuse), -1, np.int64)
    index[: kernel.n_slots] = slots.index
    count = np.full(n_groups, together, np.int64)
    count[-1] -= n_groups * together - kernel.n_slots
    return Groups(index.reshape(n_groups, together * kernel.group_reuse), count)
