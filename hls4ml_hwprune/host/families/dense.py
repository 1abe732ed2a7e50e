"""Dense layers: one kernel, run once for each input vector."""

from dataclasses import replace
from typing import Any

import numpy as np
from hls4ml.model.layers import Dense
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.base import QUARTUS
from hls4ml_hwprune.host.families.base import Family, MatrixRule, Parts
from hls4ml_hwprune.host.families.matrix import matrix_products
from hls4ml_hwprune.host.firmware.templates import kernel_config, one_kernel
from hls4ml_hwprune.host.node.kernels import is_stream, make_kernel
from hls4ml_hwprune.host.node.tensors import Tensor
from hls4ml_hwprune.host.node.weights import check_layout

_HEADERS = ('nnet_utils/nnet_dense_sparse.h', 'nnet_utils/nnet_dense_sparse_stream.h')


class SparseDense(Dense):
    """A Dense node with some of its multiplier slots gone."""


def _shape(node: Node, role: str = 'weight') -> tuple[int, int]:
    return int(node.get_attr('n_out')), int(node.get_attr('n_in'))


def _read(node: Node) -> Parts:
    n_out, n_in = _shape(node)
    check_layout(node, n_in, n_out)
    return Parts(kernels=(make_kernel(node, n_in, n_out, pairs=True),), gathers=True)


def _windows(node: Node, role: str, x: NDArray) -> NDArray:
    # hls4ml makes convolutions of dense layers that are applied along an axis.
    return x.reshape(len(x), -1, _shape(node)[1])


def _channels(node: Node, source: Tensor) -> NDArray[np.int64] | None:
    return source.channel if source.channel.size == _shape(node)[1] else None


def _values(node: Node, source: Tensor, channels: NDArray[np.int64]) -> NDArray[np.float64]:
    return source.value


def _resize(node: Node, rows: NDArray[np.bool_], channels: NDArray[np.bool_], inputs: NDArray[np.bool_]) -> NDArray:
    data = np.asarray(node.weights['weight'].data)[inputs][..., rows]
    node.set_attr('n_in', data.shape[0])
    node.set_attr('n_out', data.shape[-1])
    return data


def _configure(node: Node, params: dict[str, Any]) -> str:
    return kernel_config(node, params, f'config{node.index}')


def _from_windows(node: Node, gradient: NDArray) -> NDArray:
    return gradient


_MATRIX = MatrixRule(_shape, _windows, _from_windows, _channels, _values, _resize)
_SPARSE = one_kernel(
    nodes={'Dense': SparseDense},
    configure=_configure,
    function=lambda node: 'dense_sparse',
    headers=lambda node: _HEADERS if is_stream(node) else _HEADERS[:1],
)
# Functions and configurations have the same names in both dialects.
_SPARSE = replace(_SPARSE, dialects={QUARTUS: _SPARSE})
FAMILIES = (Family(classes=('Dense',), read=_read, rule=matrix_products(_MATRIX), matrix=_MATRIX, sparse=_SPARSE),)
