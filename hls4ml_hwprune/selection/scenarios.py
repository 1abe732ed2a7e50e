"""Alternatives by the one multiplexer whose size Vivado HLS lists for all of a design."""

from collections.abc import Iterator

from hls4ml_hwprune.resources import multiplexer_inputs
from hls4ml_hwprune.selection.alternatives import Alternative
from hls4ml_hwprune.selection.design import Design

Choices = tuple[tuple[Alternative, ...], ...]


def scenarios(design: Design) -> Iterator[Choices]:
    """Yield the alternatives of all kernels: once, unless reuse factors of a design for Vivado HLS are to be chosen.

    There the last kernel with shared multipliers has a say in what all the others cost (see `mark_multiplexers`): once for
    each kernel that may be the last and each size that its multiplexer may have.
    """
    alternatives = design.alternatives
    fixed = all(len({choice.kernel.reuse_factor for choice in choices}) == 1 for choices in alternatives)
    if fixed or design.layers[0].target.tool != 'Vivado HLS':
        yield alternatives
        return
    order = {layer.name: number for number, layer in enumerate(design.layers)}
    for last, ways in [*_last_multiplexers(design), ('', 0)]:
        found = tuple(
            tuple(choice.priced_with(ways) for choice in choices if _agrees(choice, last, ways, order))
            for choices in alternatives
        )
        if all(found):
            yield found


def _last_multiplexers(design: Design) -> Iterator[tuple[str, int]]:
    """Layers that may be the last with shared multipliers, and the sizes of their multiplexers; those at the end first."""
    chosen = {kernel.layer: choices for kernel, choices in zip(design.kernels, design.alternatives, strict=True)}
    for layer in reversed(design.layers):
        kernels = [choice.kernel for choice in chosen[layer.name]] if layer.name in chosen else layer.kernels
        sizes = {multiplexer_inputs(kernel) for kernel in kernels if kernel.multiplexed}
        yield from ((layer.name, ways) for ways in sorted(sizes))
        if layer.name not in chosen and sizes:
            # What cannot change cannot make room for those before it.
            return


def _agrees(choice: Alternative, last: str, ways: int, order: dict[str, int]) -> bool:
    kernel = choice.kernel
    if not last or order[kernel.layer] > order[last]:
        return not kernel.multiplexed
    return kernel.layer != last or (kernel.multiplexed and multiplexer_inputs(kernel) == ways)
