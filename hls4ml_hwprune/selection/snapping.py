"""Packing `snapped`: curves of kernels of constants whose weights may move to cheaper codes."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources import (
    constants_in_dsp,
    costly_constants,
    ends_of_constants,
    kernel_resources,
    snapping_costs,
)
from hls4ml_hwprune.selection.constant_codes import PaidCodes, free_codes, neighbours, paid_codes, snap
from hls4ml_hwprune.selection.knapsack.problem import Curve
from hls4ml_hwprune.selection.source import BY_IMPORTANCE, Kept, Source

#: Name of the packing.
SNAPPED = 'snapped'
# Bound on the savings of all points, against those of the points that are evaluated.
_MORE = 1.5
# Points of a curve: the knapsack chooses from six curves a kernel, and gains little from single codes.
_STEPS = 128
# Shares of kept weights, a curve each: adders cost LUTs, whatever the codes.
_SHARES = (1.0, 0.92, 0.84, 0.7, 0.5, 0.3)


@dataclass(frozen=True)
class SnappedCurve:
    """A kernel of constants with some weights pruned and some codes paid with a DSP: at point k the first `steps[k]`.

    Attributes of the same names mean the same as in a `KernelCurve`.
    """

    source: Source
    packing: str
    kept: NDArray[np.bool_] = field(repr=False)
    paid: PaidCodes = field(repr=False)
    steps: NDArray[np.int64] = field(repr=False)
    points: Curve = field(repr=False)
    counts: tuple[NDArray[np.int64], NDArray[np.int64]] = field(repr=False)
    order: str = BY_IMPORTANCE
    exact: bool = True

    @property
    def kernel(self) -> Kernel:
        """The kernel."""
        return self.source.kernel

    @property
    def value(self) -> NDArray[np.float64]:
        """Worth of each point, shape (K + 1,)."""
        return self.points.value

    @property
    def cost(self) -> NDArray[np.float64]:
        """Resources of each point, shape (K + 1, 5)."""
        return self.points.cost

    @property
    def connects(self) -> NDArray[np.bool_]:
        """Whether each point keeps a weight; pinned ones always are."""
        return np.full(self.value.shape, bool(self.kept.any()))

    def at(self, k: int) -> Kept:
        """Return the kernel at point k; constants have hls4ml's layout."""
        codes = snapped_codes(self.kernel, self.kept, self.paid, int(self.steps[k]))
        mask = codes != 0
        return Kept(codes, mask, int(mask.sum()))

    def anew(self) -> 'SnappedCurve':
        """Return the curve as it is: it has no layouts."""
        return self

    def found(self) -> 'SnappedCurve':
        """Return the curve as it is: it takes no search."""
        return self

    def with_multiplexer(self, ways: int) -> 'SnappedCurve':
        """Return the curve as it is: constants have no multiplexers."""
        return self

    def at_least(self) -> 'SnappedCurve':
        """Return the curve as it is: constants have no multiplexers."""
        return self

    def with_own_whole(self) -> 'SnappedCurve':
        """Return the curve as it is: kernels of constants are this package's if any code moves."""
        return self

    def layout_work(self, k: int) -> int:
        """Operations of the layout of point k: none, as constants have hls4ml's."""
        return 0

    def looked_at(self, k: int) -> 'SnappedCurve':
        """Return the curve as it is: constants have hls4ml's layout."""
        return self

    def around_slots(self) -> NDArray[np.float64]:
        """Resources that disappear with the inputs and outputs of the kernel, at most, shape (5,)."""
        return ends_of_constants(self.kernel, self.source.stage) + self.of_equal_products()

    def of_equal_products(self) -> NDArray[np.float64]:
        """Bound on the resources saved where moved codes make products equal, shape (5,), from a few points and a margin."""
        last = self.value.size - 1
        saved = []
        for k in sorted({0, last // 2, last}):
            kept = self.at(k)
            left = replace(self.kernel, codes=kept.codes, kept=kept.mask)
            saved.append(self.cost[k] - kernel_resources(left, self.source.stage).as_array())
        found: NDArray[np.float64] = _MORE * np.maximum(np.max(saved, axis=0), 0.0)
        return found


def snapped_codes(kernel: Kernel, kept: NDArray[np.bool_], paid: PaidCodes, n_paid: int) -> NDArray[np.int64]:
    """Codes of `kernel`'s `kept` weights when the first `n_paid` of the `paid` codes get a DSP, shape (n_out, n_in)."""
    live = np.where(kept, kernel.codes, 0)
    return snap(live, free_codes(kernel), paid.inputs[:n_paid], paid.codes[:n_paid], kernel.positive_inputs)


def _multiplied_in_luts(codes: NDArray[np.int64], known: NDArray[np.int64]) -> int:
    """Count the products, by input and code, of the nearest free codes that are no sums of two shifts."""
    inputs = np.broadcast_to(np.arange(codes.shape[1]), codes.shape)
    pairs = [np.stack([inputs, near], axis=-1)[costly_constants(near)] for near in neighbours(codes, known)]
    return len(np.unique(np.concatenate(pairs), axis=0))


def snapped_curves(source: Source) -> list[SnappedCurve]:
    """Curves of a kernel of constants for several shares of weights kept, over the number of codes that get a DSP.

    Importance of moved codes: that of the largest weights with the same sum of squares as is left after the deviations.
    """
    kernel = source.kernel
    # Squares are the errors that a deviation makes in the outputs.
    energy = np.square(kernel.codes.astype(np.float64))
    ranks, known = np.argsort(-energy, axis=None, kind='stable'), free_codes(kernel)
    ladder = np.concatenate([[0.0], np.cumsum(energy.ravel()[ranks])])
    worth = source.scale(np.concatenate([[0.0], np.cumsum(source.scores.ravel()[ranks])]))
    n_live = int(np.count_nonzero(kernel.codes))
    found = []
    for share in _SHARES:
        kept = np.zeros(kernel.codes.size, bool)
        kept[ranks[: round(share * n_live)]] = True
        kept[source.pinned] = True
        kept = kept.reshape(kernel.codes.shape)
        n_kept, paid = int(kept.sum()), paid_codes(np.where(kept, kernel.codes, 0), known)
        left = paid.loss - np.concatenate([[0.0], np.cumsum(paid.gains)])
        value = np.interp(np.maximum(energy[kept].sum() - left, 0.0), ladder[: n_live + 1], worth[: n_live + 1])
        in_luts = _multiplied_in_luts(np.where(kept, kernel.codes, 0), known)
        cost = snapping_costs(kernel, n_kept, constants_in_dsp(kernel, paid.codes), source.stage, in_luts)
        steps = np.unique(np.linspace(0, paid.codes.size, _STEPS + 1).round().astype(np.int64))
        # Upper bound: products by free codes need no multiplier, and fewer weights may be left.
        counts = (np.full(steps.shape, n_kept),) * 2
        found.append(SnappedCurve(source, SNAPPED, kept, paid, steps, Curve(value[steps], cost[steps]), counts))
    return found
