"""Multiplexer size that Vivado HLS lists for all kernels of a design: that of the last one."""

from collections.abc import Sequence
from dataclasses import replace

from hls4ml_hwprune.records import Kernel, Layer


def multiplexer_inputs(kernel: Kernel) -> int:
    """Count the inputs of `kernel`'s multiplexer in a report of Vivado HLS."""
    return kernel.n_out if kernel.in_turn else kernel.n_in


def mark_multiplexers(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Note on all kernels the multiplexer size that the tool lists for every kernel of the design; Vitis HLS lists each.

    Vivado HLS lists the size of the last kernel: seen in all 14 Vivado HLS 2019.1 to 2020.1 projects of shared/data whose
    reports name multiplexers.
    """
    if not layers or not layers[0].target.facts.one_multiplexer:
        return tuple(layers)
    multiplexed = [kernel for layer in layers for kernel in layer.kernels if kernel.multiplexed]
    ways = multiplexer_inputs(multiplexed[-1]) if multiplexed else 0
    return tuple(_marked(layer, ways) for layer in layers)


def _marked(layer: Layer, ways: int) -> Layer:
    """Note the size on the kernels of a layer; a layer that has it stays the same object, with its known estimates."""
    if all(kernel.multiplexer_ways == ways for kernel in layer.kernels):
        return layer
    return replace(layer, kernels=tuple(replace(kernel, multiplexer_ways=ways) for kernel in layer.kernels))
