"""Clock cycles of layers without a kernel; evidence counts as in `timing.layers`."""

from hls4ml_hwprune.records import WRAPPER, Layer, Operation, Target
from hls4ml_hwprune.resources.timing.layers import Cycles, IoType

# io_stream: depth of a pipelined loop over pixels.
_STREAM_DEPTH = 3
_PADDING_DEPTH, _VITIS_PADDING_DEPTH = 13, 11
_FAST_CLOCK_NS = 4.0
# AXI interfaces: cycles of an element of a stream, and depth of a pipelined loop over elements.
_AXI_FLOAT, _SLOW_AXI_FLOAT, _AXI_COPY, _AXI_FLOAT_DEPTH = 5, 9, 2, 9
# A loop that fills a table with exponentials.
_FILL_DEPTH = 21


def elementwise_layer_cycles(layer: Layer) -> Cycles:
    """Cycles of the first operation of a layer without kernels; tables are filled before it, each time the layer starts."""
    operations = [operation for operation in layer.operations if operation.kind != 'linear']
    if layer.kind == WRAPPER:
        return _wrapper_cycles(layer)
    found = [_operation_cycles(layer, operation) for operation in operations if operation.kind == 'table_fill']
    filled = bool(found)
    found += [_operation_cycles(layer, operation) for operation in operations if operation.kind != 'table_fill'][:1]
    low, high = (sum(cycles[column] for cycles in found) for column in (0, 1))
    return low, high, high if filled else max((interval for _, _, interval in found), default=1)


def _wrapper_cycles(layer: Layer) -> Cycles:
    """Cycles of reading and writing: at the same time in io_stream, else one after the other, around the network."""
    found = [_operation_cycles(layer, operation) for operation in layer.operations]
    total = max if layer.io_type == 'io_stream' else sum
    low, high, interval = (int(total(column)) for column in zip(*found, strict=True))
    return low, high, interval


def _operation_cycles(layer: Layer, operation: Operation) -> Cycles:
    pixels = layer.out_pixels if operation.kind.startswith(('padding', 'axi_write')) else layer.in_pixels
    return elementwise_cycles(
        operation.kind,
        pixels,
        'io_stream' if layer.io_type == 'io_stream' else 'io_parallel',
        operation.n,
        layer.target,
        operation.reuse_factor,
    )


def elementwise_cycles(
    kind: str,
    n_pixels: int,
    io_type: IoType = 'io_parallel',
    n: int = 1,
    target: Target | None = None,
    reuse_factor: int = 1,
) -> Cycles:
    """Cycles of a layer without a kernel.

    Parameters
    ----------
    kind, n, target
        As in `logic.elementwise_logic`.
    n_pixels : int
        io_stream: elements read from the stream (of padding: written), 1 for a flat vector.
    reuse_factor : int
        Elements that share a multiplier, in batch normalisation and other products.

    Returns
    -------
    (latency_min, latency_max, ii) : int
        Relu, io_parallel: 0 cycles (1 below 4 ns on slow fabric), 28 of 28 rows; io_stream: n_pixels + 3 on fast fabric, + 4
        on slow, or 1 or 2 for a flat vector, 27 of 27 within; Vitis HLS: n_pixels + 1 to n_pixels + 3, 20 of 20 (6
        repositories). Pooling, io_stream: n_pixels + 3, on slow fabric up to twice that, 21 of 21 within; windows under
        Vitis HLS since 2023.2: 2 n_pixels + 3, 4 of 4 (2 repositories; up to 2023.1 n_pixels + 3 or 4, 9 of 9 of 4).
        Padding: n_pixels to n_pixels + 13, 7 of 7 within; in two dimensions under Vitis HLS n_pixels + 11 (2024.2) to
        n_pixels + 13 (2022.1, 2023.1), 10 of 10 rows of 3 repositories exact. Softmax: 2 to 16, io_stream 6 to 43, 20
        of 20 within. Batch normalisation with shared multipliers: as many cycles, 4 of 4 within. Tables filled at run time:
        n + 21, one report (Vitis HLS 2024.2: 1,024 words in 1,045 cycles). The other kinds have few rows or none.
    """
    slow = target is None or target.slow_fabric
    hasty = target is not None and target.clock_ns < _FAST_CLOCK_NS
    if kind.startswith('axi_'):
        return _axi_cycles(kind, n_pixels, n, target)
    if kind == 'table_fill':
        return n + _FILL_DEPTH, n + _FILL_DEPTH, n + _FILL_DEPTH
    if kind.startswith('softmax'):
        return _softmax_cycles(io_type, n, target)
    steps = min(reuse_factor, n) if kind in ('batchnorm_shared', 'product') else 1
    if steps > 1:
        return steps * n_pixels, (steps + 3) * n_pixels, steps * n_pixels
    if io_type == 'io_parallel':
        relu = 1 if hasty and slow else 0
        # Batch normalisation needs 4 cycles on slow fabric, 0 to 3 elsewhere; tables are read in 1 or 2.
        depth = {'batchnorm': 4, 'activation_table': 2}.get(kind, relu if kind.startswith('relu') else 1)
        return 0, depth, 1
    return _stream_cycles(kind, n_pixels, target)


def _stream_cycles(kind: str, n_pixels: int, target: Target | None) -> Cycles:
    """Cycles of a loop over the pixels of a stream, or of one pass over a flat vector."""
    slow, vitis = target is None or target.slow_fabric, target is not None and not target.facts.overlaps_pixels
    if n_pixels <= 1:
        return (1, 4, 1) if kind.startswith('batchnorm') else (1, 2, 1)
    if kind in ('stream', 'padding', 'padding_1d'):
        least, most = (_VITIS_PADDING_DEPTH, _PADDING_DEPTH) if vitis and kind == 'padding' else (0, _PADDING_DEPTH)
        return n_pixels + least, n_pixels + most, n_pixels + most
    if kind in ('pooling', 'pooling_1d') if vitis else kind.startswith('pooling') and slow:
        latency = 2 * n_pixels + _STREAM_DEPTH + int(not vitis)
        return n_pixels + _STREAM_DEPTH, latency, latency
    latency = n_pixels + _STREAM_DEPTH + int(slow and not vitis)
    least = 1 if vitis and not kind.startswith('pooling') else _STREAM_DEPTH
    return n_pixels + least, latency, latency


def _axi_cycles(kind: str, n_pixels: int, n: int, target: Target | None) -> Cycles:
    """Cycles of one loop of an AXI interface: an element a cycle in io_parallel; not pipelined in io_stream.

    io_parallel, floating point: with both ends n_in + n_out + 19 more than the network, 3 of 3 designs of 2 repositories.
    io_stream, floating point: 7 to 13 cycles an element on slow fabric, all 9 designs of 6 repositories within a third of 9;
    4.7 or 5 on fast fabric (5 designs of one repository). Numbers in fixed point have no reports.
    """
    converts = 'float' in kind
    if kind.endswith('_stream'):
        slow = target is None or target.slow_fabric
        each = (_SLOW_AXI_FLOAT if slow else _AXI_FLOAT) if converts else _AXI_COPY
        cycles = n_pixels * n * each + 1
    else:
        cycles = n + (_AXI_FLOAT_DEPTH if converts else _AXI_COPY)
    return cycles, cycles, cycles


def _softmax_cycles(io_type: IoType, n: int, target: Target | None) -> Cycles:
    slow = target is None or target.slow_fabric
    if io_type == 'io_parallel':
        return (2, 16, 1) if slow else (2, 8, 1)
    if target is not None and not target.facts.overlaps_pixels:
        return (6, 16, 16) if slow else (6, 11, 11)
    longest = 2 * n + (20 if slow else 8)
    return min(8, longest), longest, longest
