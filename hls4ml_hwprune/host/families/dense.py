"""Dense layers."""

from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.node.kernels import Parts, make_kernel


def read(node: Node) -> Parts:
    """One kernel, run once."""
    return Parts(kernels=(make_kernel(node, node.get_attr('n_in'), node.get_attr('n_out')),))
