"""Parameters of a model as its frontend made them: their count, and a check that they are finite."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.errors import ConfigError

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def count_parameters(model: 'ModelGraph') -> int:
    """Count the weights of all nodes, and the constants that ONNX has in their place until hls4ml's passes are through."""
    values = (node.get_attr('value') for node in model.get_layers())
    constants = [value for value in values if isinstance(value, np.ndarray)]
    arrays = [array for node in model.get_layers() for _, array in _arrays(node)]
    return sum(np.size(array) for array in (*arrays, *constants))


def check_finite(node: Node) -> None:
    """Refuse a node with parameters that are no numbers.

    Raises
    ------
    ConfigError
        If any is NaN or infinite; it names the layer.
    """
    for role, array in _arrays(node):
        if array.dtype.kind == 'f' and not np.isfinite(array).all():
            bad = array[~np.isfinite(array)]
            words = f'{bad.size} of {array.size} values of its {role} are no numbers'
            raise ConfigError(f'layer {node.name!r}: {words}: {bad[0]}')


def _arrays(node: Node) -> Iterator[tuple[str, NDArray]]:
    for role, variable in node.weights.items():
        yield role, np.asarray(variable.data)
