"""Resources of one layer: kernels, memories, operations and stream interfaces."""

from functools import lru_cache

import numpy as np

from hls4ml_hwprune.records import Layer, Memory, Operation
from hls4ml_hwprune.resources.counted import counted_operations
from hls4ml_hwprune.resources.kernel import kernel_resources
from hls4ml_hwprune.resources.logic import conv_overhead, dense_stream_logic, elementwise_logic
from hls4ml_hwprune.resources.logic.operators import bound_product_lut
from hls4ml_hwprune.resources.memories import (
    bram18,
    fifo_bram18,
    fifo_ff,
    fifo_lut,
    line_ff,
    line_lut,
    memory_ff,
    memory_lut,
    table_copies,
)
from hls4ml_hwprune.resources.multipliers import costly_constants, multiplier_dsp
from hls4ml_hwprune.resources.stages import at_stage
from hls4ml_hwprune.resources.vector import Resources

# An exponential in floating point: one report of Vitis HLS 2024.2.
_FILL_DSP = 7


def layer_resources(layer: Layer, stage: str = 'csynth') -> Resources:
    """Resources of one layer at `stage`: its kernels, memories, operations and stream interface."""
    if stage not in layer.estimates:
        layer.estimates[stage] = _layer_resources(layer, stage)
    found: Resources = layer.estimates[stage]
    return found


def _layer_resources(layer: Layer, stage: str) -> Resources:
    parts = [kernel_resources(kernel, stage) for kernel in layer.kernels]
    if not layer.target.facts.has_reports:
        return Resources.total([*parts, counted_operations(layer)])
    parts += [_memory(memory, layer.io_type, layer.target.tool, stage) for memory in layer.memories]
    parts += [_operation(operation, layer, stage) for operation in layer.operations]
    return Resources.total([*parts, _stream(layer, stage)])


@lru_cache(maxsize=1024)
def _memory(memory: Memory, io_type: str, tool: str, stage: str) -> Resources:
    """Resources of tables, FIFOs and line buffers: the memories are equal at both stages, the logic of FIFOs is not."""
    words, bits = memory.words, memory.bits
    if memory.role == 'fifo':
        lut, ff = at_stage(float(fifo_lut(words, bits, tool)), float(fifo_ff(words, bits, tool)), stage)
        return _times(memory.count, int(fifo_bram18(words, bits)), lut, ff)
    if memory.role == 'line':
        lut, ff = at_stage(float(line_lut(words)), float(line_ff(words)), stage)
        return _times(memory.count, 0, lut, ff)
    softmax, stream = memory.role == 'softmax_table', io_type == 'io_stream'
    copies = memory.count * table_copies(memory.lookups, tool, softmax=softmax, stream=stream)
    return _times(copies, int(bram18(words, bits)), int(memory_lut(words, bits)), int(memory_ff(words, bits)))


def _operation(operation: Operation, layer: Layer, stage: str) -> Resources:
    if operation.kind == 'linear':
        return Resources(dsp=_operation_dsp(operation))
    logic = elementwise_logic(operation.kind, operation.n, operation.bits, operation.result_bits, layer.target)
    each = bound_product_lut(operation.bits, operation.weight_bits) if operation.in_fabric else 0.0
    lut, ff = at_stage(logic[0] + each * _multipliers(operation) if each else logic[0], logic[1], stage)
    return Resources(dsp=_operation_dsp(operation), lut=int(np.ceil(lut)), ff=int(np.ceil(ff)))


def _operation_dsp(operation: Operation) -> int:
    """DSP blocks of batch normalisation (by constants), of softmax (exponential by inverse sum) and of other products."""
    if operation.kind == 'table_fill':
        return _FILL_DSP
    if not operation.weight_bits or operation.in_fabric:
        return 0
    return _multipliers(operation) * multiplier_dsp(operation.bits, operation.weight_bits)


def _multipliers(operation: Operation) -> int:
    """Multipliers of an operation with products, shared by as many elements as its reuse factor says."""
    # The constants repeat over the elements scaled side by side.
    constants = np.resize(costly_constants(operation.codes), operation.n).sum() if operation.codes.size else 0
    products = int(constants) if operation.kind.startswith('batchnorm') else operation.n
    return -(-products // operation.reuse_factor)


def _stream(layer: Layer, stage: str) -> Resources:
    """Read a stream into a kernel of io_stream, and hand its results on."""
    if layer.io_type != 'io_stream' or not layer.kernels or layer.repeats > 1:
        return Resources()
    k = layer.kernels[0]
    if layer.dimensions:
        packed = layer.target.facts.packs_streams
        logic = conv_overhead(k.n_in, k.n_out, layer.in_channels, k.input_bits, k.result_bits, layer.dimensions, packed)
    else:
        logic = dense_stream_logic(k.n_in, k.n_out, k.input_bits, k.result_bits)
    lut, ff = at_stage(*logic, stage)
    return Resources(lut=int(np.ceil(lut)), ff=int(np.ceil(ff)))


def _times(count: int, blocks: int, lut: float, ff: float) -> Resources:
    return Resources(bram18=count * blocks, lut=count * int(np.ceil(lut)), ff=count * int(np.ceil(ff)))
