"""Convolutions: one kernel over the window, run for every output position."""

from math import prod
from typing import Any

import numpy as np
from hls4ml.backends.quartus.passes.convolution_templates import conv2d_config_template
from hls4ml.model.layers import Conv1D, Conv2D, Conv2DBatchnorm
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.base import QUARTUS
from hls4ml_hwprune.host.backends.registry import backend_of
from hls4ml_hwprune.host.families.base import Family, MatrixRule, Parts
from hls4ml_hwprune.host.families.matrix import matrix_products
from hls4ml_hwprune.host.firmware.cpp import CONV_CONFIGS, ONE_ROW
from hls4ml_hwprune.host.firmware.templates import kernel_config, kernel_kind, one_kernel
from hls4ml_hwprune.host.node.attributes import POINTWISE
from hls4ml_hwprune.host.node.kernels import input_bits, is_stream, make_kernel, strategy_of
from hls4ml_hwprune.host.node.tensors import Tensor
from hls4ml_hwprune.host.node.weights import check_layout
from hls4ml_hwprune.host.node.windows import as_image, geometry, positions, scatter, views
from hls4ml_hwprune.records import Memory

_POINTWISE = ('PointwiseConv1D', 'PointwiseConv2D')
_HEADERS = {True: ('nnet_utils/nnet_conv_sparse_stream.h',), False: ('nnet_utils/nnet_conv_sparse.h',)}
_SIDES = ('top', 'bottom', 'left', 'right')


class SparseConv1D(Conv1D):
    """A Conv1D or PointwiseConv1D node with some of its multiplier slots gone."""


class SparseConv2D(Conv2D):
    """A Conv2D or PointwiseConv2D node with some of its multiplier slots gone."""


def kernel_shape(node: Node, role: str = 'weight') -> tuple[int, int]:
    """Return the number of filters, and filter height x width x channels."""
    return int(node.get_attr('n_filt')), prod(geometry(node).size) * int(node.get_attr('n_chan'))


def _read(node: Node) -> Parts:
    n_out, n_in = kernel_shape(node)
    if not isinstance(node, Conv2DBatchnorm):
        check_layout(node, n_in, n_out)
    kernel = make_kernel(node, n_in, n_out, copies(node), source='window', pairs=True)
    return Parts(kernels=(kernel,), memories=line_buffers(node), dimensions=dimensions(node))


def dimensions(node: Node) -> int:
    """Dimensions of the images: 1 or 2."""
    return 2 if '2D' in node.class_name else 1


def copies(node: Node) -> int:
    """Output positions calculated side by side: only io_parallel templates look at ParallelizationFactor."""
    return 1 if is_stream(node) else backend_of(node.model).copies(node)


def line_buffers(node: Node) -> tuple[Memory, ...]:
    """Rows that an io_stream 2D convolution holds back: filter height - 1 of them, a shift register a channel."""
    rows = node.get_attr('filt_height', 1) - 1
    if not is_stream(node) or rows < 1:
        return ()
    return (Memory('line', node.get_attr('in_width'), input_bits(node), rows * node.get_attr('n_chan')),)


def _windows(node: Node, role: str, x: NDArray) -> NDArray:
    """Rows of the window, columns, channels: the order of the columns of `weight_matrix`."""
    windows = views(as_image(x), geometry(node))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(len(x), -1, kernel_shape(node)[1])


def _from_windows(node: Node, gradient: NDArray) -> NDArray:
    shape = (len(gradient), *node.get_input_variable().shape)
    image = (shape[0], 1, *shape[1:]) if len(shape) == 3 else shape
    place = geometry(node)
    taps = gradient.reshape(len(gradient), *positions(image, place), prod(place.size), image[-1])
    return scatter(np.moveaxis(taps, 3, 0), place, image)


def _channels(node: Node, source: Tensor) -> NDArray[np.int64] | None:
    n_chan = int(node.get_attr('n_chan'))
    if not source.channels_last or n_chan != source.n_channels or node.get_attr('data_format') == 'channels_first':
        return None
    return np.tile(np.arange(n_chan), prod(geometry(node).size))


def _values(node: Node, source: Tensor, channels: NDArray[np.int64]) -> NDArray[np.float64]:
    values = source.channel_values()[channels]
    # At the border a window sees zeros.
    padded = any(node.get_attr(f'pad_{side}', 0) for side in _SIDES)
    return np.where(values == 0, 0.0, np.nan) if padded else values


def _resize(node: Node, rows: NDArray[np.bool_], channels: NDArray[np.bool_], inputs: NDArray[np.bool_]) -> NDArray:
    node.set_attr('n_chan', int(channels.sum()))
    node.set_attr('n_filt', int(rows.sum()))
    return np.asarray(node.weights['weight'].data)[..., channels, :][..., rows]


def _template_fails(node: Node) -> str:
    """Faults of hls4ml 1.3.0: windows that its loops index past, and memories that its Quartus writer has no sizes of.

    For a reuse factor above window x channels the io_parallel template of Vivado stops with an assertion, that of Vitis
    computes wrong sums.
    """
    (n_out, n_in), reuse_factor, backend = kernel_shape(node), node.get_attr('reuse_factor'), backend_of(node.model)
    if backend.most_weights is not None and reuse_factor > 1 and n_in * n_out > backend.most_weights:
        return (
            f'hls4ml cannot write a convolution of {n_in * n_out} weights for {backend.name} at ReuseFactor {reuse_factor}, '
            f'only of {backend.most_weights}; set it to 1, or let the layer be pruned, which gives it a kernel that can'
        )
    if is_stream(node) or strategy_of(node) != 'resource' or not backend.window_limit or reuse_factor <= n_in:
        return ''
    return (
        f"ReuseFactor {reuse_factor} is above window x channels ({n_in}), where hls4ml's own io_parallel convolutions stop "
        f'with an assertion or add up wrong sums; set it to {n_in} or below, use io_stream, or let the layer be pruned, '
        'which gives it a kernel that can'
    )


def _turned_early(node: Node) -> bool:
    """Weights merged with a batch normalisation are transposed when the node is made, on Vivado, and once more by a pass."""
    configured = node.model.config.is_resource_strategy(node)
    return isinstance(node, Conv2DBatchnorm) and configured and backend_of(node.model).turns_merged


def _mend(node: Node) -> None:
    node.set_attr('reuse_factor', kernel_shape(node)[1])


def configure(node: Node, params: dict[str, Any]) -> str:
    """Format the configuration of the kernel, and that of the loops around it."""
    params = ONE_ROW | params | {'name': f'config{node.index}'}
    params['n_positions'] = node.get_attr('out_height', 1) * node.get_attr('out_width')
    params['instructions'] = node.get_attr('instructions', '0')
    for axis in ('height', 'width'):
        size = params[f'in_{axis}']
        scaled = node.get_attr(f'min_{axis}', size)
        params[f'min_{axis}'] = scaled
        params[f'scale_{axis}'] = 'scale_index_unscaled' if scaled == size else 'scale_index_regular'
    loops = CONV_CONFIGS[function(node)][f'{dimensions(node)}d']
    return kernel_config(node, params, f'config{node.index}_mult', single=is_stream(node)) + '\n' + loops.format(**params)


def function(node: Node) -> str:
    """Return the function of the convolution: in io_stream by line buffer or encoded, pointwise ones by line buffer."""
    if not is_stream(node):
        return f'conv_sparse_{kernel_kind(node)}'
    encoded = node.get_attr('implementation') == 'encoded' and not node.get_attr(POINTWISE)
    return f'conv_sparse_{"encoded" if encoded else "buffer"}_cl'


def headers(node: Node) -> tuple[str, ...]:
    """Headers of the function."""
    return _HEADERS[is_stream(node)]


def _configure_im2col(node: Node, params: dict[str, Any]) -> str:
    """Format the configuration of the kernel, and hls4ml's own of the loops of the Quartus back end around it."""
    name = f'config{node.index}_mult'
    params = ONE_ROW | {'out_height': 1, 'impl_filt_height': 1} | params | {'config_t': name}
    return kernel_config(node, params, name) + '\n' + conv2d_config_template.format(**params)


def _writer_sizes(node: Node) -> dict[str, Any]:
    """Sizes that hls4ml's Quartus writer asks all layers of many weights for, and only dense layers have."""
    n_out, n_in = kernel_shape(node)
    return {'n_in': n_in, 'n_out': n_out}


def _why_not_im2col(node: Node) -> str:
    implementation = node.get_attr('implementation')
    if is_stream(node) or implementation == 'im2col':
        return ''
    return f'its Implementation {implementation} may multiply transformed weights (Winograd), only im2col is pruned'


MATRIX = MatrixRule(kernel_shape, _windows, _from_windows, _channels, _values, _resize)
PRODUCTS = matrix_products(MATRIX)
_NODES: dict[str, type[Node]] = {
    'Conv1D': SparseConv1D,
    'PointwiseConv1D': SparseConv1D,
    'Conv2D': SparseConv2D,
    'PointwiseConv2D': SparseConv2D,
    'Conv2DBatchnorm': SparseConv2D,
}
_IM2COL = one_kernel(
    nodes=_NODES,
    configure=_configure_im2col,
    function=lambda node: 'conv_sparse',
    headers=headers,
    attributes=_writer_sizes,
    why_not=_why_not_im2col,
)
_SPARSE = one_kernel(
    nodes=_NODES,
    configure=configure,
    function=function,
    headers=headers,
    attributes=lambda node: {POINTWISE: node.class_name in _POINTWISE},
    dialects={QUARTUS: _IM2COL},
)
FAMILIES = (
    Family(
        classes=('Conv1D', 'Conv2D', 'Conv2DBatchnorm', *_POINTWISE),
        read=_read,
        rule=PRODUCTS,
        matrix=MATRIX,
        sparse=_SPARSE,
        template_fails=_template_fails,
        mend=_mend,
        turned_early=_turned_early,
    ),
)
