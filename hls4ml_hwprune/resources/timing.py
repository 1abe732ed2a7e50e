"""Cycles of one layer and of a whole design."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from hls4ml_hwprune.records import Kernel, Layer
from hls4ml_hwprune.resources.latency import Cycles, conv_cycles, dense_stream_cycles, elementwise_cycles, kernel_cycles
from hls4ml_hwprune.resources.logic import constant_cycles
from hls4ml_hwprune.resources.multipliers import first_uses, multiplier_limit


def layer_cycles(layer: Layer) -> Cycles:
    """Smallest latency, largest latency and initiation interval of one layer, in clock cycles."""
    if not layer.kernels:
        kinds = [operation for operation in layer.operations if operation.kind != 'linear']
        if not kinds:
            return 0, 0, 1
        first = kinds[0]
        pixels = layer.out_pixels if first.kind.startswith('padding') else layer.in_pixels
        return elementwise_cycles(first.kind, pixels, _io(layer), first.n, layer.target, first.reuse_factor)
    if layer.repeats > 1:
        steps = [_dense_cycles(kernel) for kernel in layer.kernels]
        low, high, _ = (layer.repeats * sum(column) for column in zip(*steps, strict=True))
        return low, high, high
    kernel = layer.kernels[0]
    if 'Conv' in layer.kind:
        return _conv_cycles(layer, kernel)
    cycles = _dense_cycles(kernel)
    return dense_stream_cycles(cycles, layer.in_pixels) if layer.io_type == 'io_stream' else cycles


def design_cycles(layers: Sequence[Layer], cycles: Mapping[str, Cycles]) -> Cycles:
    """Latencies and interval of a whole design whose `layers` are in graph order.

    io_parallel: the sum along the slowest path and a cycle between layers (10 of 12 pipelined networks of reports exact,
    the others 1 and 3 cycles less); the interval is the largest of a layer (20 of 20). io_stream: layers that stream pixels
    run at the same time, so that only the slowest of them counts (0 to 2.5 % below 5 of 7 designs); the interval is one
    more than that of the slowest layer (7 of 7).
    """
    stream = any(layer.io_type == 'io_stream' for layer in layers)
    low, high = (_path(layers, {name: figures[column] for name, figures in cycles.items()}) for column in (0, 1))
    return low, high, max((interval for _, _, interval in cycles.values()), default=1) + int(stream)


def _dense_cycles(kernel: Kernel) -> Cycles:
    k = kernel
    if k.multiplexed:
        return kernel_cycles(k.reuse_factor, k.strategy, k.n_in, k.target)
    codes = k.codes.ravel()
    live = np.flatnonzero(codes)
    n_multipliers = int(first_uses(codes[live], live % k.n_in).sum())
    limit = int(multiplier_limit(k.n_in, k.n_out, k.reuse_factor, k.n_in * k.n_out - live.size))
    latency, interval = constant_cycles(
        live.size / k.n_out, n_multipliers, limit, k.reuse_factor, k.target.stage_ns, k.target.seven_series
    )
    return latency, latency, interval


def _conv_cycles(layer: Layer, kernel: Kernel) -> Cycles:
    interval = None if kernel.multiplexed else _dense_cycles(kernel)[2]
    return conv_cycles(
        kernel.reuse_factor,
        kernel.strategy,
        kernel.n_in,
        layer.in_pixels,
        layer.out_pixels,
        _io(layer),
        layer.out_pixels // kernel.copies,
        layer.target,
        interval,
    )


def _path(layers: Sequence[Layer], cycles: Mapping[str, int]) -> int:
    """Cycles along the slowest path, one more for each layer that does anything after the first."""
    finish: dict[str, int] = {}
    slowest_stream = 0
    for layer in layers:
        streams = layer.io_type == 'io_stream' and layer.in_pixels > 1
        slowest_stream = max(slowest_stream, streams * cycles[layer.name])
        computes = bool(layer.kernels or layer.operations)
        before = max((finish.get(source, -1) for source in layer.inputs), default=-1)
        finish[layer.name] = before + computes + (0 if streams else cycles[layer.name])
    return max(0, *finish.values()) + slowest_stream if finish else 0


def _io(layer: Layer) -> Literal['io_parallel', 'io_stream']:
    return 'io_stream' if layer.io_type == 'io_stream' else 'io_parallel'
