"""Einsum layers with constant weights: one kernel, run for each position of the axes that the weights do not have.

hls4ml's own function of these layers, which has io_parallel and weights as constants alone, calls the kernel of its
configuration: a sparse one takes the place of the dense one.
"""

from typing import Any

import numpy as np
from hls4ml.backends.vivado.passes.einsum_dense import EinsumDenseConfigTemplate, EinsumDenseFunctionTemplate
from hls4ml.model.layers import EinsumDense
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.families.base import Family, MatrixRule, Parts
from hls4ml_hwprune.host.families.matrix import matrix_products
from hls4ml_hwprune.host.firmware.sparse import SparseKernel, viewed_as
from hls4ml_hwprune.host.firmware.templates import BIAS_HEADER, kernel_config
from hls4ml_hwprune.host.node.kernels import kernel_of_matrix, make_kernel, strategy_of
from hls4ml_hwprune.host.node.tensors import Tensor
from hls4ml_hwprune.host.node.weights import bias_rows

_HEADERS = ('nnet_utils/nnet_einsum_dense.h', 'nnet_utils/nnet_dense_sparse.h', BIAS_HEADER)


class SparseEinsumDense(EinsumDense):
    """An EinsumDense node with some of its multiplier slots gone."""


def _shape(node: Node, role: str = 'weight') -> tuple[int, int]:
    return int(node.get_attr('n_free_kernel')), int(node.get_attr('n_contract'))


def _read(node: Node) -> Parts:
    """Kernel of one position, copied for positions side by side; weights that differ by position are estimated at once."""
    positions, factor = int(node.get_attr('n_free_data', 1)), int(node.get_attr('parallelization_factor', -1))
    copies = min(factor, positions) if factor > 0 else positions
    if _why_not(node):
        data = np.asarray(node.weights['weight'].data, float)
        matrix = data.reshape(-1, data.shape[-1]).T
        return Parts((kernel_of_matrix(node, 'weight', matrix, int(node.get_attr('reuse_factor', 1)), copies),))
    n_out, n_in = _shape(node)
    return Parts((make_kernel(node, n_in, n_out, copies),))


def _why_not(node: Node) -> str:
    if node.get_attr('n_free_data') is None:
        return f"hls4ml's back end {node.model.config.backend.name} does not work out its shapes"
    if int(node.get_attr('n_inplace', 1)) > 1:
        equation = node.get_attr('equation')
        return f'its weights differ along an axis that inputs and outputs have too ({equation}), and share no kernel'
    if strategy_of(node) == 'resource':
        return "hls4ml's firmware of it has the strategies Latency and distributed_arithmetic alone"
    return ''


def _windows(node: Node, role: str, x: NDArray) -> NDArray:
    turned = x.transpose(0, *(int(axis) + 1 for axis in node.get_attr('inp_tpose_idxs')))
    return turned.reshape(len(x), -1, _shape(node)[1])


def _from_windows(node: Node, gradient: NDArray) -> NDArray:
    axes = [int(axis) for axis in node.get_attr('inp_tpose_idxs')]
    lengths = [int(node.get_input_variable().shape[axis]) for axis in axes]
    return gradient.reshape(len(gradient), *lengths).transpose(0, *(np.argsort(axes) + 1))


def _offsets(node: Node) -> NDArray[np.float64]:
    """Biases of each position beyond those of the first, shape (positions, n_out)."""
    rows = bias_rows(node)
    return rows - rows[0]


def _output_of(node: Node, products: NDArray) -> NDArray:
    offsets = _offsets(node).astype(products.dtype)
    shaped = products.reshape(-1, *offsets.shape) + offsets
    turned = shaped.reshape(len(shaped), *(int(length) for length in node.get_attr('out_interpert_shape')))
    return turned.transpose(0, *(int(axis) + 1 for axis in node.get_attr('out_tpose_idxs')))


def _products_of(node: Node, output: NDArray) -> NDArray:
    offsets = _offsets(node).astype(output.dtype)
    return _gradients_of(node, output).reshape(-1, *offsets.shape) - offsets


def _gradients_of(node: Node, gradient: NDArray) -> NDArray:
    order = np.argsort([int(axis) for axis in node.get_attr('out_tpose_idxs')])
    return gradient.transpose(0, *(order + 1)).reshape(len(gradient), -1, _shape(node)[0])


def _no_channels(node: Node, source: Tensor) -> None:
    return None


def _configure(node: Node, params: dict[str, Any]) -> str:
    template = EinsumDenseConfigTemplate()
    template.dense_config = lambda _: kernel_config(node, params, f'config{node.index}_dense')
    return str(template.format(viewed_as(node, EinsumDense)))


_MATRIX = MatrixRule(
    _shape,
    _windows,
    _from_windows,
    _no_channels,
    lambda node, source, channels: source.value,
    output_of=_output_of,
    products_of=_products_of,
    gradients_of=_gradients_of,
)
_SPARSE = SparseKernel(
    nodes={'EinsumDense': SparseEinsumDense},
    configure=_configure,
    call=lambda node, params: str(EinsumDenseFunctionTemplate().format(viewed_as(node, EinsumDense))),
    headers=lambda node: _HEADERS,
    why_not=_why_not,
    takes_all=True,
)
FAMILIES = (
    Family(classes=('EinsumDense',), read=_read, rule=matrix_products(_MATRIX), sparse=_SPARSE, entries=('weight',)),
)
