"""Recurrent layers: two kernels, the input's and the state's, run for every time step. Estimated, never pruned."""

import numpy as np
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.families.base import Family, Parts
from hls4ml_hwprune.host.node.kernels import attribute_bits, kernel_of_matrix, make_kernel
from hls4ml_hwprune.host.node.reuse import reuse_attribute
from hls4ml_hwprune.records import Kernel, Memory, Operation

_GATES = {'LSTM': 4, 'GRU': 3, 'SimpleRNN': 1}
# Products of a state beside those of the kernels: of a GRU exact on the DSPs of 4 designs of 20, 120 and 128 states.
_PRODUCTS = {'LSTM': 3, 'GRU': 3, 'SimpleRNN': 0}
# Times that a state passes the activation, and the recurrent activation.
_ACTIVATIONS = {'LSTM': (2, 3), 'GRU': (1, 2), 'SimpleRNN': (1, 0)}
_TABLED = ('sigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'selu')
_DIRECTIONS = ('forward', 'backward')


def _read(node: Node) -> Parts:
    """Kernels, gate activation tables and the element-wise products of the gates."""
    kind = node.class_name
    gates, n_state = _GATES[kind], int(node.get_attr('n_out'))
    kernels = (
        make_kernel(node, node.get_attr('n_in'), gates * n_state, source='state'),
        make_kernel(node, n_state, gates * n_state, role='recurrent_weight', source='state'),
    )
    return _parts(node, kernels, _tables(node, kind, n_state), gates * n_state, _PRODUCTS[kind] * n_state)


def _read_bidirectional(node: Node) -> Parts:
    """Both directions of a recurrent layer, side by side."""
    kernels: tuple[Kernel, ...] = ()
    tables: tuple[Memory, ...] = ()
    states = products = 0
    for direction in _DIRECTIONS:
        kind = str(node.get_attr(f'{direction}_class_name', 'LSTM'))
        kernels += tuple(_kernel(node, direction, role) for role in ('weight', 'recurrent_weight'))
        n_state = kernels[-1].n_in
        tables += _tables(node, kind, n_state, f'{direction}_')
        states += _GATES.get(kind, 1) * n_state
        products += _PRODUCTS.get(kind, 0) * n_state
    return _parts(node, kernels, tables, states, products)


def _parts(node: Node, kernels: tuple[Kernel, ...], tables: tuple[Memory, ...], n: int, n_products: int) -> Parts:
    bits = attribute_bits(node, 'accum_t')
    gates = Operation('merge', n, bits), Operation('product', n_products, bits, weight_bits=bits)
    return Parts(kernels=kernels, memories=tables, operations=gates, repeats=int(node.get_attr('n_timesteps', 1)))


def _tables(node: Node, kind: str, n_state: int, prefix: str = '') -> tuple[Memory, ...]:
    """One table an activation function, copied for its lookups: GRU of 64 states: 64 of sigmoid, 32 of tanh, as reported."""
    names = (f'{prefix}activation', f'{prefix}recurrent_activation')
    size, bits = int(node.get_attr('table_size', 1024) or 1024), attribute_bits(node, 'table_t')
    found = []
    for name, passes in zip(names, _ACTIVATIONS.get(kind, (1, 0)), strict=True):
        if passes and str(node.get_attr(name, 'tanh')).lower() in _TABLED:
            found.append(Memory('table', size, bits, lookups=passes * n_state))
    return tuple(found)


def _kernel(node: Node, direction: str, role: str) -> Kernel:
    """Weights of one direction, (n_in, gates x n_state) as Keras has them unless the strategy turned them."""
    name = f'{direction}_{role}'
    data = np.asarray(node.weights[name].data, float)
    n_in = int(node.get_input_variable().shape[-1])
    if role == 'recurrent_weight':
        # States: the matrix has n_state rows and 1, 3 or 4 times as many columns.
        n_in = min(data.shape)
    matrix = data.T if data.shape[0] == n_in else data
    return kernel_of_matrix(node, name, matrix, int(node.get_attr(reuse_attribute(name), 1)), source='state')


_FEWER = 'it is recurrent and has no sparse kernel; a higher ReuseFactor of its own takes fewer multipliers'
FAMILIES = (
    Family(classes=('LSTM', 'GRU', 'SimpleRNN'), read=_read, why_dense=_FEWER),
    Family(classes=('Bidirectional',), read=_read_bidirectional),
)
