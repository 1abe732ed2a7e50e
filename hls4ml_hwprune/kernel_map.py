"""Kernels of a design by their keys, and designs with other kernels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from hls4ml_hwprune.records import Kernel, KernelKey, Layer


def kernels_by_key(layers: Iterable[Layer], *, prunable: bool = False) -> dict[KernelKey, Kernel]:
    """All kernels of a design in graph order; of layers that can be pruned alone if `prunable`."""
    return {kernel.key: kernel for layer in layers if not (prunable and layer.skipped) for kernel in layer.kernels}


def replace_kernels(layers: Sequence[Layer], kernels: Mapping[KernelKey, Kernel]) -> tuple[Layer, ...]:
    """Put `kernels` in the place of those with the same keys; all else stays."""
    return tuple(
        replace(layer, kernels=tuple(kernels.get(kernel.key, kernel) for kernel in layer.kernels))
        if any(kernel.key in kernels for kernel in layer.kernels)
        else layer
        for layer in layers
    )
