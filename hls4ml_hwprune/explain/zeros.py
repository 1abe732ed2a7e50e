"""Zeros in shared multipliers: a slot is built as long as one of its weights is not zero."""

from collections.abc import Iterator, Sequence

import numpy as np

from hls4ml_hwprune.explain.finding import Finding
from hls4ml_hwprune.records import Kernel, Layer


def explain_zeros(layers: Sequence[Layer]) -> Iterator[Finding]:
    """Find the zeros of all kernels, and the multiplier slots that they could free.

    hls4ml's issue 1295 asks for it: a pruned network takes as many DSPs as before.
    """
    for layer in layers:
        for kernel in layer.kernels:
            if kernel.kept is None and not kernel.external and (found := _found(kernel)) is not None:
                yield found


def _found(kernel: Kernel) -> Finding | None:
    exists = kernel.exists
    zeros, weights = int((exists & (kernel.codes == 0)).sum()), int(exists.sum())
    if not zeros:
        return None
    share = f'{zeros:,} of {weights:,} weights ({100 * zeros / weights:.0f} %) are zero'
    if not kernel.multiplexed:
        return Finding('zeros', str(kernel.key), f'{share}; as constants they cost nothing already')
    slots, live, least = kernel.n_slots, _live_slots(kernel), _least_slots(kernel)
    text = (
        f'{share}, but a multiplier serves {kernel.reuse_factor} weights (ReuseFactor) and is built for any that is left: '
        f'{slots - live:,} of {slots:,} slots have nothing but zeros'
    )
    if least >= live:
        return Finding('zeros', str(kernel.key), f'{text}, and the others cannot be fewer')
    cure = (
        f'pruning whole slots takes them out; packed anew (balanced) these weights need {least:,} slots, and no other '
        f'weight is lost: hwprune convert --budget DSP=...'
    )
    return Finding('zeros', str(kernel.key), text, cure)


def _live_slots(kernel: Kernel) -> int:
    """Slots of hls4ml's layout with a weight that is not zero."""
    return int(np.unique(np.flatnonzero(kernel.codes) // kernel.reuse_factor).size)


def _least_slots(kernel: Kernel) -> int:
    """Slots that the weights need where each slot takes any weights of one output."""
    nonzero = (kernel.codes != 0).sum(axis=1)
    if kernel.reuse_factor > kernel.n_in:
        return _live_slots(kernel)
    return int((-(-nonzero // kernel.reuse_factor)).sum())
