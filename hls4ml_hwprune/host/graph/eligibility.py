"""Which nodes can be pruned, and in words why others cannot."""

import numpy as np
from hls4ml.model.layers import Layer as Node
from hls4ml.model.types import ExponentPrecisionType, XnorPrecisionType

from hls4ml_hwprune.host.node.precision import is_fixed_point
from hls4ml_hwprune.host.node.weights import is_port
from hls4ml_hwprune.records import PRUNABLE

# Layers with weights but without a sparse kernel: what multiplies in them, and what makes them smaller.
_FEWER = 'a higher ReuseFactor of its own takes fewer multipliers'
_WITHOUT_KERNEL = {
    'LSTM': f'it is recurrent and has no sparse kernel; {_FEWER}',
    'GRU': f'it is recurrent and has no sparse kernel; {_FEWER}',
    'SimpleRNN': f'it is recurrent and has no sparse kernel; {_FEWER}',
    'BatchNormalization': f'it multiplies each channel by a constant and has no sparse kernel; {_FEWER}, and none are left '
    'where it is folded into the layer before',
    'ApplyAlpha': 'it multiplies each output by the scale of a quantizer and has no sparse kernel; a quantizer with '
    'alpha=1, or with scales that are powers of two, needs none',
    'Conv2DBatchnorm': 'it is a convolution merged with a batch normalisation and has no sparse kernel',
}


def why_not_pruned(node: Node) -> str:
    """Reason for which a node with weights is not pruned; empty for one that can be, and for nodes without weights."""
    if not node.weights or node.class_name.startswith('Sparse'):
        return ''
    if node.class_name not in PRUNABLE:
        return _WITHOUT_KERNEL.get(node.class_name, f'{node.class_name} has no sparse kernel')
    return _strategy(node) or _precision(node) or _storage(node)


def dense_template_fails(node: Node) -> bool:
    """Whether hls4ml 1.3.0's own template for this node is wrong, so that the sparse one is better even with all slots.

    Its io_parallel convolutions index past the window for a reuse factor above window x channels: the Vivado template
    stops with an assertion, the Vitis one computes wrong sums.
    """
    if 'Conv' not in node.class_name or str(node.get_attr('strategy')).lower() != 'resource':
        return False
    return node.model.config.get_config_value('IOType') == 'io_parallel' and node.get_attr('reuse_factor') > _n_in(node)


def why_template_fails(node: Node) -> str:
    """Say of a convolution that keeps hls4ml's own template why that cannot be, and what to change; empty where it can."""
    if node.class_name not in PRUNABLE or not dense_template_fails(node):
        return ''
    n_in, reuse_factor = _n_in(node), node.get_attr('reuse_factor')
    return (
        f"layer {node.name!r}: ReuseFactor {reuse_factor} is above window x channels ({n_in}), where hls4ml's own "
        f'io_parallel convolutions stop with an assertion or add up wrong sums; set it to {n_in} or below, use io_stream, '
        f'or let the layer be pruned, which gives it a kernel that can'
    )


def _n_in(node: Node) -> int:
    """Count the inputs of the kernel of a convolution."""
    return int(node.get_attr('filt_height', 1) * node.get_attr('filt_width') * node.get_attr('n_chan'))


def _strategy(node: Node) -> str:
    strategy = str(node.get_attr('strategy')).lower()
    if strategy in ('resource', 'latency'):
        return ''
    return f'strategy "{strategy}" is not pruned, only "resource" and "latency" are'


def _precision(node: Node) -> str:
    precision = node.weights['weight'].type.precision
    if is_fixed_point(precision):
        return ''
    if isinstance(precision, XnorPrecisionType):
        return 'its weights are binary, +1 or -1, and cannot be zero'
    if isinstance(precision, ExponentPrecisionType):
        return 'its weights are powers of two and cannot be zero'
    return f'its weights are of type {precision}, not fixed-point'


def _storage(node: Node) -> str:
    if not is_port(node):
        return ''
    n_weights = int(np.prod(node.weights['weight'].shape))
    return f'BramFactor makes its weights a port of the design; a BramFactor of {n_weights} or more keeps them inside'
