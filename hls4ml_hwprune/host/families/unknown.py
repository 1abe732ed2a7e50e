"""Layers of any other class: estimated by their activation, their weight matrices, or one pass over their elements."""

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families import activations
from hls4ml_hwprune.host.families.base import Family, Parts
from hls4ml_hwprune.host.node.kernels import elements, kernel_of_matrix, output_bits
from hls4ml_hwprune.records import Kernel, Operation

_BIASES = ('bias', 'biases')


def read(node: Node) -> Parts:
    """Kernels of a layer that has no reader of its own (EinsumDense, GarNet and the like): all weights at once."""
    if node.get_attr('activation'):
        return activations.read(node)
    if matrices := [name for name, variable in node.weights.items() if _is_matrix(name, variable.data)]:
        return Parts(kernels=tuple(_kernel(node, name) for name in matrices))
    return Parts(operations=(Operation('merge', elements(node), output_bits(node)),))


def _is_matrix(name: str, data: NDArray[np.float64]) -> bool:
    return not name.endswith(_BIASES) and np.ndim(data) > 1


def _kernel(node: Node, role: str) -> Kernel:
    data = np.asarray(node.weights[role].data, float)
    repeated = int(node.get_attr('n_free_data', 1) or 1)
    factor = int(node.get_attr('parallelization_factor', -1) or -1)
    copies = min(factor, repeated) if factor > 0 else repeated
    return kernel_of_matrix(node, role, data.reshape(-1, data.shape[-1]).T, int(node.get_attr('reuse_factor', 1)), copies)


#: Family of all classes that no other one names.
UNKNOWN = Family(classes=(), read=read)
