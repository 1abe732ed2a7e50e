"""Ways to choose slot and cycle of the weights that `balanced` keeps: that of the package, and what it compares with."""

from collections.abc import Callable

import numpy as np

from hls4ml_hwprune.packing.layout.cycles import crude
from hls4ml_hwprune.packing.layout.placement import Kept, Placement, in_order
from hls4ml_hwprune.packing.layout.slots import place


def random(kept: Kept, n_in: int, reuse_factor: int) -> Placement:
    """Slots and cycles by lot, from a fixed seed."""
    rng = np.random.default_rng(2)
    return in_order([rng.permutation(inputs) for inputs in kept], reuse_factor)


CHOICES: dict[str, Callable[[Kept, int, int], Placement]] = {'random': random, 'crude': crude, 'shared': place}
