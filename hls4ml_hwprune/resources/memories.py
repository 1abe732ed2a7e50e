"""Memories in block RAM, or in LUT and FF where they are small. Evidence counts distinct memories of csynth reports.

`words` and `bits` are depth and width; they broadcast. Of 14,732 memories in the data 9 are UltraRAM, all of one modified
project (72 bits a block): nothing that hls4ml writes asks for it.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hls4ml_hwprune.tools import VITIS_HLS, tool_named

_SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
# Smaller memories go to LUTs, in all tools and parts; 4 weight memories of one project are forced into blocks.
_MIN_BITS = 1024
_LUT_BITS = 64
# FIFOs go to blocks above this.
_FIFO_BITS = 512
# Depth of a shift register that is one LUT a bit.
_SHIFT_DEPTH = 16
# Words of a line buffer that count as one shift register: 32 LUTs and 64 FFs at any width.
_LINE_WORDS, _LINE_LUT, _LINE_FF = 32, 32, 64
# Up to this reuse factor the tools fold the output index of each step at compile time.
FOLDED_STEPS = 16384
_INT_BITS = 32
# Flip-flops of a FIFO without a block in Vitis HLS, at 32 to 2,048 bits.
_VITIS_FIFO_FF = 99
_CHANNEL_WORDS, _CHANNEL_FF = 2, 5
# Least copies of a table that Vitis HLS reads in two turns.
_FEW_COPIES = 3


def bram18(words: ArrayLike, bits: ArrayLike, *, forced: ArrayLike = False) -> NDArray[np.int64]:
    """Blocks of 18 Kb of memories of `words` words of `bits` bits; 0 where they go to LUTs, unless blocks are `forced`.

    Exact on 2,052 of 2,073 weight memories. Of the others 8 have depths far from powers of two, where the tools split them
    (one block less or up to two more), 6 were made by other code, 4 are forced into blocks. Vitis HLS forces the memories of
    hls4ml's kernels with shared multipliers: 11 of 11.
    """
    depth, width = _shape(words, bits)
    blocks = np.min([-(-depth // d) * -(-width // w) for d, w in _SHAPES], axis=0)
    return np.where((depth * width < _MIN_BITS) & ~np.asarray(forced, bool), 0, blocks)


def in_block_ram(words: int, bits: int) -> bool:
    """Whether a memory is large enough for block RAM: firmware requests blocks where the estimate counts some."""
    return bool(bram18(words, bits) > 0)


def memory_lut(words: ArrayLike, bits: ArrayLike) -> NDArray[np.int64]:
    """LUTs of memories too small for a block: 64 bits a LUT (Vitis HLS 2024.1 lists one more each)."""
    depth, width = _shape(words, bits)
    return np.where(depth * width < _MIN_BITS, -(-depth * width // _LUT_BITS), 0)


def memory_ff(words: ArrayLike, bits: ArrayLike) -> NDArray[np.int64]:
    """Flip-flops of memories too small for a block: a register of the word read."""
    depth, width = _shape(words, bits)
    return np.where((depth * width < _MIN_BITS) & (depth > 0), width, 0)


def index_memory(n_in: int, reuse_factor: int) -> tuple[int, int]:
    """Words and bits of the memory ('outidx') of the output that each step of a Resource kernel adds to; (0, 0) if none.

    A kernel with RF > n_in serves RF / n_in outputs from each multiplier: exact on the 10 reported ones whose n_in is known.
    Above `FOLDED_STEPS` it is filled at run time, with 32-bit numbers. With it the blocks of 92 % of 691 Resource layers are
    exact and of 98.4 % within one; without, of 32 % and 97.7 %.
    """
    if reuse_factor <= n_in:
        return 0, 0
    if reuse_factor > FOLDED_STEPS:
        return reuse_factor, _INT_BITS
    return reuse_factor, (-(-reuse_factor // n_in) - 1).bit_length()


def table_copies(lookups: int, tool: str = VITIS_HLS, *, softmax: bool = False, stream: bool = False) -> int:
    """Count the copies of a table with `lookups` reads in one cycle.

    Two ports a copy. Exceptions: Vivado HLS keeps one exponential table in io_stream, which it reads over several cycles;
    Vitis HLS reads its table of io_stream in two turns where there are many classes: 3 copies for 5 classes, 4 for 10. With
    it the blocks of 7 of 7 softmax layers of Vitis HLS 2022.2 to 2025.1 are right (3 to 10 classes, 5 repositories), if the
    blocks of 2022.2 count once: it lists each block twice. Up to 2022.1 Vitis HLS had one copy less than classes, up to
    twice as many; the version is not known here. Vivado HLS: 12 of 12 exact.
    """
    copies = max(-(-lookups // 2), 1)
    if not softmax or not stream:
        return copies
    return 1 if tool_named(tool).one_softmax_table else min(copies, max(_FEW_COPIES, -(-2 * lookups // 5)))


def line_lut(words: ArrayLike) -> NDArray[np.int64]:
    """LUTs of the shift register of one channel's image line, whatever its bits: exact on 99.3 % of 9,125 line buffers."""
    return -(-np.asarray(words, np.int64) // _LINE_WORDS) * _LINE_LUT


def line_ff(words: ArrayLike) -> NDArray[np.int64]:
    """Flip-flops of such a shift register: 64 at any length and width."""
    return np.where(np.asarray(words, np.int64) > 0, _LINE_FF, 0)


def fifo_bram18(words: ArrayLike, bits: ArrayLike) -> NDArray[np.int64]:
    """Blocks of 18 Kb of FIFOs, for more than 512 bits and more than one word; the depth is a power of two."""
    depth, width = _shape(words, bits)
    per_block = np.select([depth <= 1024, depth <= 2048, depth <= 4096, depth <= 8192], [18, 9, 4, 2], 1)
    rows = np.maximum(-(-depth // _SHAPES[-1][0]), 1)
    return np.where(_in_block(depth, width), rows * -(-width // per_block), 0)


def fifo_lut(words: ArrayLike, bits: ArrayLike, tool: str = VITIS_HLS) -> NDArray[np.int64]:
    """LUTs of FIFOs: shift registers and counters; counters, and with Vivado HLS an output register, beside a block.

    Within 2 % (median) of the totals of 38 designs with Vivado HLS, within 30 % of 2 with Vitis HLS (rough: few small ones).
    2 x 16: 28, 2 x 4: 16, 11 x 16: 30, 99 x 16: 43, 784 x 16: 79.
    """
    depth, width = _shape(words, bits)
    shift, registered = 12 + width * -(-depth // _SHIFT_DEPTH), tool_named(tool).registers_fifos
    # Blocks start at 512 bits: never less than a shift register of that size.
    block = np.maximum(22 + depth // 21 + (width if registered else 0), 12 + _FIFO_BITS // _SHIFT_DEPTH)
    if not registered:
        shift = np.minimum(shift, 12 + _FIFO_BITS // _SHIFT_DEPTH)
    return np.where(depth > 0, np.where(_in_block(depth, width), block, shift), 0)


def fifo_ff(words: ArrayLike, bits: ArrayLike, tool: str = VITIS_HLS) -> NDArray[np.int64]:
    """Flip-flops of FIFOs: counters, and beside a block the word read; Vitis HLS: 99 to 163 at any width.

    Within 2 % (median) of the totals of 40 designs.
    """
    depth, width = _shape(words, bits)
    levels = np.log2(np.maximum(depth, 1))
    if tool_named(tool).registers_fifos:
        shift = 3 + np.maximum(np.floor(levels).astype(np.int64), 2)
        block = width + np.round(np.maximum(5.5 + 2 * levels + depth / 80, 10.0)).astype(np.int64)
    else:
        # Channels of two words of one element, between layers of io_parallel, are as in Vivado HLS.
        channel = (depth <= _CHANNEL_WORDS) & (width <= _LUT_BITS)
        shift = np.where(channel, _CHANNEL_FF, _VITIS_FIFO_FF)
        block = np.minimum(143 + 2 * np.round(levels).astype(np.int64), 163)
    return np.where(depth > 0, np.where(_in_block(depth, width), block, shift), 0)


def _in_block(depth: NDArray[np.int64], width: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (depth > 1) & (depth * width > _FIFO_BITS)


def _shape(words: ArrayLike, bits: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    depth, width = np.broadcast_arrays(np.asarray(words, np.int64), np.asarray(bits, np.int64))
    return depth, width
