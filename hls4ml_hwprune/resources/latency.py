"""Clock cycles of layers as HLS reports them (csynth): (smallest latency, largest latency, initiation interval).

Evidence is counted in distinct rows of csynth reports of unmodified hls4ml projects, Vivado HLS 2019.1 to Vitis HLS 2025.1.
"""

from typing import Literal

Cycles = tuple[int, int, int]
IoType = Literal['io_parallel', 'io_stream']

# io_stream, Resource: cycles a pixel costs besides RF; at least this many if it completes no window.
_PIXEL_IDLE, _PIXEL_OVERHEAD = 3, 5
# io_stream: depth of a pipelined loop over pixels.
_STREAM_DEPTH = 3
_PADDING_DEPTH = 13


def kernel_cycles(reuse_factor: int, strategy: str, n_in: int) -> Cycles:
    """Cycles of one dense kernel.

    Parameters
    ----------
    reuse_factor : int
        Cycles in which the kernel takes one input vector.
    strategy : str
        'resource' or 'latency', in any case.
    n_in : int
        Inputs: the depth of the adder trees.

    Returns
    -------
    (latency_min, latency_max, ii) : int
        Resource, RF > 1: RF + 1, RF + 2 and RF. Latencies exact on 605 of 633 rows of the 1-layer campaign (the others: one
        less) and on 11 of 19 rows of 4 other repositories (the others up to 5 more); the interval is RF on all 633.
        Else, at RF 1: from 0 to ceil(log2(n_in)) + 2 cycles. 53 of 53 rows of the campaign and 24 of 26 others lie within;
        where in there, part, clock and tool decide (UltraScale+ at 5 ns up to 2022.2: 0 or 1). The interval is 1 on all 26
        others and 28 of the campaign; on its other 25, all Resource at RF 1, it is 2.
        Latency with RF > 1: a guess, most reports miss RF there.
    """
    if strategy.lower() == 'resource' and reuse_factor > 1:
        return reuse_factor + 1, reuse_factor + 2, reuse_factor
    depth = max(0, n_in - 1).bit_length() + 2
    return 0, depth + reuse_factor - 1, reuse_factor


def conv_cycles(
    reuse_factor: int,
    strategy: str,
    n_in: int,
    in_pixels: int,
    out_pixels: int,
    io_type: IoType = 'io_parallel',
    n_partitions: int | None = None,
) -> Cycles:
    """Cycles of a convolution.

    Parameters
    ----------
    reuse_factor : int
    strategy : str
        'resource' or 'latency', in any case.
    n_in : int
        Inputs of its kernel: kernel height x kernel width x channels.
    in_pixels, out_pixels : int
        Height x width of the input, after any padding, and of the output.
    io_type : {'io_parallel', 'io_stream'}
    n_partitions : int, optional
        io_parallel: steps in which the output pixels are computed. Default: one pixel a step.

    Returns
    -------
    (latency_min, latency_max, ii) : int
        io_stream, Resource with RF > 1: an input pixel costs 3 cycles, and RF + 5 if it completes a window; HLS does not
        know how many do and reports both extremes, and so do we: the truth is about 3 * in_pixels + (RF + 2) * out_pixels.
        Exact on 5 of 15 rows (all of one repository); the largest latency within 1 % on 9 and within 9 % on all.
        io_stream, RF 1: a pixel a cycle, plus the depth of the kernel and of the loop.
        12 of 12 rows lie within; the largest latency is at most 10 cycles too high.
        io_parallel: `n_partitions` kernels one after the other, as in hls4ml's source. Not checked: no unmodified row names
        its number of partitions.
    """
    kernel_min, kernel_max, ii = kernel_cycles(reuse_factor, strategy, n_in)
    if io_type == 'io_parallel':
        steps = out_pixels if n_partitions is None else n_partitions
        return (steps - 1) * ii + kernel_min, (steps - 1) * ii + kernel_max, steps * ii
    if reuse_factor == 1:
        return in_pixels + kernel_min + _STREAM_DEPTH, in_pixels + kernel_max + _STREAM_DEPTH, in_pixels + _STREAM_DEPTH
    busiest = in_pixels * (reuse_factor + _PIXEL_OVERHEAD) + 1
    return in_pixels * _PIXEL_IDLE + 1, busiest, busiest


def elementwise_cycles(kind: str, n_pixels: int, io_type: IoType = 'io_parallel') -> Cycles:
    """Cycles of a layer without a kernel.

    Parameters
    ----------
    kind : str
        As in `logic.ELEMENTWISE_KINDS`.
    n_pixels : int
        io_stream: elements of the stream that are read (of padding: written), 1 for a flat vector.
    io_type : {'io_parallel', 'io_stream'}

    Returns
    -------
    (latency_min, latency_max, ii) : int
        Rough. 'relu', io_parallel: 0 cycles, exact on 30 of 30 rows; io_stream: n_pixels + 3 or + 4, or 1 or 2 for a flat
        vector, 34 of 34 within. 'pooling', io_stream: n_pixels + 3 on 10 of 24 rows, up to twice that on the others.
        'stream' (padding): n_pixels to n_pixels + 13, 7 of 7 within. 'softmax': 2 to 13 (10 rows), io_stream 8 to 43 (10
        rows). The other kinds have few rows or none.
    """
    if kind == 'softmax':
        return (2, 13, 1) if io_type == 'io_parallel' else (8, 43, 43)
    if io_type == 'io_parallel':
        # One row of batch normalisation at RF 1 needs 4 cycles; tables are read in 1 or 2.
        depth = {'batchnorm': 4, 'activation_table': 2}.get(kind, 0 if kind.startswith('relu') else 1)
        return 0, depth, 1
    if n_pixels == 1:
        return 1, 2, 1
    longest = {'stream': n_pixels + _PADDING_DEPTH, 'pooling': 2 * n_pixels + _STREAM_DEPTH + 1}
    shortest = n_pixels if kind == 'stream' else n_pixels + _STREAM_DEPTH
    latency = longest.get(kind, n_pixels + _STREAM_DEPTH + 1)
    return shortest, latency, latency
