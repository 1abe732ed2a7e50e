"""Every other layer: tables, element-wise arithmetic, and kernels of layers that are estimated but not pruned."""

from math import prod

import numpy as np
from hls4ml.model.layers import Layer as Node
from numpy.typing import NDArray

from hls4ml_hwprune.host.backends.target import read_target
from hls4ml_hwprune.host.families import recurrent
from hls4ml_hwprune.host.families import softmax_reader as softmax
from hls4ml_hwprune.host.node.kernels import (
    Parts,
    attribute_bits,
    elements,
    input_bits,
    is_stream,
    output_bits,
    weight_codes,
    width,
)
from hls4ml_hwprune.records import Kernel, Memory, Operation

# Activations that hls4ml reads from a table; the others are comparisons, shifts and adders.
_TABLED = ('sigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'selu', 'unary_lut')
_PARAMETRISED = ('leaky_relu', 'leakyrelu', 'prelu', 'thresholded_relu', 'thresholdedrelu')
_THRESHOLDS = ('binary_tanh', 'ternary_tanh')
_BATCHNORMS = ('BatchNormalization', 'ApplyAlpha')
# Nodes that are wires, and nodes that are wires unless they move a stream.
_WIRES = ('Input', 'InputLayer', 'Constant', 'Reshape', 'Flatten', 'TimeDistributed', 'LayerGroup', 'Quant', 'BipolarQuant')
_MOVES = ('Transpose', 'Repack', 'Clone', 'Broadcast', 'Concatenate', 'Resize', 'ZeroPadding', 'Cropping')
_BIASES = ('bias', 'biases')


def read(node: Node) -> Parts:
    """Parts of a layer by its class; an unknown class without weights counts as one pass over its elements."""
    kind = node.class_name
    if kind in _WIRES or (kind.startswith(_MOVES) and not is_stream(node)):
        return Parts()
    for match, reader in _READERS:
        if kind in match:
            return reader(node)
    if 'Pooling' in kind:
        return _pooling(node)
    if node.get_attr('activation') or kind == 'UnaryLUT':
        return _activation(node)
    if matrices := [name for name, variable in node.weights.items() if _is_matrix(name, variable.data)]:
        return Parts(kernels=tuple(_kernel(node, name) for name in matrices))
    return Parts(operations=(Operation(_moving(kind), elements(node), output_bits(node)),))


def _moving(kind: str) -> str:
    if kind.startswith('ZeroPadding'):
        return 'padding_1d' if kind.endswith('1D') else 'padding'
    return 'stream' if kind.startswith(_MOVES) else 'merge'


def _batchnorm(node: Node) -> Parts:
    scale = np.asarray(node.weights['scale'].data, float).reshape(1, -1)
    reuse = int(node.get_attr('reuse_factor', 1))
    operation = Operation(
        'batchnorm_shared' if reuse > 1 else 'batchnorm',
        elements(node),
        input_bits(node),
        codes=weight_codes(node, scale, 'scale').ravel(),
        weight_bits=attribute_bits(node, 'scale_t'),
        reuse_factor=reuse,
    )
    return Parts(operations=(operation,))


def _layernorm(node: Node) -> Parts:
    """Mean, variance and scaling: three passes of adders, and two products an element; one root from a table a position."""
    n, bits, reuse = int(node.get_output_variable().size()), input_bits(node), int(node.get_attr('reuse_factor', 1))
    positions = int(node.get_attr('seq_len', 1) or 1)
    table = Memory('table', int(node.get_attr('table_size', 1024) or 1024), attribute_bits(node, 'table_t'), positions)
    products = Operation('product', 3 * n, bits, weight_bits=attribute_bits(node, 'scale_t'), reuse_factor=reuse)
    return Parts(memories=(table,), operations=(Operation('merge', 3 * n, bits), products))


def _embedding(node: Node) -> Parts:
    """Every element of every lookup reads the whole table on its own."""
    words = int(np.size(node.weights['embeddings'].data))
    return Parts(memories=(Memory('table', words, attribute_bits(node, 'embeddings_t'), lookups=elements(node)),))


def _is_matrix(name: str, data: NDArray[np.float64]) -> bool:
    return not name.endswith(_BIASES) and np.ndim(data) > 1


def _kernel(node: Node, role: str) -> Kernel:
    """Weights of a layer that has no reader of its own (EinsumDense, GarNet and the like): all at once."""
    data = np.asarray(node.weights[role].data, float)
    matrix = data.reshape(-1, data.shape[-1]).T
    strategy = str(node.get_attr('strategy') or 'latency').lower()
    repeated = int(node.get_attr('n_free_data', 1) or 1)
    factor = int(node.get_attr('parallelization_factor', -1) or -1)
    return Kernel(
        layer=node.name,
        role=role,
        n_in=matrix.shape[1],
        n_out=matrix.shape[0],
        reuse_factor=int(node.get_attr('reuse_factor', 1)),
        strategy='resource' if strategy == 'resource' else 'latency',
        copies=min(factor, repeated) if factor > 0 else repeated,
        values=matrix,
        codes=weight_codes(node, matrix, role),
        input_bits=input_bits(node),
        weight_bits=width(node.weights[role].type.precision),
        accum_bits=attribute_bits(node, 'accum_t'),
        result_bits=output_bits(node),
        target=read_target(node.model),
    )


def _activation(node: Node) -> Parts:
    n, bits = elements(node), input_bits(node)
    activation = 'unary_lut' if node.class_name == 'UnaryLUT' else str(node.get_attr('activation')).lower()
    if activation in _TABLED:
        size = int(node.get_attr('table_size', 1024) or 1024)
        table = Memory('table', size, attribute_bits(node, 'table_t'), lookups=n)
        return Parts(memories=(table,), operations=(Operation('activation_table', n, bits),))
    kind = 'linear' if activation == 'linear' and output_bits(node) == bits else 'relu'
    if activation in _PARAMETRISED:
        kind = 'leaky_relu'
    elif activation.startswith('hard_'):
        kind = 'hard_activation' + (f'_saturated{"_stream" if is_stream(node) else ""}' if _is_saturated(node) else '')
    elif activation in _THRESHOLDS:
        kind = 'threshold'
    elif kind == 'relu':
        kind = f'relu{"_saturated" if _is_saturated(node) else ""}{"_stream" if is_stream(node) else ""}'
    return Parts(operations=(Operation(kind, n, bits),))


def _is_saturated(node: Node) -> bool:
    """Whether results are rounded or saturated, by the type of the output."""
    precision = node.get_output_variable().type.precision
    modes = f'{getattr(precision, "rounding_mode", "")} {getattr(precision, "saturation_mode", "")}'.upper()
    return 'RND' in modes or 'SAT' in modes.replace('SATURATION', '')


def _pooling(node: Node) -> Parts:
    """Pooling; in io_stream with its line buffer, `n` then counts channels with windows of 2 (1D) or 2 x 2."""
    n, bits, flat = elements(node), input_bits(node), node.class_name.endswith('1D')
    if node.class_name.startswith('Global'):
        steps = 1 if is_stream(node) else int(node.get_input_variable().size()) // n
        return Parts(operations=(Operation('pooling_parallel', n * steps, bits),))
    window = int(node.get_attr('pool_width', 1)) * (1 if flat else int(node.get_attr('pool_height', 1)))
    if not is_stream(node):
        return Parts(operations=(Operation('pooling_parallel', n * max(window - 1, 1), bits),))
    return Parts(operations=(Operation('pooling_1d' if flat else 'pooling', -(-n * window // (2 if flat else 4)), bits),))


def _merge(node: Node) -> Parts:
    """Element-wise arithmetic of two inputs; a product for each pair where they are multiplied."""
    n, bits = elements(node), input_bits(node)
    other = width(node.get_input_variable(node.inputs[-1]).type.precision)
    if node.class_name in ('Dot', 'Einsum', 'MatMul'):
        contracted = int(node.get_attr('n_contract', 0) or node.get_input_variable().shape[-1])
        pairs = prod((n, contracted))
        return Parts(operations=(Operation('product', pairs, bits, weight_bits=other), Operation('merge', pairs, bits)))
    if str(node.get_attr('op', '')).lower() == 'multiply':
        return Parts(operations=(Operation('product', n, bits, weight_bits=other),))
    return Parts(operations=(Operation('merge', n, output_bits(node)),))


def _thresholds(node: Node) -> Parts:
    return Parts(operations=(Operation('threshold', elements(node), input_bits(node)),))


_READERS = (
    (('Softmax',), softmax.read),
    (_BATCHNORMS, _batchnorm),
    (('LayerNormalization',), _layernorm),
    (('Embedding',), _embedding),
    (('Bidirectional',), recurrent.read_bidirectional),
    (('Merge', 'Dot', 'Einsum', 'MatMul', 'BiasAdd'), _merge),
    (('BatchNormalizationQuantizedTanh',), _thresholds),
)
