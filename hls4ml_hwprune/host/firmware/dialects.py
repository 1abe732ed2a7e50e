"""Dialects of the sparse firmware: headers, types and weight arrays of the HLS tools."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from hls4ml.backends.fpga.fpga_types import ACTypeConverter, APTypeConverter
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.base import QUARTUS, VIVADO
from hls4ml_hwprune.host.firmware.quartus.memory import with_kept_banks
from hls4ml_hwprune.records import Kernel

# Elements that Vivado HLS takes an array apart into, at most: hls4ml's `config_array_partition -maximum_size`.
_LARGEST_ARRAY = 4096
# Weights beyond which hls4ml's Quartus writer asks for block RAM, and pads the weights of a slot to a power of two.
_MOST_IN_REGISTERS = 2048


def _headers(*folder: str) -> dict[str, Traversable]:
    place = files(__package__).joinpath(*folder, 'nnet_utils')
    return {entry.name: entry for entry in place.iterdir()}


def _as_it_is(kernel: Kernel, index: NDArray[np.int64]) -> NDArray[np.int64]:
    return index


def _padded_rows(kernel: Kernel, index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pad the weights of each slot as hls4ml does, so that banks of the memory hold whole slots; -1 is a zero."""
    row = kernel.group_reuse
    if kernel.n_in * kernel.n_out <= _MOST_IN_REGISTERS or not row & (row - 1):
        return index
    padding = (1 << row.bit_length()) - row
    return np.pad(index.reshape(-1, row), ((0, 0), (0, padding)), constant_values=-1).ravel()


@dataclass(frozen=True)
class Dialect:
    """Firmware of one dialect.

    Attributes
    ----------
    headers : dict of str to Traversable
        Headers of the kernels, by name; those of other dialects have the names of Vivado's.
    precisions : callable
        Maker of hls4ml's converter of precision types.
    laid_out : callable
        From a kernel and the flat positions of its kept weights to those of the weight array in the firmware.
    most_lanes : int, optional
        Multiplexers in one array, at most.
    common_streams : bool
        Whether there are multiplexers that choose from common ones.
    places_memories : bool
        Whether kernels of few weights leave their place to the tool.
    memory : callable, optional
        From the text of a header of weights, as hls4ml writes it, and the number of kept slots to that with their memory.
    """

    headers: dict[str, Traversable]
    precisions: Callable[[], Any]
    laid_out: Callable[[Kernel, NDArray[np.int64]], NDArray[np.int64]]
    most_lanes: int | None
    common_streams: bool
    places_memories: bool
    memory: Callable[[str, int], str] | None = None


DIALECTS = {
    VIVADO: Dialect(
        _headers(),
        APTypeConverter,
        _as_it_is,
        most_lanes=_LARGEST_ARRAY,
        common_streams=True,
        places_memories=True,
    ),
    QUARTUS: Dialect(
        _headers('quartus'),
        ACTypeConverter,
        _padded_rows,
        most_lanes=None,
        common_streams=False,
        places_memories=False,
        memory=with_kept_banks,
    ),
}
