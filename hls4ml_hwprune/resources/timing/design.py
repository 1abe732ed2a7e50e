"""Cycles of one layer, and longest path through a whole design."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.records import WRAPPER, Kernel, Layer
from hls4ml_hwprune.resources.cost_model import cost_model
from hls4ml_hwprune.resources.elementwise_cycles import elementwise_layer_cycles
from hls4ml_hwprune.resources.multipliers import first_uses, multiplier_limit
from hls4ml_hwprune.resources.timing.constant import constant_cycles, constant_delay
from hls4ml_hwprune.resources.timing.layers import Cycles, conv_cycles, dense_stream_cycles, kernel_cycles

# Operations of one comparison and one selection an element, and their delay in ns.
_SHORT, _ELEMENT_NS = ('linear', 'relu', 'relu_saturated'), 1.5

# Cycles of tools without reports.
_UNKNOWN: Cycles = (0, 0, 0)


def layer_cycles(layer: Layer) -> Cycles:
    """Smallest latency, largest latency and initiation interval of one layer, in clock cycles."""
    if not layer.target.facts.has_reports:
        return _UNKNOWN
    if not layer.kernels:
        return elementwise_layer_cycles(layer)
    shares = [_around(layer, kernel, _dense_cycles(kernel)) for kernel in layer.kernels]
    low, high, interval = (max(column) for column in zip(*shares, strict=True))
    return low, high, interval


def selection_cycles(
    layer: Layer, kernel: Kernel, n_weights: NDArray[np.int64], n_multipliers: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Largest latency and initiation interval of a layer for every number of groups kept.

    Parameters
    ----------
    layer : Layer
    kernel : Kernel
        Replacement of the layer's own kernel, for instance at another reuse factor.
    n_weights, n_multipliers : ndarray of int, shape (K + 1,)
        Kept weights, and their distinct products with a multiplier; relevant only where weights are constants.

    Returns
    -------
    (latency, ii) : ndarray of int, shape (K + 1,)
        Those of the slowest kernel are the layer's, as kernels of a layer run side by side.
    """
    if not layer.target.facts.has_reports:
        return np.zeros(n_weights.shape, np.int64), np.zeros(n_weights.shape, np.int64)
    if kernel.multiplexed:
        _, latency, interval = _around(layer, kernel, _dense_cycles(kernel))
        return np.full(n_weights.shape, latency), np.full(n_weights.shape, interval)
    latencies, intervals = _constant_cycles(kernel, n_weights, n_multipliers)
    # Few pairs differ.
    span = int(intervals.max()) + 1
    distinct, which = np.unique(latencies * span + intervals, return_inverse=True)
    found = [_around(layer, kernel, (pair // span, pair // span, pair % span)) for pair in distinct.tolist()]
    cycles = np.array([(latency, interval) for _, latency, interval in found], np.int64)[which]
    return cycles[:, 0], cycles[:, 1]


def design_cycles(layers: Sequence[Layer], cycles: Mapping[str, Cycles]) -> Cycles:
    """Latencies and interval of a whole design whose `layers` are in graph order.

    io_parallel: the sum along the slowest path and a cycle between layers that do not share one (10 of 12 pipelined networks
    of reports exact, the others 1 and 3 cycles less); the interval is the largest of a layer (20 of 20). io_stream: layers
    that stream pixels run at the same time, so that only the slowest of them counts (0 to 2.5 % below 5 of 7 designs); the
    interval is one more than that of the slowest layer (7 of 7). Within an AXI interface an io_parallel design has its
    latency as its interval (3 of 3).
    """
    if not all(layer.target.facts.has_reports for layer in layers):
        return _UNKNOWN
    stream = any(layer.io_type == 'io_stream' for layer in layers)
    low, high = (slowest_path(layers, {name: c[column] for name, c in cycles.items()})[0] for column in (0, 1))
    if one_at_a_time(layers):
        return low, high, high
    return low, high, max((interval for _, _, interval in cycles.values()), default=1) + int(stream)


def one_at_a_time(layers: Sequence[Layer]) -> bool:
    """Whether a design reads no input before it has written its last result: io_parallel within an AXI interface."""
    return any(layer.kind == WRAPPER and layer.io_type == 'io_parallel' for layer in layers)


def _around(layer: Layer, kernel: Kernel, cycles: Cycles) -> Cycles:
    """Cycles of a layer, given those of its slowest kernel; a recurrent layer begins a step when the last has ended."""
    if layer.step_cycles:
        low, high, _ = (layer.repeats * (column + layer.step_cycles) for column in cycles)
        return low, high, high
    if layer.dimensions:
        return _conv_cycles(layer, kernel, cycles)
    return dense_stream_cycles(cycles, layer.in_pixels) if layer.io_type == 'io_stream' else cycles


def _dense_cycles(kernel: Kernel) -> Cycles:
    k = kernel
    if k.multiplexed:
        return kernel_cycles(k.reuse_factor, k.strategy, k.n_in, k.target, depth=cost_model(k.target).depth(k))
    codes = k.codes.ravel()
    live = np.flatnonzero(codes)
    products = first_uses(codes[live], live % k.n_in).sum()
    latency, interval = _constant_cycles(k, np.array(live.size), np.array(products))
    return int(latency), int(latency), int(interval)


def _constant_cycles(
    kernel: Kernel, n_weights: NDArray[np.int64], n_multipliers: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    k = kernel
    n_out, _ = k.designed or (k.n_out, k.n_in)
    limit = multiplier_limit(k.n_weights, 1, k.reuse_factor, k.n_weights - n_weights)
    stage_ns, slow_fabric = k.target.stage_ns, k.target.seven_series
    return constant_cycles(n_weights / n_out, n_multipliers, limit, k.reuse_factor, stage_ns, slow_fabric)


def _conv_cycles(layer: Layer, kernel: Kernel, cycles: Cycles) -> Cycles:
    return conv_cycles(
        kernel.reuse_factor,
        kernel.strategy,
        kernel.n_in,
        layer.in_pixels,
        layer.out_pixels,
        _io(layer),
        layer.out_pixels // kernel.copies,
        layer.target,
        None if kernel.multiplexed else cycles[2],
        cost_model(kernel.target).depth(kernel) if kernel.multiplexed else None,
        cycles[1] if not layer.target.facts.overlaps_pixels and not kernel.multiplexed else None,
    )


def slowest_path(layers: Sequence[Layer], cycles: Mapping[str, int]) -> tuple[int, frozenset[str]]:
    """Cycles from the input of a design to its last output, and the layers whose own cycles are part of them.

    Parameters
    ----------
    layers : sequence of Layer
        Layers in graph order.
    cycles : mapping of str to int
        Cycles of each layer.

    Returns
    -------
    (latency, names)
        Sum along the slowest path, plus one for each layer with operations after the first, unless it fits into the cycle of
        the layers before it (io_parallel, a slow clock); plus the slowest of the layers that stream pixels.
    """
    finish = _finished(layers, cycles)
    slowest_stream: tuple[int, tuple[str, ...]] = (0, ())
    for layer in layers:
        during = _while_streaming(layer, cycles[layer.name])
        if during > slowest_stream[0]:
            slowest_stream = during, () if _reads_first(layer) else (layer.name,)
    longest, _, names = max(finish.values(), key=lambda path: path[:2], default=(0, 0.0, ()))
    return max(0, longest) + slowest_stream[0], frozenset(names + slowest_stream[1])


def layer_spans(layers: Sequence[Layer], cycles: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """First and last cycle of each layer on one input of a design; layers that stream pixels overlap.

    The largest end is the latency of `design_cycles`, or less where the slowest stream is not on the slowest path.
    """
    finish = _finished(layers, cycles)
    ends = {layer.name: finish[layer.name][0] + _while_streaming(layer, cycles[layer.name]) for layer in layers}
    return {name: (max(0, end - cycles[name]), max(0, end)) for name, end in ends.items()}


def _finished(layers: Sequence[Layer], cycles: Mapping[str, int]) -> dict[str, tuple[int, float, tuple[str, ...]]]:
    """Return for each layer the cycle in which it ends, pixels aside, the filled part of that cycle in ns, and the path."""
    finish: dict[str, tuple[int, float, tuple[str, ...]]] = {}
    for layer in layers:
        during = _while_streaming(layer, cycles[layer.name])
        own = cycles[layer.name] - during
        whole = during > 0 and not _reads_first(layer)
        sources = [finish[source] for source in layer.inputs if source in finish]
        # No layer precedes the first, so that it shares its cycle with none.
        before, filled, names = max(sources, key=lambda path: path[:2], default=(-1, np.inf, ()))
        if layer.kernels or layer.operations:
            delay = _delay(layer)
            shares = own == 0 and filled + delay <= layer.target.stage_ns
            before, filled = (before, filled + delay) if shares else (before + 1, delay)
        finish[layer.name] = before + own, filled, names if whole else (*names, layer.name)
    return finish


def _reads_first(layer: Layer) -> bool:
    """Whether a layer of io_stream has to read all packs before it computes."""
    return layer.gathers and layer.in_pixels > 1


def _while_streaming(layer: Layer, cycles: int) -> int:
    """Cycles of a layer while the layers before it stream their pixels: all, or a cycle a pack for a dense layer."""
    if layer.io_type != 'io_stream' or layer.in_pixels <= 1:
        return 0
    return min(layer.in_pixels, cycles) if _reads_first(layer) else cycles


def _delay(layer: Layer) -> float:
    """Delay in ns of a layer within one cycle; infinite for layers with registers, as designed.

    It must not depend on choices of a plan, so that the cycles of a path are a sum of its layers' cycles and a constant.
    """
    if layer.io_type == 'io_stream' or layer.target.seven_series or layer.step_cycles or layer_cycles(layer)[1]:
        return np.inf
    if layer.kernels:
        kernel = layer.kernels[0]
        n_out, _ = kernel.designed or (kernel.n_out, kernel.n_in)
        return np.inf if kernel.multiplexed else float(constant_delay(np.count_nonzero(kernel.codes) / n_out))
    kinds = {operation.kind for operation in layer.operations}
    return len(kinds - {'linear'}) * _ELEMENT_NS if all(kind in _SHORT for kind in kinds) else np.inf


def _io(layer: Layer) -> Literal['io_parallel', 'io_stream']:
    return 'io_stream' if layer.io_type == 'io_stream' else 'io_parallel'
