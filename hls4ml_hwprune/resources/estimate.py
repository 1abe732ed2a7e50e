"""Layers and whole designs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.records import Kernel, Layer, Memory, Operation
from hls4ml_hwprune.resources.kernel import kernel_resources
from hls4ml_hwprune.resources.latency import Cycles, conv_cycles, elementwise_cycles, kernel_cycles
from hls4ml_hwprune.resources.logic import elementwise_logic
from hls4ml_hwprune.resources.memories import bram18, fifo_bram18, fifo_lut, memory_lut
from hls4ml_hwprune.resources.multipliers import costly_constants, multiplier_dsp
from hls4ml_hwprune.resources.vector import Resources

# Logic synthesis against HLS reports, LUT and FF: medians over 18 projects with both (`benchmarks/check_rules.py`).
_VSYNTH_LUT, _VSYNTH_FF = 0.49, 0.82
_FACTORS = {'csynth': (1, 1, 1, 1, 1), 'vsynth': (1, 1, 1, _VSYNTH_LUT, _VSYNTH_FF)}


@dataclass(frozen=True)
class Estimate:
    """Estimated resources and timing of a design; never synthesis results.

    Attributes
    ----------
    total : Resources
        The whole design.
    layers : dict of str to Resources
        By layer.
    cycles : dict of str to (int, int, int)
        Smallest latency, largest latency and initiation interval of each layer, in clock cycles.
    latency, ii : int
        Largest latency and initiation interval of the design, in clock cycles.
    stage : str
        'csynth' or 'vsynth': whose figures are estimated.
    """

    total: Resources
    layers: dict[str, Resources]
    cycles: dict[str, Cycles]
    latency: int
    ii: int
    stage: str


def stage_factors(stage: str) -> NDArray[np.float64]:
    """Factors from csynth figures to those of `stage`, in the order of `NAMES`, shape (5,).

    Raises
    ------
    ConfigError
        If there is no such stage.
    """
    if stage not in _FACTORS:
        raise ConfigError(f'stage: {stage!r} is not one of {", ".join(_FACTORS)}')
    return np.array(_FACTORS[stage], float)


def estimate_layers(layers: Sequence[Layer], stage: str = 'csynth') -> Estimate:
    """Estimate a design from its layers."""
    factors = stage_factors(stage)
    by_layer = {layer.name: Resources.from_array(factors * layer_resources(layer).as_array()) for layer in layers}
    cycles = {layer.name: layer_cycles(layer) for layer in layers}
    return Estimate(
        total=Resources.total(by_layer.values()),
        layers=by_layer,
        cycles=cycles,
        latency=_design_latency(layers, cycles),
        ii=max((interval for _, _, interval in cycles.values()), default=1),
        stage=stage,
    )


def layer_resources(layer: Layer) -> Resources:
    """Resources of one layer (csynth): its kernels, memories and operations."""
    parts = [kernel_resources(kernel) for kernel in layer.kernels]
    parts += [_memory(memory) for memory in layer.memories]
    parts += [_operation(operation) for operation in layer.operations]
    return Resources.total(parts)


def layer_cycles(layer: Layer) -> Cycles:
    """Latencies and initiation interval of one layer."""
    if not layer.kernels:
        kinds = [operation.kind for operation in layer.operations]
        return elementwise_cycles(kinds[0], layer.in_pixels, _io(layer)) if kinds else (0, 0, 1)
    if layer.repeats > 1:
        steps = [kernel_cycles(k.reuse_factor, k.strategy, k.n_in) for k in layer.kernels]
        low, high, _ = (layer.repeats * sum(column) for column in zip(*steps, strict=True))
        return low, high, high
    return _kernel_layer_cycles(layer, layer.kernels[0])


def _kernel_layer_cycles(layer: Layer, kernel: Kernel) -> Cycles:
    if 'Conv' not in layer.kind:
        return kernel_cycles(kernel.reuse_factor, kernel.strategy, kernel.n_in)
    partitions = layer.out_pixels // kernel.copies
    reuse, strategy = kernel.reuse_factor, kernel.strategy
    return conv_cycles(reuse, strategy, kernel.n_in, layer.in_pixels, layer.out_pixels, _io(layer), partitions)


def _memory(memory: Memory) -> Resources:
    if memory.role == 'fifo':
        blocks, lut = fifo_bram18(memory.words, memory.bits), fifo_lut(memory.words, memory.bits)
    else:
        blocks, lut = int(bram18(memory.words, memory.bits)), int(memory_lut(memory.words, memory.bits))
    return Resources(bram18=memory.count * blocks, lut=memory.count * lut)


def _operation(operation: Operation) -> Resources:
    lut, ff = elementwise_logic(operation.kind, operation.n, operation.bits) if operation.kind != 'linear' else (0.0, 0.0)
    return Resources(dsp=_operation_dsp(operation), lut=int(np.ceil(lut)), ff=int(np.ceil(ff)))


def _operation_dsp(operation: Operation) -> int:
    """Multipliers of batch normalisation (by constants) and of softmax (exponential by inverse sum)."""
    if not operation.weight_bits:
        return 0
    each = multiplier_dsp(operation.bits, operation.weight_bits)
    if operation.kind == 'softmax':
        return operation.n * each
    # The constants repeat over the elements that are scaled side by side.
    costly = np.resize(costly_constants(operation.codes), operation.n).sum() if operation.codes.size else 0
    return -(-int(costly) // operation.reuse_factor) * each


def _design_latency(layers: Sequence[Layer], cycles: dict[str, Cycles]) -> int:
    """Cycles along the slowest path; layers that stream pixels run at the same time, so only the slowest of them counts."""
    import networkx as nx

    def streams(layer: Layer) -> bool:
        return layer.io_type == 'io_stream' and layer.in_pixels > 1

    graph = nx.DiGraph()
    for layer in layers:
        waits = 0 if streams(layer) else cycles[layer.name][1]
        graph.add_edges_from(((source, layer.name) for source in (*layer.inputs, 'start')), cycles=waits)
    path = int(nx.dag_longest_path_length(graph, weight='cycles', default_weight=0)) if layers else 0
    return path + max((cycles[layer.name][1] for layer in layers if streams(layer)), default=0)


def _io(layer: Layer):  # type: ignore[no-untyped-def]  # Literal of the two
    return 'io_stream' if layer.io_type == 'io_stream' else 'io_parallel'
