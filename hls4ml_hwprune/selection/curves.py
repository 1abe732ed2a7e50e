"""From a kernel's groups to its curve: the best groups first, and what each number of them costs."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.importance import group_values, weight_scores
from hls4ml_hwprune.packing import Groups, lanes_a_slot, pack, reorders, slot_table
from hls4ml_hwprune.records import Kernel, SlotTable
from hls4ml_hwprune.resources import constants_in_dsp, selection_costs
from hls4ml_hwprune.selection.problem import Curve
from hls4ml_hwprune.selection.snapping import SNAPPED, SnappedCurve, snapped_curves


@dataclass(frozen=True)
class KernelCurve:
    """Curve of a kernel under one packing, with what is needed to turn a k back into weights.

    Attributes
    ----------
    kernel : Kernel
    packing, importance : str
    groups : Groups
    order : ndarray of int, shape (K,)
        Groups with a nonzero weight, the one to be kept first in front.
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

    def codes(self, k: int) -> NDArray[np.int64]:
        """Codes of the firmware when the first k groups are kept, shape (n_out, n_in)."""
        return np.where(self.mask(k), self.kernel.codes, 0)

    def slot_table(self, k: int) -> SlotTable | None:
        """Lay out the slots of the first k groups; None where the layout is hls4ml's own."""
        if not self.kernel.multiplexed or not reorders(self.packing):
            return None
        return slot_table(self.kernel, self.packing, self.groups, self.order[:k])

    def slots(self, k: int) -> int:
        """Multiplier slots kept when the first k groups are."""
        return int(self.groups.slots[self.order[:k]].sum())


AnyCurve = KernelCurve | SnappedCurve


def kernel_curves(kernel: Kernel, packing: str, importance: str, stage: str = 'csynth') -> list[AnyCurve]:
    """Order the groups of `kernel` and price them, in every order that is worth a look.

    Groups of zeros alone are left out: they are pruned for nothing. The first order is by importance. Where weights are
    constants, a second one spares DSPs: first the weights that need none, then those of each (input, code) together,
    because equal products of one input share a multiplier. Under `snapped` others follow, in which weights move to cheaper
    codes.
    """
    scores = weight_scores(kernel, importance)
    groups = pack(kernel, packing, scores)
    live = np.flatnonzero((groups.per_weight(kernel.codes.ravel()) != 0).any(axis=1))
    values = group_values(groups, scores)[live]
    ranks = [np.argsort(-values / groups.slots[live], kind='stable')]
    if not kernel.multiplexed and live.size:
        ranks.append(_sparing_rank(kernel, groups.index[live, 0], values))
    found: list[AnyCurve] = [_priced(kernel, packing, importance, groups, live[rank], values[rank], stage) for rank in ranks]
    if packing == SNAPPED and not kernel.multiplexed and live.size:
        found += snapped_curves(kernel, importance, found[0].curve, stage)
    return found


def _priced(
    kernel: Kernel,
    packing: str,
    importance: str,
    groups: Groups,
    order: NDArray[np.int64],
    values: NDArray[np.float64],
    stage: str,
) -> KernelCurve:
    value = np.concatenate([[0.0], np.cumsum(values)])
    cost = selection_costs(
        kernel, groups.index[order], groups.slots[order], stage, lanes_a_slot=lanes_a_slot(kernel, packing)
    )
    return KernelCurve(kernel, packing, importance, groups, order, Curve(value, cost))


def _sparing_rank(kernel: Kernel, positions: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank single weights by what they are worth for each DSP that they take."""
    codes = kernel.codes.ravel()[positions]
    product, member = np.unique(np.stack([positions % kernel.n_in, codes]), axis=1, return_inverse=True)
    worth = np.bincount(member.ravel(), weights=values)
    worth[constants_in_dsp(kernel, product[1]) == 0] = np.inf
    return np.lexsort((-values, member.ravel(), -worth[member.ravel()]))
