"""Kernels by the names of their layers."""

from hls4ml_hwprune.records import KernelKey


def keyed(by_layer):
    """Name the kernels of layers that have one."""
    return {KernelKey(layer): value for layer, value in by_layer.items()}
