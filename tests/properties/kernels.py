"""Strategies of small kernels with some of their groups kept."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from hls4ml_hwprune.packing import PACKINGS, Groups, pack, slot_table
from hls4ml_hwprune.records import Kernel, SlotTable, per_channel_mask
from hls4ml_hwprune.resources import kernel_reuse_factors, legal_reuse_factors

NAMED = tuple(name for name in PACKINGS if name != 'auto')


@dataclass(frozen=True)
class Packed:
    """A kernel with the slots of the groups that are kept."""

    kernel: Kernel
    packing: str
    groups: Groups
    kept: np.ndarray
    table: SlotTable

    @property
    def mask(self):
        return self.groups.mask(self.kept, (self.kernel.n_out, self.kernel.n_in))


@st.composite
def kernels(draw, any_reuse_factor=False):
    """Kernels without zeros among their codes; the reuse factor is one that hls4ml allows, unless any may be."""
    n_in, n_out = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    legal = legal_reuse_factors(n_in, n_out)
    factors = st.sampled_from(legal) if not any_reuse_factor else st.integers(1, n_in * n_out)
    codes = np.random.default_rng(draw(st.integers(0, 2**16))).integers(1, 100, (n_out, n_in))
    strategy = draw(st.sampled_from(('resource', 'resource', 'resource', 'latency')))
    return Kernel('fc', 'weight', n_in, n_out, draw(factors), strategy, 1, codes / 64.0, codes, 16, 16, 32)


@st.composite
def kernels_by_channel(draw):
    """Kernels in which each output has inputs of its own; multipliers are shared by divisors of an output's weights."""
    window, n_out = draw(st.integers(1, 9)), draw(st.integers(2, 6))
    codes = np.random.default_rng(draw(st.integers(0, 2**16))).integers(1, 100, (n_out, window * n_out))
    codes = np.where(per_channel_mask(n_out, window * n_out), codes, 0)
    kernel = Kernel('dw', 'weight', window * n_out, n_out, 1, 'resource', 1, codes / 64.0, codes, 16, 16, 32)
    kernel = replace(kernel, per_channel=True)
    return replace(kernel, reuse_factor=draw(st.sampled_from(kernel_reuse_factors(kernel))))


@st.composite
def packed(draw, of=None):
    """Kernels under some packing, with any of their groups kept."""
    kernel, packing = draw(kernels() if of is None else of), draw(st.sampled_from(NAMED))
    groups = pack(kernel, packing, np.abs(kernel.values))
    stays = draw(st.lists(st.booleans(), min_size=len(groups.index), max_size=len(groups.index)))
    kept = np.flatnonzero(stays)
    return Packed(kernel, packing, groups, kept, slot_table(kernel, packing, groups, kept))
