"""Weights of a node as a matrix (n_out, n_in), from any layout of hls4ml."""

from typing import Any

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError

# Attributes of hls4ml's Quartus back end: zeros behind the weights of each slot, and slots of zeros.
_PADDING = ('rfpad', 'bfpad')


def is_transposed(node: Node) -> bool:
    """Whether hls4ml has already turned the weights to (n_out, n_in), as it does for the Resource strategy."""
    return bool(node.get_attr('_weights_transposed', False))


def weight_matrix(node: Node, n_in: int, n_out: int, role: str = 'weight') -> NDArray[np.float64]:
    """Weights of `node`, shape (n_out, n_in); zeros where the node was left without any.

    A variable with one weight an input holds those of input i for output i % n_out, all others are zero.

    Raises
    ------
    ConfigError
        If the node has another number of them.
    """
    if role not in node.weights:
        return np.zeros((n_out, n_in))
    return as_matrix(node, np.asarray(node.weights[role].data, float), n_in, n_out)


def as_matrix(node: Node, data: NDArray[np.float64], n_in: int, n_out: int) -> NDArray[np.float64]:
    """Turn an array in the layout of a weight variable of `node` to (n_out, n_in); errors as `weight_matrix`."""
    data = unpadded(node, data)
    if _is_per_channel(data, n_in, n_out):
        matrix = np.zeros((n_out, n_in))
        matrix[np.arange(n_in) % n_out, np.arange(n_in)] = data.ravel()
        return matrix
    if node.get_attr('_winograd_transformation_applied', False):
        raise ConfigError(
            f'layer {node.name}: its Implementation multiplies transformed weights (Winograd), of which there are no '
            'figures; set Implementation to im2col'
        )
    if data.size != n_in * n_out:
        raise _wrong_layout(node, data, n_in, n_out)
    return data.reshape(n_out, n_in) if is_transposed(node) else data.reshape(n_in, n_out).T


def unpadded(node: Node, data: NDArray) -> NDArray:
    """Weights without the zeros that hls4ml's Quartus back end puts behind those of each slot, and behind all slots."""
    if not (padding := int(node.get_attr('rfpad') or 0)):
        return data
    reuse_factor = int(node.get_attr('reuse_factor'))
    n_slots = int(node.get_attr('n_in')) * int(node.get_attr('n_out')) // reuse_factor
    return data.reshape(-1, reuse_factor + padding)[:n_slots, :reuse_factor].ravel()


def take_padding_off(node: Node, data: NDArray) -> NDArray:
    """Return weights without these zeros, of a node that then has none."""
    found = unpadded(node, data)
    for attribute in _PADDING:
        if node.get_attr(attribute):
            node.set_attr(attribute, 0)
    return found


def _padded(node: Node, data: NDArray) -> NDArray:
    """Weights with these zeros."""
    if not (padding := int(node.get_attr('rfpad') or 0)):
        return data
    rows = data.reshape(-1, int(node.get_attr('reuse_factor')))
    return np.pad(rows, ((0, int(node.get_attr('bfpad') or 0)), (0, padding))).ravel()


def check_layout(node: Node, n_in: int, n_out: int) -> None:
    """Refuse weights with their outputs on another axis than hls4ml's firmware takes them from, so that sums are wrong.

    Version 1.3.0 leaves Linear layers of PyTorch so with `channels_last_conversion='off'`, and otherwise those on sequences
    and images. Square ones cannot be told.

    Raises
    ------
    ConfigError
        Naming the layer and the cure.
    """
    data = np.asarray(node.weights['weight'].data) if 'weight' in node.weights else None
    if data is not None and data.ndim > 1 and data.shape[0 if is_transposed(node) else -1] != n_out:
        raise _wrong_layout(node, data, n_in, n_out)


def _wrong_layout(node: Node, data: NDArray, n_in: int, n_out: int) -> ConfigError:
    return ConfigError(
        f'layer {node.name}: hls4ml gave it weights of shape {data.shape}, which are none of {n_in} inputs and {n_out} '
        'outputs; Linear layers of PyTorch need channels_last_conversion "full" or "internal", and on a sequence or an '
        'image convolutions of kernel size 1 in their place'
    )


def _is_per_channel(data: NDArray, n_in: int, n_out: int) -> bool:
    """Whether a variable has one weight an input, each for one output."""
    return 1 < n_out <= n_in == data.size


def _laid_out(node: Node, matrix: NDArray, like: NDArray) -> NDArray:
    """Put an array of shape (n_out, n_in) into the layout of a weight variable with the data `like`."""
    n_out, n_in = matrix.shape
    if _is_per_channel(like, n_in, n_out):
        return matrix[np.arange(n_in) % n_out, np.arange(n_in)].reshape(like.shape)
    return _padded(node, matrix if is_transposed(node) else matrix.T).reshape(like.shape)


def set_weights(node: Node, matrix: NDArray[np.float64], role: str = 'weight') -> None:
    """Put `matrix` (n_out, n_in) in the place of the weights, in hls4ml's own layout."""
    variable = node.weights[role]
    variable.data = _laid_out(node, matrix, variable.data)
    refresh_statistics(variable)


def bias_role(role: str) -> str:
    """Role of the biases that belong to the weights of a role: 'bias', 'recurrent_bias' and the like."""
    return role.removesuffix('weight') + 'bias'


def bias_vector(node: Node, role: str = 'weight') -> NDArray[np.float64]:
    """Biases that belong to the weights of a role, shape (n_out,): those of the first position, where each has its own."""
    return bias_rows(node, role)[0]


def bias_rows(node: Node, role: str = 'weight') -> NDArray[np.float64]:
    """Biases of each position that has its own, shape (positions, n_out); of most layers one row."""
    biases = np.asarray(node.weights[bias_role(role)].data, float)
    # EinsumDense alone has biases by position.
    return biases.reshape(-1, int(node.get_attr('n_free_kernel', biases.size)))


def set_bias(node: Node, bias: NDArray[np.float64], role: str = 'weight') -> None:
    """Put `bias` (n_out,) in the place of the biases that belong to the weights of a role; positions differ as before."""
    variable, rows = node.weights[bias_role(role)], bias_rows(node, role)
    variable.data = (rows + (bias - rows[0]) if len(rows) > 1 else bias).reshape(variable.data.shape)
    refresh_statistics(variable)


def zero_pruned(node: Node, kept: NDArray[np.bool_], role: str = 'weight') -> None:
    """Set the weights that are not `kept` (shape (n_out, n_in)) to zero, in hls4ml's own layout."""
    variable = node.weights[role]
    variable.data = np.where(_laid_out(node, kept, variable.data), variable.data, 0)
    refresh_statistics(variable)


def set_data(variable: Any, data: NDArray) -> None:
    """Give a weight variable data of another shape."""
    variable.data = data
    variable.shape, variable.data_length = list(data.shape), int(data.size)
    refresh_statistics(variable)


def refresh_statistics(variable) -> None:  # type: ignore[no-untyped-def]  # a WeightVariable, which hls4ml does not type
    """Recount statistics that hls4ml derives from the data once, at construction, and writes into headers and configs."""
    variable.nonzeros = int(np.count_nonzero(variable.data))
    variable.nzeros = int(variable.data.size) - variable.nonzeros
    variable.min = np.min(variable.data)
    variable.max = np.max(variable.data)


def is_port(node: Node, role: str = 'weight') -> bool:
    """Whether hls4ml makes a weight variable of a node a port of the design, as it has more elements than `BramFactor`."""
    return role in node.weights and bool(np.prod(node.weights[role].shape) > getattr(node.model.config, 'model_bf', np.inf))
