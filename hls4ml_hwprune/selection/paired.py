"""Curves of paired slots, two products in one DSP block, beside those of slots with a DSP block each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hls4ml_hwprune.config import Settings
from hls4ml_hwprune.config.settings import AS_CONFIGURED, AUTO
from hls4ml_hwprune.packing import is_free, most_bits_of
from hls4ml_hwprune.records import Kernel, Layer
from hls4ml_hwprune.selection.curves import KernelCurve, kernel_curve
from hls4ml_hwprune.selection.source import Source


def paired_curves(source: Source, packing: str, width: str | int) -> Iterator[KernelCurve]:
    """Yield curves of slots that share multipliers two by two; none where a kernel has no such slots.

    Parameters
    ----------
    source : Source
    packing : str
        As the settings name it: pairs are `aligned`, `balanced`, or `permuted` where slots read all inputs in turn.
    width : int or str
        Bits of a weight at most, 'config' for no pairs, 'auto' for as many as fit.
    """
    kernel = source.kernel
    most = 0 if width == AS_CONFIGURED else most_bits_of(kernel)
    bits = min(width, most) if isinstance(width, int) else most
    if not bits:
        return
    paired = replace(source, kernel=replace(kernel, slot_bits=bits))
    for name in _packings(kernel, packing):
        yield kernel_curve(paired, name)


def _packings(kernel: Kernel, packing: str) -> list[str]:
    """Packings of a kernel, of those that the settings allow, under which two slots read the same inputs."""
    moves = not kernel.ordered_sums
    possible = {'aligned': not kernel.in_turn, 'permuted': kernel.in_turn and moves, 'balanced': is_free(kernel) and moves}
    return [name for name, there in possible.items() if there and packing in (AUTO, name)]


def why_unpaired(layers: Sequence[Layer], settings: Settings) -> str:
    """Reason for which no kernel can have the paired slots that were asked for; '' where some can or none were."""
    asked = [
        (kernel, choice)
        for layer in layers
        for kernel in layer.kernels
        if (choice := settings.for_layer(layer.name, layer.kind)).slot_width != AS_CONFIGURED
    ]
    free = [
        choice.reuse_factor == AUTO or (most_bits_of(kernel) > 0 and len(_packings(kernel, choice.packing)) > 0)
        for kernel, choice in asked
    ]
    if not asked or any(free):
        return ''
    kernel, choice = asked[0]
    return _why(kernel, choice.packing)


def _why(kernel: Kernel, packing: str) -> str:
    if not kernel.target.dsp_bits:
        return f'the DSP blocks of the part {kernel.target.part or "that is not named"} are not known'
    if not kernel.multiplexed:
        return f'layer {kernel.layer} shares no multipliers in time, as layers of Resource do at reuse factors from 2 on'
    if not kernel.operand_bits:
        return f'layer {kernel.layer} is of a class, a back end or types without such firmware'
    if most_bits_of(kernel):
        return f'layer {kernel.layer} has none under Packing {packing} at reuse factor {kernel.reuse_factor}'
    return f'inputs of {kernel.operand_bits} bits in layer {kernel.layer} leave no room for a second weight'
