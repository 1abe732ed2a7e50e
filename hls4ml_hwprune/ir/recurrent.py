"""Recurrent layers: two kernels, the input's and the state's, run for every time step. Estimated, never pruned."""

from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.ir.parts import Parts, attribute_bits, make_kernel
from hls4ml_hwprune.records import Memory, Operation

_GATES = {'LSTM': 4, 'GRU': 3, 'SimpleRNN': 1}


def read(node: Node) -> Parts:
    """Kernels, gate activation tables and the element-wise products of the gates."""
    gates = _GATES[node.class_name]
    n_state = node.get_attr('n_out')
    kernels = (
        make_kernel(node, node.get_attr('n_in'), gates * n_state),
        make_kernel(node, n_state, gates * n_state, role='recurrent_weight', reuse='recurrent_reuse_factor'),
    )
    tables = Memory('table', node.get_attr('table_size', 1024), attribute_bits(node, 'table_t'), gates + 1)
    return Parts(
        kernels=kernels,
        memories=(tables,),
        operations=(Operation('merge', gates * n_state, attribute_bits(node, 'accum_t')),),
        repeats=int(node.get_attr('n_timesteps', 1)),
    )
