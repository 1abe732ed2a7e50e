"""What the plan says of a node that lost more than the plan says, because it was dead: kept beside what the node has now."""

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.node.weights import KEPT, set_slot_table, slot_table, weight_matrix
from hls4ml_hwprune.records import SlotTable

_KEPT, _WEIGHTS, _PREFIX = 'hwprune_planned_kept', 'hwprune_planned_weights', 'planned_'


def remember_plan(node: Node, n_in: int, n_out: int) -> None:
    """Store what the plan keeps of a node, before more is removed; a second call changes nothing."""
    if node.get_attr(_KEPT) is not None:
        return
    kept, slots = node.get_attr(KEPT), slot_table(node)
    node.set_attr(_KEPT, np.ones((n_out, n_in), bool) if kept is None else np.asarray(kept, bool))
    node.set_attr(_WEIGHTS, weight_matrix(node, n_in, n_out))
    if slots is not None:
        set_slot_table(node, slots, _PREFIX)


def designed_shape(node: Node) -> tuple[int, int] | None:
    """Return the outputs and inputs that a node had before dead structure was removed; None where nothing was."""
    kept = node.get_attr(_KEPT)
    return None if kept is None else (int(np.shape(kept)[0]), int(np.shape(kept)[1]))


def planned_mask(node: Node, n_in: int, n_out: int) -> NDArray[np.bool_]:
    """Weights that the plan keeps, shape (n_out, n_in)."""
    kept = node.get_attr(_KEPT, node.get_attr(KEPT))
    return np.ones((n_out, n_in), bool) if kept is None else np.asarray(kept, bool)


def planned_slots(node: Node) -> SlotTable | None:
    """Slots that the plan keeps, if they are not hls4ml's own."""
    return slot_table(node) if node.get_attr(_KEPT) is None else slot_table(node, _PREFIX)


def planned_weights(node: Node, n_in: int, n_out: int, role: str) -> NDArray[np.float64]:
    """Weights as the plan has them, shape (n_out, n_in)."""
    weights = node.get_attr(_WEIGHTS)
    return weight_matrix(node, n_in, n_out, role) if weights is None else np.asarray(weights, float)
