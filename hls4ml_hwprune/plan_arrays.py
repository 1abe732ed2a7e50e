"""Arrays of a kernel in a plan file (mask, slots, weights, biases), and checks that they agree with each other."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls4ml_hwprune.arrays import decode_array, encode_array
from hls4ml_hwprune.errors import PlanError
from hls4ml_hwprune.packing import reorders
from hls4ml_hwprune.packing.layout.multiplexers import all_legs
from hls4ml_hwprune.plan_check import group_size
from hls4ml_hwprune.records import SlotTable, per_channel_mask

#: Fields of a kernel that are arrays.
ARRAYS = ('mask', 'slots', 'values', 'bias')
_TABLES = tuple(array.name for array in fields(SlotTable))
Arrays = tuple[NDArray[np.bool_], SlotTable | None, NDArray[np.float64] | None, NDArray[np.float64] | None]


def encode_arrays(
    mask: NDArray[np.bool_],
    slots: SlotTable | None,
    values: NDArray[np.float64] | None,
    bias: NDArray[np.float64] | None,
) -> dict[str, Any]:
    """Return the arrays of a kernel as plain data; arrays that are None are absent."""
    data: dict[str, Any] = {'mask': encode_array(np.packbits(mask))}
    if slots is not None:
        data['slots'] = {name: encode_array(getattr(slots, name).astype(np.int32)) for name in _TABLES}
    return data | {name: encode_array(array) for name, array in (('values', values), ('bias', bias)) if array is not None}


def decode_arrays(data: Mapping[str, Any], plain: Mapping[str, Any], where: str) -> Arrays:
    """Read and check the arrays of a kernel.

    Parameters
    ----------
    data : mapping
        The kernel as the file has it.
    plain : mapping
        Its other fields, checked.
    where : str
        The kernel, for messages.

    Raises
    ------
    PlanError
        If an array is missing, contradicts the fields, or does not agree with the others.
    """
    n_in, n_out = plain['n_in'], plain['n_out']
    if 'mask' not in data:
        raise PlanError(f'{where}: mask: missing')
    mask = _mask(data['mask'], (n_out, n_in), where)
    slots = _slots(data['slots'], plain, where) if 'slots' in data else None
    if plain.get('per_channel') and (mask & ~per_channel_mask(n_out, n_in)).any():
        raise PlanError(f'{where}: mask: it keeps weights between channels, which there are none of')
    if slots is None and plain.get('slot_bits'):
        raise PlanError(f'{where}: slots: missing, though two share a multiplier (slot_bits)')
    if slots is None:
        _check_own_slots(mask, plain, where)
    else:
        _check_slots(slots, mask, plain, where)
    values = _floats(data['values'], (n_out, n_in), f'{where}: values') if 'values' in data else None
    bias = _floats(data['bias'], (n_out,), f'{where}: bias') if 'bias' in data else None
    _check_new_weights(values, mask, plain, where)
    return mask, slots, values, bias


def _mask(data: Any, shape: tuple[int, int], where: str) -> NDArray[np.bool_]:
    count = shape[0] * shape[1]
    packed = _decoded(data, 'u', -(-count // 8), f'{where}: mask')
    if packed.dtype != np.uint8 or packed.shape != (-(-count // 8),):
        raise PlanError(f'{where}: mask: expected a bit for each of {shape[0]} x {shape[1]} weights')
    bits = np.unpackbits(packed).astype(bool)
    if bits[count:].any():
        raise PlanError(f'{where}: mask: bits after that of the last weight are set')
    return bits[:count].reshape(shape)


def _floats(data: Any, shape: tuple[int, ...], where: str) -> NDArray[np.float64]:
    array = _decoded(data, 'f', int(np.prod(shape)), where)
    if array.shape != shape:
        raise PlanError(f'{where}: expected the shape {shape}, got {array.shape}')
    if not np.isfinite(array).all():
        raise PlanError(f'{where}: there are NaN or infinity among them')
    return array.astype(np.float64)


def _check_new_weights(
    values: NDArray[np.float64] | None, mask: NDArray[np.bool_], plain: Mapping[str, Any], where: str
) -> None:
    """Check that new weights are zero where the mask keeps none, and that the plan says which weights they replace."""
    if (values is not None) != bool(plain.get('fingerprint')):
        raise PlanError(f'{where}: fingerprint: it must be there with new weights (values), and not without them')
    if values is not None and (stray := np.argwhere((values != 0) & ~mask)).size:
        place = f'output {stray[0][0]}, input {stray[0][1]}'
        raise PlanError(f'{where}: values: the weight of {place} is not zero, but the mask does not keep it')


def _slots(data: Any, plain: Mapping[str, Any], where: str) -> SlotTable:
    """Read the tables of slots: of the right shapes, and with entries of the right range."""
    if not isinstance(data, Mapping) or set(data) != set(_TABLES):
        raise PlanError(f'{where}: slots: expected {", ".join(_TABLES)}')
    n_in, cycles, n_slots = plain['n_in'], group_size(plain), plain['n_slots']
    # Each lane serves a slot, and each stream an input in some cycle.
    rows = {'positions': n_slots, 'lane_inputs': n_slots, 'lane_of': n_slots, 'streams': n_in, 'legs': n_slots + n_in}
    tables = {}
    for name in _TABLES:
        width = 1 if name in ('lane_of', 'legs') else cycles
        array = _decoded(data[name], 'i', rows[name] * width, f'{where}: slots: {name}').astype(np.int64)
        if array.ndim != (1 if name in ('lane_of', 'legs') else 2) or (array.ndim == 2 and array.shape[1] != cycles):
            raise PlanError(f'{where}: slots: {name}: the shape {array.shape} is not that of {cycles} cycles a slot')
        tables[name] = array
    slots = SlotTable(**tables)
    n_lanes = len(slots.lane_inputs)
    for name, least, below in (
        ('positions', -1, n_in * plain['n_out']),
        ('lane_inputs', -1, n_in),
        ('lane_of', 0, n_lanes),
        ('streams', -1, n_in),
    ):
        array = getattr(slots, name)
        if array.size and not (array.min() >= least and array.max() < below):
            raise PlanError(f'{where}: slots: {name}: expected numbers from {least} to {below - 1}')
    if slots.lane_of.shape != slots.positions.shape[:1]:
        raise PlanError(f'{where}: slots: lane_of: expected a lane for each of {len(slots.positions)} slots')
    return slots


def _check_slots(slots: SlotTable, mask: NDArray[np.bool_], plain: Mapping[str, Any], where: str) -> None:
    """Check that slots use every weight of the mask once, and read lanes that bring its input."""
    used = slots.positions >= 0
    flat = np.sort(slots.positions[used])
    if not used.any(axis=1).all():
        raise PlanError(f'{where}: slots: positions: a slot has none')
    if (np.diff(flat) == 0).any():
        raise PlanError(f'{where}: slots: positions: the weight at {flat[:-1][np.diff(flat) == 0][0]} is used twice')
    if not np.array_equal(flat, np.flatnonzero(mask)):
        raise PlanError(f'{where}: slots: positions: they are not the weights that the mask keeps')
    _check_outputs(slots.positions, plain, where)
    brought = slots.lane_inputs[slots.lane_of]
    if (brought[used] != slots.positions[used] % plain['n_in']).any():
        raise PlanError(f'{where}: slots: lane_inputs: a lane does not bring the input that a slot needs')
    if np.unique(slots.lane_of).size != len(slots.lane_inputs):
        raise PlanError(f'{where}: slots: lane_of: a lane serves no slot')
    legs = all_legs(slots.lane_inputs, slots.streams)
    if not np.array_equal(slots.legs, legs) or len(legs) != len(slots.lane_inputs) + len(slots.streams):
        raise PlanError(f'{where}: slots: legs: they are not those of the lanes and streams')
    if plain['n_kept'] > len(slots.positions):
        raise PlanError(f'{where}: n_kept: {plain["n_kept"]} is more than the {len(slots.positions)} slots')


def _check_outputs(positions: NDArray[np.int64], plain: Mapping[str, Any], where: str) -> None:
    """Check that slots serve one output each, or whole outputs in turn."""
    n_in = plain['n_in']
    outputs = np.where(positions < 0, -1, positions // n_in)
    most = outputs.max(axis=1, keepdims=True, initial=-1)
    if ((outputs < 0) | (outputs == most)).all():
        return
    cycles = positions.shape[1]
    whole = cycles % n_in == 0
    if whole:
        turns = outputs.reshape(len(positions), -1, n_in)
        inputs = np.sort(positions.reshape(turns.shape) % n_in, axis=2)
        gone = (turns < 0).all(axis=2)
        together = (turns == turns[:, :, :1]).all(axis=2) & (inputs == np.arange(n_in)).all(axis=2)
        whole = bool((gone | together).all())
    if not whole:
        raise PlanError(f'{where}: slots: positions: a slot serves several outputs, and not all inputs of each in turn')


def _check_own_slots(mask: NDArray[np.bool_], plain: Mapping[str, Any], where: str) -> None:
    """Check that a mask keeps slots of hls4ml's own layout, whole."""
    size = group_size(plain)
    if plain.get('per_channel') and size > 1:
        if mask.any() and not mask[per_channel_mask(plain['n_out'], plain['n_in'])].all():
            raise PlanError(f'{where}: mask: it keeps a part of the weights, but the slots are missing')
        return
    flat = np.pad(mask.ravel(), (0, -mask.size % size))
    slots = flat.reshape(-1, size)
    kept = int(slots.any(axis=1).sum())
    if plain['n_kept'] > kept:
        raise PlanError(f'{where}: n_kept: {plain["n_kept"]} is more than the {kept} slots that the mask keeps')
    partly = slots.any(axis=1) & ~slots.all(axis=1)
    partly[-1:] &= mask.size % size == 0
    if partly.any():
        needed = ': its slots are missing' if reorders(plain['packing']) else ''
        raise PlanError(f'{where}: mask: slot {int(np.argmax(partly))} is kept in part{needed}')


def _decoded(data: Any, kinds: str, most: int, where: str) -> NDArray:
    try:
        return decode_array(data, kinds, most)
    except ValueError as error:
        raise PlanError(f'{where}: {error}') from None
