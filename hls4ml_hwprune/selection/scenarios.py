"""Enumeration of the one multiplexer size that Vivado HLS lists for all of a design, with the alternatives under each."""

from collections.abc import Iterator

from hls4ml_hwprune.kernel_map import kernels_by_key
from hls4ml_hwprune.records import KernelKey
from hls4ml_hwprune.resources import multiplexer_inputs
from hls4ml_hwprune.selection.alternatives import Alternative
from hls4ml_hwprune.selection.design import Design

Choices = tuple[tuple[Alternative, ...], ...]


def scenarios(design: Design) -> Iterator[Choices]:
    """Yield the alternatives of all kernels: once, unless reuse factors of a design for Vivado HLS are to be chosen.

    In that case the last kernel with shared multipliers sets the price of multiplexers in all others (see
    `mark_multiplexers`): one set for each kernel that may be the last and each size of its multiplexer.
    """
    alternatives = design.alternatives
    fixed = all(len({choice.kernel.reuse_factor for choice in choices}) == 1 for choices in alternatives)
    if fixed or not design.layers[0].target.facts.one_multiplexer:
        yield alternatives
        return
    order = {key: number for number, key in enumerate(kernels_by_key(design.layers))}
    for last, ways in [*_last_multiplexers(design), (None, 0)]:
        found = tuple(
            tuple(choice.priced_with(ways) for choice in choices if _agrees(choice, last, ways, order))
            for choices in alternatives
        )
        if all(found):
            yield found


def _last_multiplexers(design: Design) -> Iterator[tuple[KernelKey, int]]:
    """Candidates for the last kernel with shared multipliers, and their multiplexer sizes; in reverse graph order."""
    chosen = {kernel.key: choices for kernel, choices in zip(design.kernels, design.alternatives, strict=True)}
    for key, own in reversed(kernels_by_key(design.layers).items()):
        kernels = [choice.kernel for choice in chosen[key]] if key in chosen else [own]
        sizes = {multiplexer_inputs(kernel) for kernel in kernels if kernel.multiplexed}
        yield from ((key, ways) for ways in sorted(sizes))
        if key not in chosen and sizes:
            # A kernel that cannot change is the last whatever comes before it.
            return


def _agrees(choice: Alternative, last: KernelKey | None, ways: int, order: dict[KernelKey, int]) -> bool:
    kernel = choice.kernel
    if last is None or order[kernel.key] > order[last]:
        return not kernel.multiplexed
    return kernel.key != last or (kernel.multiplexed and multiplexer_inputs(kernel) == ways)
