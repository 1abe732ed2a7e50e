"""Arrays as plain data in JSON files: compressed, and the same bytes for the same array."""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEVEL = 6


def encode_array(array: NDArray) -> dict[str, Any]:
    """Return an array as plain data: its type, its shape, and its bytes in C order, compressed, in base 64."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder('<'), copy=False)
    data = base64.b64encode(zlib.compress(little.tobytes(), _LEVEL)).decode('ascii')
    return {'dtype': little.dtype.str, 'shape': list(array.shape), 'zlib': data}


def decode_array(data: Mapping[str, Any]) -> NDArray:
    """Inverse of `encode_array`.

    Raises
    ------
    ValueError, KeyError, TypeError, zlib.error
        If the data is anything else.
    """
    dtype = np.dtype(data['dtype'])
    if dtype.kind not in 'biuf':
        raise ValueError(f'arrays of type {dtype} are not read')
    return np.frombuffer(zlib.decompress(base64.b64decode(data['zlib'])), dtype).reshape(data['shape']).copy()
