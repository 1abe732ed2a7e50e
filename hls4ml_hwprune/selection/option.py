"""Protocol of options: ways to keep part of a kernel, as the knapsack and the planner see them."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import Kernel
from hls4ml_hwprune.selection.knapsack.problem import Curve
from hls4ml_hwprune.selection.source import Kept, Source


class Option(Protocol):
    """A packing, a reuse factor and an order of the groups of a kernel, at one set of prices."""

    @property
    def source(self) -> Source:
        """Scores from which the option was made."""

    @property
    def packing(self) -> str:
        """Name of the packing."""

    @property
    def order(self) -> str:
        """Order in which groups are kept."""

    @property
    def points(self) -> Curve:
        """Value and cost of keeping the first k groups; costs in the order of `resources.NAMES`."""

    @property
    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Weights kept, and products of them that are multiplied where weights are constants; shape (K + 1,) each."""

    @property
    def exact(self) -> bool:
        """Whether the packing was searched for; else the values are an upper bound."""

    @property
    def kernel(self) -> Kernel:
        """The kernel, at the reuse factor of the option."""

    @property
    def value(self) -> NDArray[np.float64]:
        """Worth of each point, shape (K + 1,)."""

    @property
    def cost(self) -> NDArray[np.float64]:
        """Resources of each point, shape (K + 1, 5)."""

    @property
    def connects(self) -> NDArray[np.bool_]:
        """Whether each point keeps a weight, and all pinned weights; shape (K + 1,)."""

    def at(self, k: int) -> Kept:
        """Return the state of the kernel at point k."""

    def layout_work(self, k: int) -> int:
        """Count the operations of `at` for point k; none where the point is cached."""

    def anew(self) -> 'Option':
        """Return the same option, with no layout known yet."""

    def found(self) -> 'Option':
        """Search for the packing, where the option was optimistic."""

    def with_multiplexer(self, ways: int) -> 'Option':
        """Price every multiplexer as one of so many `ways`, as the tool then lists it."""

    def at_least(self) -> 'Option':
        """Price all points by a lower bound on the multiplexers of any layout of their slots."""

    def with_own_whole(self) -> 'Option':
        """Leave hls4ml's own kernel in place where all slots are kept."""

    def looked_at(self, k: int) -> 'Option':
        """Price point k by the layout of its slots."""

    def around_slots(self) -> NDArray[np.float64]:
        """Bound the resources that disappear with the inputs and outputs of the kernel, shape (5,)."""

    def of_equal_products(self) -> NDArray[np.float64]:
        """Bound the resources saved where products turn out equal, shape (5,)."""
