"""Which rule each class of hls4ml's nodes has; the others have none and stop gradients."""

from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import XnorPrecisionType

from hls4ml_hwprune.host.families.activations import ACTIVATION, HARD, PRELU
from hls4ml_hwprune.host.families.base import Rule
from hls4ml_hwprune.host.families.depthwise import DEPTHWISE
from hls4ml_hwprune.host.families.lookups import LOOKUP
from hls4ml_hwprune.host.families.matrix import KERNEL
from hls4ml_hwprune.host.families.merging import CONCATENATE, DOT, MERGE
from hls4ml_hwprune.host.families.normalization import SCALING
from hls4ml_hwprune.host.families.pooling import POOLING
from hls4ml_hwprune.host.families.reshaping import BROADCAST, CROPPING, PADDING, RESIZE, SAME, TRANSPOSE
from hls4ml_hwprune.host.families.softmax import SOFTMAX

# By the class name that hls4ml gives the node, without the "Sparse" of this package's own nodes.
_RULES = {
    'Dense': KERNEL,
    'Conv1D': KERNEL,
    'Conv2D': KERNEL,
    'PointwiseConv1D': KERNEL,
    'PointwiseConv2D': KERNEL,
    'Conv2DBatchnorm': KERNEL,
    'DepthwiseConv1D': DEPTHWISE,
    'DepthwiseConv2D': DEPTHWISE,
    'BatchNormalization': SCALING,
    'ApplyAlpha': SCALING,
    'Activation': ACTIVATION,
    'ParametrizedActivation': ACTIVATION,
    'TernaryTanh': ACTIVATION,
    'HardActivation': HARD,
    'PReLU': PRELU,
    'Softmax': SOFTMAX,
    'UnaryLUT': LOOKUP,
    'FixedPointQuantizer': SAME,
    'Pooling1D': POOLING,
    'Pooling2D': POOLING,
    'GlobalPooling1D': POOLING,
    'GlobalPooling2D': POOLING,
    'Reshape': SAME,
    'Repack': SAME,
    'Clone': SAME,
    'Transpose': TRANSPOSE,
    'Broadcast': BROADCAST,
    'ZeroPadding1D': PADDING,
    'ZeroPadding2D': PADDING,
    'Cropping1D': CROPPING,
    'Cropping2D': CROPPING,
    'Resize': RESIZE,
    'Merge': MERGE,
    'Dot': DOT,
    'Concatenate': CONCATENATE,
}


def rule_of(node: Node) -> Rule | None:
    """Rule of a node, None if there is none."""
    rule = _RULES.get(node.class_name.removeprefix('Sparse'))
    if rule is None or not rule.applies(node) or _reads_signs(node):
        return None
    return rule


def has_kernel(node: Node) -> bool:
    """Whether the node's rule multiplies by a matrix that can be replaced."""
    return rule_of(node) is KERNEL


def _reads_signs(node: Node) -> bool:
    """Whether an input is of signs, whose firmware values 0 and 1 stand for -1 and 1."""
    return any(isinstance(node.get_input_variable(name).type.precision, XnorPrecisionType) for name in node.inputs)
