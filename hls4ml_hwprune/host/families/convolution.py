"""Convolutions: one kernel over the window, run for every output position."""

from dataclasses import replace

from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.node.kernels import Parts, input_bits, make_kernel
from hls4ml_hwprune.records import Memory


def read(node: Node) -> Parts:
    """Kernel of filter height x width x channels by filters."""
    return Parts(
        kernels=(make_kernel(node, _window(node) * node.get_attr('n_chan'), node.get_attr('n_filt'), _copies(node)),),
        memories=_line_buffers(node),
    )


def read_depthwise(node: Node) -> Parts:
    """Depthwise kernel: each channel sees its own window only, so the matrix is (1, window x channels)."""
    kernel = make_kernel(node, _window(node) * node.get_attr('n_chan'), 1, _copies(node))
    return Parts(kernels=(replace(kernel, kept=None),), memories=_line_buffers(node))


def _window(node: Node) -> int:
    return node.get_attr('filt_height', 1) * node.get_attr('filt_width')


def _is_parallel(node: Node) -> bool:
    return node.model.config.get_config_value('IOType') == 'io_parallel'


def _outputs(node: Node) -> int:
    return node.get_attr('out_height', 1) * node.get_attr('out_width')


def _copies(node: Node) -> int:
    # Only the io_parallel templates look at ParallelizationFactor.
    return _outputs(node) // int(node.get_attr('n_partitions', 1)) if _is_parallel(node) else 1


def _line_buffers(node: Node) -> tuple[Memory, ...]:
    """Rows that an io_stream 2D convolution holds back: filter height - 1 of them, a shift register a channel."""
    rows = node.get_attr('filt_height', 1) - 1
    if _is_parallel(node) or rows < 1:
        return ()
    return (Memory('line', node.get_attr('in_width'), input_bits(node), rows * node.get_attr('n_chan')),)
