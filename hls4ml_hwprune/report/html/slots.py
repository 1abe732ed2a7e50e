"""Weight matrices as compact data for the page's script: kept, pruned and moved weights, slots, multiplexers."""

from base64 import b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.kernel_plan import KernelPlan
from hls4ml_hwprune.records import DISTRIBUTED, SlotTable

# Weights of a kernel up to which it is drawn, and weights in slots up to which their table is part of the page.
_MOST_WEIGHTS, _MOST_IN_SLOTS = 2**22, 2**20
# Pixels of a side of a canvas, a pixel for an input, an output or a cycle.
_LONGEST = 32_000


def is_drawn(kernel: KernelPlan) -> bool:
    """Whether the page has a picture of a kernel: larger ones would make it too large for a browser."""
    return kernel.mask.size <= _MOST_WEIGHTS and max(kernel.mask.shape) <= _LONGEST


def kernel_data(kernel: KernelPlan, original: NDArray[np.float64] | None = None) -> dict[str, Any]:
    """Return a kernel as plain data.

    Parameters
    ----------
    kernel : KernelPlan
    original : ndarray of float, shape (n_out, n_in), optional
        Weights before pruning; with them the page tells moved weights from others.

    Returns
    -------
    dict
        `mask`, `moved`: base64 of bits in row-major order. `slots`: see `_table`; 'own' where weights at consecutive
        positions share a slot, 'single' where each weight is one, None where slots are not drawn.
    """
    moved = _moved(kernel, original)
    return {
        'name': str(kernel.key),
        'nIn': kernel.n_in,
        'nOut': kernel.n_out,
        'reuse': kernel.reuse_factor if kernel.strategy == 'resource' else 1,
        'text': f'{kernel.strategy}, reuse factor {kernel.reuse_factor}, {kernel.packing}',
        'remarks': _remarks(kernel, moved),
        'mask': _bits(kernel.mask),
        'moved': None if moved is None or not moved.any() else _bits(moved),
        'perChannel': kernel.per_channel,
        'slots': _slots(kernel),
        'nSlots': kernel.n_slots,
    }


def _moved(kernel: KernelPlan, original: NDArray[np.float64] | None) -> NDArray[np.bool_] | None:
    """Weights with new values; None where that is not known."""
    if kernel.values is None:
        return np.zeros(kernel.mask.shape, bool)
    if original is None or original.shape != kernel.mask.shape:
        return None
    found: NDArray[np.bool_] = kernel.mask & (kernel.values != original)
    return found


def _remarks(kernel: KernelPlan, moved: NDArray[np.bool_] | None) -> list[str]:
    kept = int(kernel.mask.sum())
    remarks = [f'{kept:,} weights kept']
    if moved is None:
        remarks.append('kept weights have new values; the old ones are not known here')
    elif moved.any():
        remarks.append(f'{int(moved.sum()):,} of them moved to another code')
    for number, side in ((kernel.removed_inputs, 'inputs'), (kernel.removed_outputs, 'outputs')):
        if number:
            remarks.append(f'{number:,} dead {side} are not in the finished design')
    return remarks


def _slots(kernel: KernelPlan) -> dict[str, Any] | str | None:
    """Return the slots of a kernel as the page draws them."""
    if kernel.strategy == DISTRIBUTED or kernel.reuse_factor >= _LONGEST:
        return None
    if kernel.strategy != 'resource' or kernel.reuse_factor == 1:
        return 'single'
    if kernel.slots is not None:
        return _table(kernel.slots) if kernel.slots.positions.size <= _MOST_IN_SLOTS else None
    # Slots of hls4ml's own depthwise kernels are no blocks of the matrix.
    return None if kernel.per_channel else 'own'


def _table(slots: SlotTable) -> dict[str, Any]:
    """Return a slot table: positions by slot and cycle, one more than they are (0 for none), and the lane of each slot."""
    positions, lanes = _numbers(slots.positions + 1), _numbers(slots.lane_of)
    return {'positions': positions, 'laneOf': lanes, 'nLanes': len(slots.lane_inputs), 'nStreams': len(slots.streams)}


def _bits(mask: NDArray[np.bool_]) -> str:
    return _text(np.packbits(mask).tobytes())


def _numbers(numbers: NDArray[np.int64]) -> dict[str, Any]:
    """Return whole numbers as base64 of little-endian bytes, as few for each as the largest needs."""
    width = max(1, (int(numbers.max(initial=0)).bit_length() + 7) // 8)
    content = np.ascontiguousarray(numbers.ravel(), '<i8').view(np.uint8).reshape(-1, 8)[:, :width]
    return {'bytes': width, 'data': _text(np.ascontiguousarray(content).tobytes())}


def _text(content: bytes) -> str:
    return b64encode(content).decode()
