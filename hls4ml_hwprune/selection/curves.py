"""From a kernel's groups to its curve: the best groups first, and what each number of them costs."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance import group_values
from hls4ml_hwprune.packing import Groups, pack
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources import selection_costs
from hls4ml_hwprune.selection.problem import Curve


@dataclass(frozen=True)
class KernelCurve:
    """Curve of a kernel under one packing, with what is needed to turn a k back into weights.

    Attributes
    ----------
    kernel : Kernel
    packing, importance : str
    groups : Groups
    order : ndarray of int, shape (K,)
        Groups with a nonzero weight, the most important for its slots first.
    curve : Curve
        Costs in the order of `resources.NAMES`.
    """

    kernel: Kernel
    packing: str
    importance: str
    groups: Groups = field(repr=False)
    order: NDArray[np.int64] = field(repr=False)
    curve: Curve = field(repr=False)

    def mask(self, k: int) -> NDArray[np.bool_]:
        """Weights kept when the first k groups are, bool, shape (n_out, n_in)."""
        return self.groups.mask(self.order[:k], (self.kernel.n_out, self.kernel.n_in))

    def slots(self, k: int) -> int:
        """Multiplier slots kept when the first k groups are."""
        return int(self.groups.slots[self.order[:k]].sum())


def kernel_curve(kernel: Kernel, packing: str, importance: str) -> KernelCurve:
    """Order the groups of `kernel` and price them; groups of zeros alone are left out, they are pruned for nothing."""
    groups = pack(kernel, packing)
    live = np.flatnonzero((groups.per_weight(kernel.codes.ravel()) != 0).any(axis=1))
    values = group_values(kernel, groups, importance)[live]
    rank = np.argsort(-values / groups.slots[live], kind='stable')
    order = live[rank]
    value = np.concatenate([[0.0], np.cumsum(values[rank])])
    cost = selection_costs(kernel, groups.index[order], groups.slots[order])
    return KernelCurve(kernel, packing, importance, groups, order, Curve(value, cost))
