"""Arrays as plain data in JSON files: compressed, and the same bytes for the same array."""

import base64
import zlib
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEVEL = 6
_KEYS = {'dtype', 'shape', 'zlib'}


def encode_array(array: NDArray) -> dict[str, Any]:
    """Return an array as plain data: its type, its shape, and its bytes in C order, compressed, in base 64."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder('<'), copy=False)
    data = base64.b64encode(zlib.compress(little.tobytes(), _LEVEL)).decode('ascii')
    return {'dtype': little.dtype.str, 'shape': list(array.shape), 'zlib': data}


def decode_array(data: Any, kinds: str, most: int) -> NDArray:
    """Inverse of `encode_array`; no more is decompressed than the array's own shape says.

    Parameters
    ----------
    data : Any
        Plain data.
    kinds : str
        Kinds of numpy types that are read, of 'biuf'.
    most : int
        Elements that the array may have.

    Raises
    ------
    ValueError
        If the data is anything else.
    """
    words = ('dtype', 'zlib')
    if not isinstance(data, Mapping) or set(data) != _KEYS or not all(isinstance(data[key], str) for key in words):
        raise ValueError(f'expected an array as {{{", ".join(sorted(_KEYS))}}}')
    try:
        dtype = np.dtype(data['dtype'])
    except (TypeError, ValueError):
        raise ValueError(f'there is no type {data["dtype"][:20]!r}') from None
    if dtype.kind not in kinds or dtype.itemsize > np.dtype(np.float64).itemsize:
        raise ValueError(f'arrays of type {dtype} are not read here')
    shape = data['shape']
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError('its shape is no list of sizes')
    if prod(shape) > most:
        raise ValueError(f'its shape {tuple(shape)} has more than {most:,} elements')
    content = _decompressed(data['zlib'], prod(shape) * dtype.itemsize)
    return np.frombuffer(content, dtype).reshape(shape).copy()


def _decompressed(text: str, size: int) -> bytes:
    """Decompress exactly `size` bytes."""
    stream = zlib.decompressobj()
    try:
        # One byte more than there should be shows whether there are more.
        content = stream.decompress(base64.b64decode(text, validate=True), size + 1)
    except (ValueError, zlib.error) as error:
        raise ValueError(f'its data cannot be decompressed: {error}') from None
    if len(content) != size or not stream.eof or stream.unused_data:
        raise ValueError(f'its data are not the {size:,} bytes of its shape')
    return content
