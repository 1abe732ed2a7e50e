"""Weights of a node as a matrix (n_out, n_in), whatever layout hls4ml keeps them in at the moment."""

from dataclasses import fields

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError
from hls4ml_hwprune.records import PRUNABLE, SlotTable

#: Attribute of a pruned node: which weights are kept, bool, shape (n_out, n_in).
KEPT = 'hwprune_kept'
# Of a pruned node whose slots are not hls4ml's own: an attribute for each array of its `SlotTable`. Not one for all:
# hls4ml's serialiser replaces arrays within a dict, in the model that is being saved too.
_SLOTS = {array.name: f'slot_{array.name}' for array in fields(SlotTable)}


def set_slot_table(node: Node, slots: SlotTable, prefix: str = '') -> None:
    """Store the slots of a pruned node that are not hls4ml's own, under names with a `prefix`."""
    for name, attribute in _SLOTS.items():
        node.set_attr(f'hwprune_{prefix}{attribute}', getattr(slots, name))


def slot_table(node: Node, prefix: str = '') -> SlotTable | None:
    """Slots of a pruned node that were stored under a `prefix`; None if they are hls4ml's own."""
    arrays = {name: node.get_attr(f'hwprune_{prefix}{attribute}') for name, attribute in _SLOTS.items()}
    if any(array is None for array in arrays.values()):
        return None
    return SlotTable(**{name: np.asarray(array, np.int64) for name, array in arrays.items()})


def is_transposed(node: Node) -> bool:
    """Whether hls4ml has already turned the weights to (n_out, n_in), as it does for the Resource strategy."""
    return bool(node.get_attr('_weights_transposed', False))


def weight_matrix(node: Node, n_in: int, n_out: int, role: str = 'weight') -> NDArray[np.float64]:
    """Weights of `node`, shape (n_out, n_in); zeros where the node was left without any.

    Raises
    ------
    ConfigError
        If the node has another number of them, or its outputs on another axis, so that hls4ml computes wrong sums. Version
        1.3.0 leaves Linear layers of PyTorch so with `channels_last_conversion='off'`, and otherwise those on sequences and
        images. Square ones cannot be told.
    """
    if role not in node.weights:
        return np.zeros((n_out, n_in))
    data = np.asarray(node.weights[role].data, float)
    turned = node.class_name.removeprefix('Sparse') in PRUNABLE and data.shape[0 if is_transposed(node) else -1] != n_out
    if data.size != n_in * n_out or turned:
        raise ConfigError(
            f'layer {node.name}: hls4ml gave it weights of shape {data.shape}, which are none of {n_in} inputs and {n_out} '
            'outputs; Linear layers of PyTorch need channels_last_conversion "full" or "internal", and on a sequence or an '
            'image convolutions of kernel size 1 in their place'
        )
    return data.reshape(n_out, n_in) if is_transposed(node) else data.reshape(n_in, n_out).T


def set_weights(node: Node, matrix: NDArray[np.float64], role: str = 'weight') -> None:
    """Put `matrix` (n_out, n_in) in the place of the weights, in hls4ml's own layout."""
    variable = node.weights[role]
    variable.data = (matrix if is_transposed(node) else matrix.T).reshape(variable.data.shape)
    refresh_statistics(variable)


def bias_vector(node: Node) -> NDArray[np.float64]:
    """Biases of `node`, shape (n_out,)."""
    return np.asarray(node.weights['bias'].data, float).ravel()


def set_bias(node: Node, bias: NDArray[np.float64]) -> None:
    """Put `bias` (n_out,) in the place of the biases."""
    variable = node.weights['bias']
    variable.data = bias.reshape(variable.data.shape)
    refresh_statistics(variable)


def zero_pruned(node: Node, kept: NDArray[np.bool_], role: str = 'weight') -> None:
    """Set the weights that are not `kept` (shape (n_out, n_in)) to zero, in hls4ml's own layout."""
    variable = node.weights[role]
    keep = kept if is_transposed(node) else kept.T
    variable.data = np.where(keep.reshape(variable.data.shape), variable.data, 0)
    refresh_statistics(variable)


def refresh_statistics(variable) -> None:  # type: ignore[no-untyped-def]  # a WeightVariable, which hls4ml does not type
    """Recount what hls4ml derives from the data once, at construction, and writes into headers and configs."""
    variable.nonzeros = int(np.count_nonzero(variable.data))
    variable.nzeros = int(variable.data.size) - variable.nonzeros
    variable.min = np.min(variable.data)
    variable.max = np.max(variable.data)


def is_port(node: Node, role: str = 'weight') -> bool:
    """Whether hls4ml makes a weight variable of a node a port of the design, as it has more elements than `BramFactor`."""
    return role in node.weights and bool(np.prod(node.weights[role].shape) > getattr(node.model.config, 'model_bf', np.inf))
