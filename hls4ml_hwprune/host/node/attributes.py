"""Attributes of this package on hls4ml's nodes: mask, slots, packing and plan of each kernel of a node.

The names of those of weights with the role 'weight' are as they were when a node had one kernel, so that saved models load.
"""

from dataclasses import fields
from typing import Any

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.node.weights import weight_matrix
from hls4ml_hwprune.records import SlotTable

#: On the first node of a graph: the plan without its kernels, the layers that it names, and whether dead structure is gone.
PLAN, PLANNED_LAYERS, FINISHED = 'hwprune_plan', 'hwprune_planned_layers', 'hwprune_finished'
#: On a node with kernels: the share of each in the plan, and new biases.
KERNEL, BIAS = 'hwprune_kernel', 'hwprune_bias'
#: On a sparse convolution: whether it was pointwise, for which hls4ml has another io_stream loop.
POINTWISE = 'hwprune_pointwise'
#: On a node: whether it waits with the Latency strategy for code in distributed arithmetic.
DEFERRED = 'hwprune_deferred'
#: On a node: whether weights that hls4ml transposed too early were turned back.
RESTORED = 'hwprune_layout_restored'
# Weights that are kept, bool, shape (n_out, n_in); and the templates, tables and sizes of the packed kernel, plain data.
_KEPT, _PACKED = 'hwprune_kept', 'hwprune_packed'
# Bits of the weights of paired slots.
_SLOT_BITS = 'hwprune_slot_bits'
# As planned, before dead structure was removed.
_PLANNED_KEPT, _PLANNED_WEIGHTS = 'hwprune_planned_kept', 'hwprune_planned_weights'
# An attribute for each array of a `SlotTable`, as hls4ml's serialiser replaces arrays within a dict in the live model too.
_SLOTS, _PLANNED_SLOTS = (
    {array.name: f'hwprune_{prefix}slot_{array.name}' for array in fields(SlotTable)} for prefix in ('', 'planned_')
)


def of_kernel(attribute: str, role: str) -> str:
    """Name of an attribute of one kernel of a node."""
    return attribute if role == 'weight' else f'{attribute}_{role}'


def pruned_roles(node: Node) -> tuple[str, ...]:
    """Roles of the kernels of a node that are this package's; none for nodes of hls4ml's own classes."""
    names = [name for name in node.attributes if name == _KEPT or name.startswith(f'{_KEPT}_')]
    return tuple(name[len(_KEPT) + 1 :] or 'weight' for name in names)


def kept_mask(node: Node, role: str = 'weight') -> NDArray[np.bool_] | None:
    """Weights of a pruned kernel that are kept, shape (n_out, n_in); None for hls4ml's own dense kernel."""
    kept = node.get_attr(of_kernel(_KEPT, role))
    return None if kept is None else np.asarray(kept, bool)


def set_kept_mask(node: Node, kept: NDArray[np.bool_], role: str = 'weight') -> None:
    """Store the weights of a pruned kernel that are kept, shape (n_out, n_in)."""
    node.set_attr(of_kernel(_KEPT, role), kept)


def slot_table(node: Node, role: str = 'weight') -> SlotTable | None:
    """Slots of a pruned kernel; None if they are hls4ml's own."""
    return _table(node, _SLOTS, role)


def set_slot_table(node: Node, slots: SlotTable, role: str = 'weight') -> None:
    """Store the slots of a pruned kernel that are not hls4ml's own."""
    _set_table(node, _SLOTS, slots, role)


def slot_bits(node: Node, role: str = 'weight') -> int:
    """Bits of the weights where two slots of a kernel share a multiplier; 0 where none do."""
    return int(node.get_attr(of_kernel(_SLOT_BITS, role)) or 0)


def set_slot_bits(node: Node, bits: int, role: str = 'weight') -> None:
    """Store the bits of the weights where two slots of a kernel share a multiplier."""
    node.set_attr(of_kernel(_SLOT_BITS, role), bits)


def packed_kernel(node: Node, role: str = 'weight') -> dict[str, Any] | None:
    """Template, tables and sizes of a packed kernel, plain data; None before packing and for hls4ml's own kernels."""
    packed: dict[str, Any] | None = node.get_attr(of_kernel(_PACKED, role))
    return packed


def set_packed_kernel(node: Node, packed: dict[str, Any], role: str = 'weight') -> None:
    """Store a packed kernel as plain data."""
    node.set_attr(of_kernel(_PACKED, role), packed)


def is_packed(node: Node) -> bool:
    """Whether a node has packed kernels, and so templates of this package."""
    return any(name == _PACKED or name.startswith(f'{_PACKED}_') for name in node.attributes)


def remember_plan(node: Node, exists: NDArray[np.bool_], role: str = 'weight') -> None:
    """Store mask, slots and weights as planned, before dead channels are removed; a second call changes nothing."""
    if node.get_attr(of_kernel(_PLANNED_KEPT, role)) is not None:
        return
    slots, (n_out, n_in) = slot_table(node, role), exists.shape
    node.set_attr(of_kernel(_PLANNED_KEPT, role), planned_mask(node, exists, role))
    node.set_attr(of_kernel(_PLANNED_WEIGHTS, role), weight_matrix(node, n_in, n_out, role))
    if slots is not None:
        _set_table(node, _PLANNED_SLOTS, slots, role)


def remember_mask(node: Node, mask: NDArray[np.bool_], role: str = 'weight') -> None:
    """Store the weights that the plan keeps in a kernel that stays hls4ml's own, whose others are zero, and the weights."""
    n_out, n_in = mask.shape
    node.set_attr(of_kernel(_PLANNED_KEPT, role), mask)
    node.set_attr(of_kernel(_PLANNED_WEIGHTS, role), weight_matrix(node, n_in, n_out, role))


def designed_shape(node: Node, role: str = 'weight') -> tuple[int, int] | None:
    """Return the outputs and inputs of a kernel before dead structure was removed; None where nothing was."""
    kept = node.get_attr(of_kernel(_PLANNED_KEPT, role))
    return None if kept is None else (int(np.shape(kept)[0]), int(np.shape(kept)[1]))


def planned_mask(node: Node, exists: NDArray[np.bool_], role: str = 'weight') -> NDArray[np.bool_]:
    """Weights that the plan keeps, shape (n_out, n_in); all that `exists` marks in a kernel that stays hls4ml's own."""
    kept = node.get_attr(of_kernel(_PLANNED_KEPT, role), node.get_attr(of_kernel(_KEPT, role)))
    return exists if kept is None else np.asarray(kept, bool)


def planned_slots(node: Node, role: str = 'weight') -> SlotTable | None:
    """Slots that the plan keeps, if they are not hls4ml's own."""
    unchanged = node.get_attr(of_kernel(_PLANNED_KEPT, role)) is None
    return _table(node, _SLOTS if unchanged else _PLANNED_SLOTS, role)


def planned_weights(node: Node, n_in: int, n_out: int, role: str) -> NDArray[np.float64]:
    """Weights as the plan has them, shape (n_out, n_in)."""
    weights = node.get_attr(of_kernel(_PLANNED_WEIGHTS, role))
    return weight_matrix(node, n_in, n_out, role) if weights is None else np.asarray(weights, float)


def _table(node: Node, names: dict[str, str], role: str) -> SlotTable | None:
    arrays = {name: node.get_attr(of_kernel(attribute, role)) for name, attribute in names.items()}
    if any(array is None for array in arrays.values()):
        return None
    return SlotTable(**{name: np.asarray(array, np.int64) for name, array in arrays.items()})


def _set_table(node: Node, names: dict[str, str], slots: SlotTable, role: str) -> None:
    for name, attribute in names.items():
        node.set_attr(of_kernel(attribute, role), getattr(slots, name))
