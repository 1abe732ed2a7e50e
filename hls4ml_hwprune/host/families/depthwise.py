"""Depthwise convolutions: a kernel for each channel; hls4ml splits separable ones into a depthwise and a pointwise layer.

Once slots are gone a depthwise layer is a sparse convolution of all channels, whose kernel keeps no weight between channels.
"""

from dataclasses import replace

import numpy as np
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.families import convolution
from hls4ml_hwprune.host.families.base import Family, Parts
from hls4ml_hwprune.host.firmware.templates import one_kernel
from hls4ml_hwprune.host.node.attributes import pruned_roles
from hls4ml_hwprune.host.node.kernels import is_stream, make_kernel, strategy_of
from hls4ml_hwprune.host.node.weights import set_data, weight_matrix


class SparseDepthwiseConv1D(convolution.SparseConv1D):
    """A DepthwiseConv1D node with some of its multiplier slots gone."""


class SparseDepthwiseConv2D(convolution.SparseConv2D):
    """A DepthwiseConv2D node with some of its multiplier slots gone."""


def _read(node: Node) -> Parts:
    """Each output sees the window of its own channel; several outputs a channel, which have no firmware, count as one."""
    n_out, n_in = convolution.kernel_shape(node)
    own = not pruned_roles(node)
    if own and _why_not(node):
        n_out, n_in = 1, int(np.size(node.weights['weight'].data))
    kernel = make_kernel(node, n_in, n_out, convolution.copies(node), source='window')
    return Parts(
        kernels=(replace(kernel, per_channel=own and n_out > 1),),
        memories=convolution.line_buffers(node),
        dimensions=convolution.dimensions(node),
    )


def _why_not(node: Node) -> str:
    if node.get_attr('n_filt') == node.get_attr('n_chan'):
        return ''
    return "it has several outputs a channel, which hls4ml's firmware does not have"


def _template_fails(node: Node) -> str:
    if is_stream(node) or strategy_of(node) != 'resource':
        return ''
    return (
        'hls4ml 1.3.0 has no io_parallel depthwise convolution of the Resource strategy and stops with an assertion; give '
        'it Strategy: Latency, or use io_stream'
    )


def _expand(node: Node) -> None:
    """Give a node the weights of a convolution of all channels, shape (*window, channels, outputs)."""
    n_out, n_in = convolution.kernel_shape(node)
    data = np.asarray(node.weights['weight'].data)
    set_data(node.weights['weight'], weight_matrix(node, n_in, n_out).T.reshape(*data.shape[:-1], n_out))


MATRIX = replace(convolution.MATRIX, per_channel=True)
_SPARSE = one_kernel(
    nodes={'DepthwiseConv1D': SparseDepthwiseConv1D, 'DepthwiseConv2D': SparseDepthwiseConv2D},
    configure=convolution.configure,
    function=convolution.function,
    headers=convolution.headers,
    prepare=_expand,
    why_not=lambda node: _why_not(node) or _template_fails(node),
)
FAMILIES = (
    Family(
        classes=('DepthwiseConv1D', 'DepthwiseConv2D'),
        read=_read,
        rule=convolution.PRODUCTS,
        matrix=MATRIX,
        sparse=_SPARSE,
        template_fails=_template_fails,
    ),
)
