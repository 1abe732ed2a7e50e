"""Curves of kernels whose weights may be moved to cheaper codes: `snapped`."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel, SlotTable
from hls4ml_hwprune.resources import constants_in_dsp, snapping_costs
from hls4ml_hwprune.selection.codes import PaidCodes, free_codes, paid_codes, snap
from hls4ml_hwprune.selection.problem import Curve

#: Name of the packing.
SNAPPED = 'snapped'
# Shares of the weights that are kept beside: adders cost LUTs, whatever the codes.
# Points of a curve: the knapsack has six curves a kernel to choose from, and gains little from single codes.
_STEPS = 128
_SHARES = (1.0, 0.92, 0.84, 0.7, 0.5, 0.3)


@dataclass(frozen=True)
class SnappedCurve:
    """A kernel of constants of which some weights are pruned and some codes get a DSP: at point k the first `steps[k]`.

    The attributes that a `KernelCurve` has too mean the same.
    """

    kernel: Kernel
    packing: str
    importance: str
    kept: NDArray[np.bool_] = field(repr=False)
    paid: PaidCodes = field(repr=False)
    steps: NDArray[np.int64] = field(repr=False)
    curve: Curve = field(repr=False)

    def mask(self, k: int) -> NDArray[np.bool_]:
        """Weights that are not zero at point k, bool, shape (n_out, n_in)."""
        return np.asarray(self.codes(k) != 0)

    def codes(self, k: int) -> NDArray[np.int64]:
        """Codes of the firmware at point k, shape (n_out, n_in)."""
        paid = slice(self.steps[k])
        live = np.where(self.kept, self.kernel.codes, 0)
        positive = self.kernel.positive_inputs
        return snap(live, free_codes(self.kernel), self.paid.inputs[paid], self.paid.codes[paid], positive)

    def slots(self, k: int) -> int:
        """Weights that are left."""
        return int(self.mask(k).sum())

    def slot_table(self, k: int) -> SlotTable | None:
        """Constants have hls4ml's layout."""
        return None


def snapped_curves(kernel: Kernel, importance: str, by_score: Curve, stage: str) -> list[SnappedCurve]:
    """Curves of `kernel` for several shares of weights kept, over the number of codes that get a DSP.

    Parameters
    ----------
    kernel : Kernel
        Of constants.
    importance : str
        Resolved measure, by which the plan names the kernel.
    by_score : Curve
        Values of the kernel's best weights alone: what is left of the sum of squares is worth what they are worth there.
    stage : str

    Returns
    -------
    list of SnappedCurve
    """
    # Squares are the errors that a deviation makes in the outputs; their order is that of any measure of single weights.
    energy = np.square(kernel.codes.astype(np.float64))
    ladder = np.concatenate([[0.0], np.cumsum(np.sort(energy[kernel.codes != 0])[::-1])])
    ranks, known = np.argsort(-energy, axis=None, kind='stable'), free_codes(kernel)
    n_live = int(np.count_nonzero(kernel.codes))
    found = []
    for share in _SHARES:
        kept = np.zeros(kernel.codes.size, bool)
        kept[ranks[: round(share * n_live)]] = True
        kept = kept.reshape(kernel.codes.shape)
        paid = paid_codes(np.where(kept, kernel.codes, 0), known)
        left = paid.loss - np.concatenate([[0.0], np.cumsum(paid.gains)])
        value = np.interp(np.maximum(energy[kept].sum() - left, 0.0), ladder, by_score.value)
        cost = snapping_costs(kernel, int(kept.sum()), constants_in_dsp(kernel, paid.codes), stage)
        steps = np.unique(np.linspace(0, paid.codes.size, _STEPS + 1).round().astype(np.int64))
        found.append(SnappedCurve(kernel, SNAPPED, importance, kept, paid, steps, Curve(value[steps], cost[steps])))
    return found
