"""Every other layer: tables, element-wise arithmetic, and kernels of layers that are estimated but not pruned."""

import numpy as np
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.ir.parts import Parts, attribute_bits, input_bits, output_bits, weight_codes
from hls4ml_hwprune.records import Kernel, Memory, Operation

# Activations that hls4ml reads from a table; the others are comparisons, shifts and adders.
_TABLED = ('sigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'selu', 'unary_lut')
_POOLING = ('Pooling1D', 'Pooling2D', 'GlobalPooling1D', 'GlobalPooling2D')
# Nodes that are wires.
_WIRES = ('Input', 'InputLayer', 'Constant', 'Reshape', 'Flatten', 'Repack', 'Transpose')


def read(node: Node) -> Parts:
    """Parts of a layer by its class; an unknown class without weights counts as one pass over its elements."""
    kind = node.class_name
    if kind in _WIRES:
        return Parts()
    if kind == 'Softmax':
        return _softmax(node)
    if kind == 'BatchNormalization':
        return _batchnorm(node)
    if 'weight' in node.weights and kind != 'Embedding':
        return _matrix(node)
    if kind == 'Embedding':
        return Parts(memories=(Memory('table', node.get_attr('vocab_size', 1), _row_bits(node)),))
    return _elementwise(node)


def _elements(node: Node) -> int:
    """Elements handled side by side: all of them, or those of one pack of a stream."""
    variable = node.get_output_variable()
    parallel = node.model.config.get_config_value('IOType') == 'io_parallel'
    return int(variable.size() if parallel else variable.shape[-1])


def _softmax(node: Node) -> Parts:
    n = _elements(node)
    size = int(node.get_attr('table_size', 1024))
    exponentials = int(node.get_attr('exp_table_size', size) or size)
    inverses = int(node.get_attr('inv_table_size', size) or size)
    implementation = node.get_attr('implementation', 'stable')
    if implementation == 'argmax':
        return Parts(operations=(Operation('merge', n, input_bits(node)),))
    # Two ports a block: two lookups share one copy of the exponential table.
    tables = (
        Memory('table', exponentials, attribute_bits(node, 'exp_table_t'), -(-n // 2)),
        Memory('table', inverses, attribute_bits(node, 'inv_table_t')),
    )
    product = Operation('softmax', n, attribute_bits(node, 'exp_table_t'), weight_bits=attribute_bits(node, 'inv_table_t'))
    return Parts(memories=tables, operations=(product,))


def _batchnorm(node: Node) -> Parts:
    scale = np.asarray(node.weights['scale'].data, float).reshape(1, -1)
    operation = Operation(
        'batchnorm',
        _elements(node),
        input_bits(node),
        codes=weight_codes(node, scale, 'scale').ravel(),
        weight_bits=attribute_bits(node, 'scale_t'),
        reuse_factor=int(node.get_attr('reuse_factor', 1)),
    )
    return Parts(operations=(operation,))


def _matrix(node: Node) -> Parts:
    """Read a layer with a weight matrix that has no reader of its own (EinsumDense and the like): all weights at once."""
    data = np.asarray(node.weights['weight'].data, float)
    matrix = data.reshape(1, -1) if data.ndim < 2 else data.reshape(-1, data.shape[-1]).T
    kernel = Kernel(
        layer=node.name,
        role='weight',
        n_in=matrix.shape[1],
        n_out=matrix.shape[0],
        reuse_factor=int(node.get_attr('reuse_factor', 1)),
        strategy='resource' if str(node.get_attr('strategy')).lower() == 'resource' else 'latency',
        copies=1,
        values=matrix,
        codes=weight_codes(node, matrix),
        input_bits=input_bits(node),
        weight_bits=attribute_bits(node, 'weight_t'),
        accum_bits=attribute_bits(node, 'accum_t'),
    )
    return Parts(kernels=(kernel,))


def _row_bits(node: Node) -> int:
    return int(node.get_output_variable().shape[-1]) * output_bits(node)


def _elementwise(node: Node) -> Parts:
    n, bits = _elements(node), output_bits(node)
    activation = str(node.get_attr('activation', '')).lower()
    if activation in _TABLED:
        table = Memory('table', int(node.get_attr('table_size', 1024)), attribute_bits(node, 'table_t'), n)
        return Parts(memories=(table,), operations=(Operation('activation_table', n, input_bits(node)),))
    if activation:
        return Parts(operations=(Operation('relu', n, bits) if activation != 'linear' else Operation('linear', n, bits),))
    if node.class_name in _POOLING:
        return Parts(operations=(Operation('pooling', n, bits),))
    if 'Merge' in node.class_name or node.class_name in ('Concatenate', 'Dot'):
        return Parts(operations=(Operation('merge', n, bits),))
    return Parts(operations=(Operation('stream', n, bits),))
