"""Limits of the tools that stop a synthesis, or make it endless."""

from collections.abc import Iterator, Sequence

from hls4ml_hwprune.explain.finding import Finding
from hls4ml_hwprune.records import Kernel, Layer
from hls4ml_hwprune.resources import kernel_reuse_factors

# Products that are unrolled into one function: hls4ml's issues 425 and 817 tell of hours, and of memory that ran out.
_MOST_UNROLLED = 20_000


def explain_synthesis(layers: Sequence[Layer]) -> Iterator[Finding]:
    """Find kernels that are larger than the tool takes arrays apart, or than it unrolls in reasonable time."""
    for layer in layers:
        for kernel in layer.kernels:
            yield from _array(kernel)
            yield from _unrolled(kernel)


def _array(kernel: Kernel) -> Iterator[Finding]:
    most = kernel.target.facts.largest_array
    if most is None or kernel.multiplexed or kernel.kept is not None or kernel.n_weights <= most:
        return
    yield Finding(
        'synthesis',
        str(kernel.key),
        f'{kernel.target.tool} takes no array of more than {most:,} elements apart, and this one has '
        f'{kernel.n_weights:,} weights, each an element of its own here',
        f'Strategy: Resource with a ReuseFactor of {_factor(kernel, most)} or more, or the back end Vitis',
    )


def _factor(kernel: Kernel, most: int) -> int:
    return next((factor for factor in kernel_reuse_factors(kernel) if factor > 1 and kernel.n_weights / factor <= most), 2)


def _unrolled(kernel: Kernel) -> Iterator[Finding]:
    products = int((kernel.codes != 0).sum()) * kernel.copies
    if kernel.multiplexed or products <= _MOST_UNROLLED:
        return
    yield Finding(
        'synthesis',
        str(kernel.key),
        f'{products:,} products are unrolled into one function, which takes the tool hours or all memory',
        'Strategy: Resource with a ReuseFactor above 1, or fewer weights (HWPrune.Budget)',
    )
