"""Clock cycles of layers in HLS reports (csynth): (smallest latency, largest latency, initiation interval).

Evidence is counted in distinct rows of csynth reports of unmodified hls4ml projects, Vivado HLS 2019.1 to Vitis HLS 2025.1.
Without a `target` the spread covers all parts and clocks; with one it is narrower.
"""

from typing import Literal

from hls4ml_hwprune.records import Target
from hls4ml_hwprune.resources.memories import FOLDED_STEPS

Cycles = tuple[int, int, int]
IoType = Literal['io_parallel', 'io_stream']

# Cycles of a step of Resource kernels; the fabric of Artix-7 takes stages of the multiplier and of the multiplexers.
_DEPTH, _SLOW_DEPTH = 3, 6
# io_stream, Resource: cycles of a pixel that completes no window, and beside the kernel if it does; more on slow fabric.
_PIXEL_IDLE, _PIXEL_OVERHEAD, _SLOW_IDLE, _SLOW_OVERHEAD = 3, 3, 2, 3
# Both for Vitis HLS, on any fabric; and cycles of a window beside its kernel at RF 1.
_VITIS_PIXEL, _VITIS_WINDOW = 4, 2
# io_stream: depth of a pipelined loop over pixels.
_STREAM_DEPTH = 3
_FAST_CLOCK_NS = 4.0


def loop_depth(target: Target | None = None) -> int:
    """Cycles of one step of the loop of Resource kernels with RF > 1, under Vivado HLS."""
    return _SLOW_DEPTH if target is not None and target.slow_fabric else _DEPTH


def kernel_cycles(
    reuse_factor: int,
    strategy: str,
    n_in: int,
    target: Target | None = None,
    interval: int | None = None,
    depth: int | None = None,
) -> Cycles:
    """Cycles of one dense kernel.

    Parameters
    ----------
    reuse_factor : int
        Cycles a kernel spends on one input vector.
    strategy : str
        'resource' or 'latency', in any case.
    n_in : int
        Inputs: the depth of the adder trees.
    target : Target, optional
        Part, clock and tool.
    interval : int, optional
        Latency with RF > 1: interval reached by the tool, from `logic.constant_cycles`. Default: RF.
    depth : int, optional
        Resource, RF > 1: cycles of one step of the loop, from the tool's `CostModel`. Default: `loop_depth`.

    Returns
    -------
    (latency_min, latency_max, ii) : int
        Resource, RF > 1: RF + depth - 2, RF + depth - 1 and RF. Latencies exact on 616 of 648 rows, within
        one cycle on 646 and within two on all; the interval is RF on all. Kernels of more than 16,384 steps fill their
        index memory first: 2 RF + 4, which one of two shows (the other needs 21 RF).
        Else, at RF 1: without a part 0 to ceil(log2(n_in)) + 2 cycles. With one 0 to 2 on fast fabric at 4 ns and more, and
        on slow fabric from three less than the levels of the adder tree. 87 of 91 rows lie within, both ways. The interval
        is 1 on all but 25 designs of the 1-layer campaign (2; all Resource at RF 1).
        Latency with RF > 1: at least the interval less one.
    """
    if strategy.lower() == 'resource' and reuse_factor > 1:
        if reuse_factor > FOLDED_STEPS and reuse_factor > n_in:
            cycles = 2 * reuse_factor + 4
            return cycles, cycles, cycles
        steps = depth or loop_depth(target)
        return reuse_factor + steps - 2, reuse_factor + steps - 1, reuse_factor
    steps = reuse_factor if interval is None else interval
    low, high = _tree_cycles(n_in, target)
    return low + steps - 1, high + steps - 1, steps


def dense_stream_cycles(kernel: Cycles, n_packs: int) -> Cycles:
    """Cycles of a dense layer of io_stream around its kernel: reads `n_packs` packs, computes, writes one.

    2 cycles more than the kernel for one pack, packs + 4 for more: 11 of 20 pairs exact, all within 2 cycles (Vivado HLS
    2019.1 to 2020.1). It takes no new input before it has written: the interval is the latency.
    """
    around = 2 if n_packs <= 1 else n_packs + 4
    return kernel[0] + around, kernel[1] + around, kernel[1] + around


def conv_cycles(
    reuse_factor: int,
    strategy: str,
    n_in: int,
    in_pixels: int,
    out_pixels: int,
    io_type: IoType = 'io_parallel',
    n_partitions: int | None = None,
    target: Target | None = None,
    interval: int | None = None,
    depth: int | None = None,
    latency: int | None = None,
) -> Cycles:
    """Cycles of a convolution; other parameters are as in `kernel_cycles`.

    Parameters
    ----------
    n_in : int
        Inputs of the kernel: kernel height x kernel width x channels.
    in_pixels, out_pixels : int
        Height x width of the input, after any padding, and of the output.
    n_partitions : int, optional
        io_parallel: steps in which the output pixels are computed. Default: one pixel a step.
    latency : int, optional
        Latency of the kernel, where known. Default: that of `kernel_cycles`.

    Returns
    -------
    (latency_min, latency_max, ii) : int
        io_stream, Resource with RF > 1: an input pixel costs 3 cycles (5 on slow fabric), and 3 (6) more than the kernel if
        it completes a window; HLS does not know how many do and reports both extremes, and so do we: the truth is about
        3 * in_pixels + (RF + 2) * out_pixels. Largest latency exact on 6 of 11 rows, within 2.5 % on all.
        io_stream, RF 1: a pixel a cycle, plus the depth of the kernel and of the loop; 12 of 12 rows lie within.
        Vitis HLS: 4 cycles a pixel, and 4 more than the kernel, both extremes exact on 4 of 4 convolutions of hls4ml 1.x;
        at RF 1 2 more than the kernel a pixel, which does not overlap with the next: 3 of 3 convolutions of 2 projects.
        io_stream, Latency with RF > 1: interval + 1 cycles a pixel, 8 of 8 rows exact given the interval.
        io_parallel: `n_partitions` kernels one after the other, interval for interval: 4 of 4 loops and 2 of 2 layers
        (Vitis HLS 2022.2, Vivado HLS 2020.1).
    """
    kernel_min, kernel_max, ii = kernel_cycles(reuse_factor, strategy, n_in, target, interval, depth)
    if latency is not None:
        kernel_min = kernel_max = latency
    if io_type == 'io_parallel':
        steps = out_pixels if n_partitions is None else n_partitions
        if steps <= 1:
            return kernel_min, kernel_max, ii
        return (steps - 1) * ii + kernel_min, (steps - 1) * ii + kernel_max, steps * ii
    vitis = target is not None and not target.facts.overlaps_pixels
    if reuse_factor == 1 and vitis:
        low, high = (in_pixels * (cycles + _VITIS_WINDOW) + _STREAM_DEPTH for cycles in (kernel_min, kernel_max))
        return low, high, high
    if reuse_factor == 1:
        low, high = in_pixels + kernel_min + _STREAM_DEPTH, in_pixels + kernel_max + _STREAM_DEPTH
        return low, high, high
    if strategy.lower() != 'resource':
        cycles = in_pixels * (ii + 1) + 2
        return cycles, cycles, cycles
    if vitis:
        busiest = in_pixels * (kernel_max + _VITIS_PIXEL) + 1
        return in_pixels * _VITIS_PIXEL + 1, busiest, busiest
    slow = target is not None and target.slow_fabric
    busiest = in_pixels * (kernel_max + _PIXEL_OVERHEAD + slow * _SLOW_OVERHEAD) + 1
    return in_pixels * (_PIXEL_IDLE + slow * _SLOW_IDLE) + 1, busiest, busiest


def _tree_cycles(n_in: int, target: Target | None) -> tuple[int, int]:
    """Smallest and largest latency of a kernel whose weights are constants."""
    levels = max(0, n_in - 1).bit_length()
    if target is None or not target.part:
        return 0, levels + 2
    if target.slow_fabric:
        return max(levels - 3, 2 if levels > 1 else 0), levels + 2 + (target.clock_ns < _FAST_CLOCK_NS)
    return 0, 2 if target.clock_ns >= _FAST_CLOCK_NS else levels + 2
