"""Windows of images: views without copies, and sums over their elements (im2col, col2im)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray


@dataclass(frozen=True)
class Geometry:
    """Padding, size and strides of a window over an image, rows first; a sequence is an image of one row.

    Attributes
    ----------
    padding : pair of (int, int)
        Rows above and below, columns left and right.
    size, strides : (int, int)
    """

    padding: tuple[tuple[int, int], tuple[int, int]]
    size: tuple[int, int]
    strides: tuple[int, int]


def geometry(node: Node, window: str = 'filt') -> Geometry:
    """Read the geometry of a convolution, or with `window='pool'` of a pooling layer."""
    top, bottom, left, right = (int(node.get_attr(f'pad_{side}') or 0) for side in ('top', 'bottom', 'left', 'right'))
    return Geometry(
        padding=((top, bottom), (left, right)),
        size=(int(node.get_attr(f'{window}_height', 1)), int(node.get_attr(f'{window}_width'))),
        strides=(int(node.get_attr('stride_height', 1)), int(node.get_attr('stride_width'))),
    )


def as_image(x: NDArray) -> NDArray:
    """Give a sequence (n, width, channels) one row, and leave an image (n, height, width, channels) as it is."""
    return x[:, np.newaxis] if x.ndim == 3 else x


def positions(image: tuple[int, ...], place: Geometry) -> tuple[int, int]:
    """Rows and columns of outputs for an image of the shape (n, height, width, channels)."""
    rows, columns = (
        (length + sum(padding) - size) // stride + 1
        for length, padding, size, stride in zip(image[1:3], place.padding, place.size, place.strides, strict=True)
    )
    return rows, columns


def views(image: NDArray, place: Geometry) -> NDArray:
    """Windows of an image without copies, shape (n, rows, columns, channels, window height, window width)."""
    # numpy's annotations know a single axis only.
    windows = np.lib.stride_tricks.sliding_window_view(_padded(image, place), place.size, axis=(1, 2))  # type: ignore[call-overload]
    return windows[:, :: place.strides[0], :: place.strides[1]]


def elements_of(image: NDArray, place: Geometry, fill: float = 0) -> list[NDArray]:
    """View an image once for each element of the window, row by row, shape (n, rows, columns, channels) each.

    `fill` is the value of the padding.
    """
    slices = _slices(place, image.shape)
    padded = _padded(image, place, fill)
    return [padded[:, rows, columns] for rows, columns in slices]


def scatter(taps: Iterable[NDArray], place: Geometry, image: tuple[int, ...]) -> NDArray:
    """Add up windows, given as in `elements_of`, to an image of the given shape."""
    (top, bottom), (left, right) = place.padding
    n, height, width, channels = image
    slices = _slices(place, image)
    padded: NDArray | None = None
    for (rows, columns), tap in zip(slices, taps, strict=True):
        if padded is None:
            padded = np.zeros((n, height + top + bottom, width + left + right, channels), tap.dtype)
        padded[:, rows, columns] += tap
    assert padded is not None  # a window has an element
    return padded[:, top : top + height, left : left + width]


def _padded(image: NDArray, place: Geometry, fill: float = 0) -> NDArray:
    if not any(map(any, place.padding)):
        return image
    return np.pad(image, ((0, 0), *place.padding, (0, 0)), constant_values=fill)


def _slices(place: Geometry, image: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Rows and columns of an image of a shape, once padded, that each element of the window reads."""
    ends = [(count - 1) * stride + 1 for count, stride in zip(positions(image, place), place.strides, strict=True)]
    return [
        (slice(row, row + ends[0], place.strides[0]), slice(column, column + ends[1], place.strides[1]))
        for row, column in np.ndindex(*place.size)
    ]
