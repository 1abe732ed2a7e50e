"""Curve of a kernel: cumulative value and cost of its groups, the best groups first."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.packing import (
    Groups,
    block_lanes,
    layout_work,
    least_lanes,
    most_lanes,
    narrowed_matrix,
    own_slots,
    pack,
    reorders,
    shares_blocks,
    slot_table,
)
from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.resources import (
    NAMES,
    constant_counts,
    constants_in_dsp,
    ends_of_constants,
    selection_costs,
    whole_multiplexers,
)
from hls4ml_hwprune.selection.knapsack.problem import Curve
from hls4ml_hwprune.selection.source import BY_IMPORTANCE, SPARING, Kept, Source

_BRAM = NAMES.index('bram18')


@dataclass(frozen=True)
class KernelCurve:
    """Curve of a kernel under one packing and order of groups.

    Groups of zeros alone are left out: pruning them costs nothing.

    Attributes
    ----------
    source : Source
    packing, order : str
    points : Curve
        Value and cost of keeping the first k groups; costs in the order of `resources.NAMES`.
    counts : tuple of ndarray of int, shape (K + 1,)
        Weights kept, and products of them that are multiplied where weights are constants.
    lanes : ndarray of float, shape (K + 1,), optional
        Multiplexers of min(RF, n_in) inputs in the price of each point; None for hls4ml's own loop.
    rebuilt : bool
        Whether a kernel that keeps all of its slots gets shared multiplexers too, instead of staying hls4ml's own.
    n_pinned : int
        Groups with a pinned weight, which come first.
    exact : bool
        False where the values are an upper bound, before the search for the packing.
    slots : ndarray of int, shape (K,)
        Multiplier slots of each group.
    """

    source: Source
    packing: str
    order: str
    points: Curve = field(repr=False)
    counts: tuple[NDArray[np.int64], NDArray[np.int64]] = field(repr=False)
    lanes: NDArray[np.float64] | None = field(default=None, repr=False)
    rebuilt: bool = False
    n_pinned: int = 0
    exact: bool = True
    slots: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)
    # Cache of layouts, which take a search: curves of the same groups at other prices share it.
    _laid_out: dict[int, Kept] = field(default_factory=dict, repr=False, compare=False)

    @property
    def kernel(self) -> Kernel:
        """The kernel, at the curve's reuse factor."""
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
        """Whether each point keeps a weight, and all pinned weights, shape (K + 1,)."""
        return np.arange(self.value.size) >= max(1, self.n_pinned)

    @cached_property
    def groups(self) -> tuple[Groups, NDArray[np.int64]]:
        """All groups, and numbers of the nonzero ones in the order in which they are kept; computed lazily."""
        groups, order, _ = _ordered(self.source, self.packing, self.order)
        return groups, order

    def repriced(self, kernel: Kernel) -> 'KernelCurve':
        """Price the same groups in another, multiplexed `kernel`."""
        source = replace(self.source, kernel=kernel)
        cost = _costs(source, self.slots[:, None], self.slots, self.lanes, self.rebuilt)
        return replace(self, source=source, points=Curve(self.value, cost))

    def with_lanes(self, lanes: NDArray[np.float64]) -> 'KernelCurve':
        """Price with other numbers of multiplexers, shape (K + 1,)."""
        return replace(self, lanes=lanes).repriced(self.kernel)

    def anew(self) -> 'KernelCurve':
        """Return the same curve, with no layout known yet."""
        return replace(self, _laid_out={})

    def found(self) -> 'KernelCurve':
        """Search for the packing, where the curve was optimistic."""
        return self if self.exact else kernel_curve(self.source, self.packing)

    def with_multiplexer(self, ways: int) -> 'KernelCurve':
        """Price every multiplexer as one of so many `ways`, as the tool then lists it."""
        if not self.kernel.multiplexed or self.kernel.multiplexer_ways == ways:
            return self
        return self.repriced(replace(self.kernel, multiplexer_ways=ways))

    def at_least(self) -> 'KernelCurve':
        """Price all points by a lower bound on the multiplexers of any layout of their slots."""
        least = self.least_lanes()
        return self if least is None else self.with_lanes(least)

    def with_own_whole(self) -> 'KernelCurve':
        """Leave hls4ml's own kernel in place where all slots are kept; paired slots are never its own."""
        return replace(self, rebuilt=False, _laid_out={}).repriced(self.kernel) if self.rebuilt else self

    def looked_at(self, k: int) -> 'KernelCurve':
        """Price point k by the layout of its slots."""
        if self.lanes is None or (slots := self.at(k).slots) is None:
            return self
        lanes = self.lanes.copy()
        lanes[k] = whole_multiplexers(self.kernel, slots.legs, self.source.stage)
        return self if lanes[k] == self.lanes[k] else self.with_lanes(lanes)

    def around_slots(self) -> NDArray[np.float64]:
        """Resources that disappear with the inputs and outputs of the kernel, at most, shape (5,)."""
        kernel = self.kernel
        if not kernel.multiplexed:
            return ends_of_constants(kernel, self.source.stage)
        n_in, n_out = min(kernel.n_in, kernel.reuse_factor), max(1, kernel.reuse_factor // kernel.n_in)
        curve = self
        if curve.lanes is not None and shares_blocks(kernel, self.packing):
            # Each block of inputs may disappear with its multiplexer.
            curve = replace(self, lanes=np.minimum(curve.lanes, 1.0))
        smallest = curve.repriced(replace(kernel, n_in=n_in, n_out=n_out, designed=(kernel.n_out, kernel.n_in)))
        found: NDArray[np.float64] = (self.cost - smallest.cost).max(axis=0)
        found[_BRAM] += self.blocks_of_own
        return found

    def of_equal_products(self) -> NDArray[np.float64]:
        """No resources are saved: codes stay, and equal products were counted once, shape (5,)."""
        return np.zeros(len(NAMES))

    @property
    def blocks_of_own(self) -> float:
        """Block RAM of a small memory, which hls4ml's own kernel forces into blocks and a sparse one does not."""
        if self.kernel.slot_bits:
            return 0.0
        one, slots = np.zeros((1, 1), np.int64), np.array([self.kernel.n_slots])
        own, sparse = (
            selection_costs(self.kernel, one, slots, self.source.stage, lanes=lanes)[-1, _BRAM]
            for lanes in (None, np.array([0.0, 1.0]))
        )
        return max(float(own - sparse), 0.0)

    def least_lanes(self) -> NDArray[np.float64] | None:
        """Lower bound on the multiplexers of any layout of the slots, shape (K + 1,); None where hls4ml's own loop stays."""
        if self.lanes is None or shares_blocks(self.kernel, self.packing):
            # Blocks of inputs are counted, not estimated.
            return self.lanes
        return least_lanes(self.kernel, self.packing, np.concatenate([[0], np.cumsum(self.slots)]))

    def at(self, k: int) -> Kept:
        """Return the kernel with the first k groups kept."""
        if k not in self._laid_out:
            self._laid_out[k] = self._lay_out(k)
        return self._laid_out[k]

    def layout_work(self, k: int) -> int:
        """Operations of `at` for the first k groups; none where their layout is cached."""
        return 0 if k in self._laid_out else layout_work(self.kernel, self.packing, k)

    def _lay_out(self, k: int) -> Kept:
        groups, order = self.groups
        first = order[:k]
        mask = groups.mask(first, (self.kernel.n_out, self.kernel.n_in))
        n_slots = int(groups.slots[first].sum())
        slots = None
        if self.kernel.slot_bits:
            slots = slot_table(self.kernel, self.packing, groups, first, searched=self.source.searched)
            return Kept(narrowed_matrix(self.kernel.codes, slots.positions, self.kernel.slot_bits), mask, n_slots, slots)
        if n_slots == self.kernel.n_slots:
            slots = own_slots(self.kernel) if self.rebuilt else None
        elif self.kernel.multiplexed and reorders(self.packing):
            slots = slot_table(self.kernel, self.packing, groups, first, searched=self.source.searched)
        return Kept(np.where(mask, self.kernel.codes, 0), mask, n_slots, slots)


def kernel_curve(source: Source, packing: str, order: str = BY_IMPORTANCE) -> KernelCurve:
    """Order the groups of a kernel and price them.

    Parameters
    ----------
    source : Source
    packing : str
        Resolved name.
    order : str
        `BY_IMPORTANCE`, or `SPARING` for constants: first the weights that need no DSP, then the others with all weights of
        one (input, code) together, because equal products of one input share a multiplier.
    """
    kernel = source.kernel
    groups, ranked, score = _ordered(source, packing, order)
    index, slots = groups.index[ranked], groups.slots[ranked]
    lanes = _lanes(kernel, packing, index, slots) if kernel.multiplexed else None
    rebuilt = lanes is not None and _is_cheaper_rebuilt(source, int(slots.sum()))
    curve = Curve(source.scale(np.concatenate([[0.0], np.cumsum(score)])), _costs(source, index, slots, lanes, rebuilt))
    counts = constant_counts(kernel, index[:, 0]) if not kernel.multiplexed else (np.zeros(ranked.size + 1, np.int64),) * 2
    n_pinned = int(_has_pinned(index, source.pinned).sum())
    return KernelCurve(source, packing, order, curve, counts, lanes, rebuilt, n_pinned, slots=slots)


def optimistic_curve(better: KernelCurve, packing: str) -> KernelCurve:
    """Curve of a packing before its search: `better` bounds its value from above at any number of slots."""
    lanes = least_lanes(better.kernel, packing, np.concatenate([[0], np.cumsum(better.slots)]))
    return replace(better, packing=packing, exact=False, lanes=lanes, _laid_out={}).repriced(better.kernel)


def _ordered(source: Source, packing: str, order: str) -> tuple[Groups, NDArray[np.int64], NDArray[np.float64]]:
    """Return all groups, numbers of the nonzero ones in the order in which they are kept, and the scores of the latter."""
    kernel = source.kernel
    groups = pack(kernel, packing, source.scores)
    live = np.flatnonzero((groups.per_weight(kernel.codes.ravel()) != 0).any(axis=1))
    scores = _narrow_scores(source, groups) if kernel.slot_bits else source.scores
    score = groups.per_weight(scores.ravel()).sum(axis=1)[live]
    if order == SPARING:
        rank = _sparing_rank(kernel, groups.index[live, 0], score)
    elif kernel.slot_bits:
        rank = np.argsort(-score, kind='stable')
    else:
        rank = np.argsort(-score / groups.slots[live], kind='stable')
    # Pinned groups first; all others stay in their order.
    if source.pinned.size:
        rank = rank[np.argsort(~_has_pinned(groups.index[live[rank]], source.pinned), kind='stable')]
    return groups, live[rank], score[rank]


def _narrow_scores(source: Source, groups: Groups) -> NDArray[np.float64]:
    """Scores less the loss by rounding to the powers of two of slots: that of pruning, by the square of the error."""
    codes, bits = source.kernel.codes, source.kernel.slot_bits
    rounded = narrowed_matrix(codes, groups.index.reshape(-1, source.kernel.group_reuse), bits)
    return source.scores * (1 - np.square((rounded - codes) / np.where(codes == 0, 1, codes)))


def _has_pinned(index: NDArray[np.int64], pinned: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each group, a row of flat positions, has a pinned weight."""
    if not pinned.size:
        return np.zeros(len(index), bool)
    found: NDArray[np.bool_] = np.isin(index, pinned).any(axis=1)
    return found


def _lanes(kernel: Kernel, packing: str, index: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Multiplexers of the first k groups, shape (K + 1,); None where hls4ml's own loop reads the inputs."""
    if shares_blocks(kernel, packing):
        return block_lanes(kernel, index).astype(np.float64)
    if (most := most_lanes(kernel, packing)) is None:
        return None
    # Each slot counts a multiplexer of its own, and each pair, until a layout lets them share one.
    each = np.minimum(slots, 1) if kernel.slot_bits else slots
    return np.minimum(np.concatenate([[0], np.cumsum(each)]), most).astype(np.float64)


def _costs(
    source: Source, index: NDArray[np.int64], slots: NDArray[np.int64], lanes: NDArray[np.float64] | None, rebuilt: bool
) -> NDArray[np.float64]:
    costs = selection_costs(source.kernel, index, slots, source.stage, lanes=lanes)
    if lanes is not None and slots.sum() == source.kernel.n_slots and not source.kernel.slot_bits:
        costs[-1] = _whole_cost(source, rebuilt)
    return costs


def _whole_cost(source: Source, rebuilt: bool) -> NDArray[np.float64]:
    """Resources of a kernel that keeps all slots: hls4ml's own, or `rebuilt` with a multiplexer a block of inputs."""
    kernel, stage = source.kernel, source.stage
    lanes = np.array([0.0, -(-kernel.n_in // kernel.reuse_factor)]) if rebuilt else None
    one = np.zeros((1, 1), np.int64)
    costs: NDArray[np.float64] = selection_costs(kernel, one, np.array([kernel.n_slots]), stage, lanes=lanes)[-1]
    return costs


def _is_cheaper_rebuilt(source: Source, n_slots: int) -> bool:
    """Whether `n_slots` are all slots of a kernel that is cheaper with shared multiplexers than as hls4ml's own."""
    kernel = source.kernel
    if n_slots < kernel.n_slots or kernel.in_turn or kernel.per_channel or kernel.slot_bits:
        return False
    own, rebuilt = _whole_cost(source, False), _whole_cost(source, True)
    return bool((rebuilt <= own).all() and (rebuilt < own).any())


def _sparing_rank(kernel: Kernel, positions: NDArray[np.int64], score: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank single weights by importance for each DSP."""
    codes = kernel.codes.ravel()[positions]
    low = int(codes.min(initial=0))
    span = int(codes.max(initial=0)) - low + 1
    product, member = np.unique(positions % kernel.n_in * span + (codes - low), return_inverse=True)
    worth = np.bincount(member, weights=score)
    worth[constants_in_dsp(kernel, product % span + low) == 0] = np.inf
    return np.lexsort((-score, member, -worth[member]))
