"""Sources of a layer's inputs: registers, ports or streams, and their signs."""

from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.families.base import Output
from hls4ml_hwprune.host.families.registry import family_of
from hls4ml_hwprune.host.node.kernels import is_stream

_POSITIVE = ('relu', 'sigmoid', 'softplus', 'hard_sigmoid', 'thresholdedrelu', 'softmax')


def source_of(node: Node) -> str:
    """Source of the inputs of a kernel without windows or states, as in `Kernel.source`."""
    if is_stream(node):
        return 'stream'
    before = _before(node, Output.RENAMED)
    return 'port' if before is None or family_of(before).is_input else 'layer'


def is_never_negative(node: Node) -> bool:
    """Whether a layer's inputs are unsigned, or come from a ReLU through layers that keep signs."""
    if not getattr(node.get_input_variable().type.precision, 'signed', True):
        return True
    before = _before(node, Output.SIGNED_AS_READ)
    return before is not None and str(before.get_attr('activation', '')).lower() in _POSITIVE


def _before(node: Node, least: Output) -> Node | None:
    """Last layer before a node that does more to its elements than layers of the kind `least` do."""
    before = node.get_input_node()
    while before is not None and family_of(before).output >= least:
        before = before.get_input_node()
    return before
