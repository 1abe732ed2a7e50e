"""Ways to choose slot and cycle of the weights that `balanced` keeps: those of the package, and what they compare with."""

from collections.abc import Callable

import numpy as np

from hls4ml_hwprune.packing.cycles import crude, repeated
from hls4ml_hwprune.packing.multiplexers import cost
from hls4ml_hwprune.packing.placement import Kept, Placement, in_order
from hls4ml_hwprune.packing.streams import streamed


def random(kept: Kept, n_in: int, reuse_factor: int) -> Placement:
    """Slots and cycles by lot, from a fixed seed."""
    rng = np.random.default_rng(2)
    return in_order([rng.permutation(inputs) for inputs in kept], reuse_factor)


def shared(kept: Kept, n_in: int, reuse_factor: int) -> Placement:
    """Return the cheapest of those of the package."""
    ways: list[Callable[[Kept, int, int], Placement]] = [crude, repeated]
    if 4 < reuse_factor < n_in:
        ways.append(streamed)
    return min((way(kept, n_in, reuse_factor) for way in ways), key=cost)


CHOICES: dict[str, Callable[[Kept, int, int], Placement]] = {'random': random, 'crude': crude, 'shared': shared}
