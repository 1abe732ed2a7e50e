"""Templates of sparse nodes for hls4ml's `apply_templates` flow: configuration and function call."""

from collections.abc import Callable, Mapping
from typing import Any

from hls4ml.backends.backend import get_backend
from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.firmware.cpp import (
    BIAS_CONFIG,
    BIAS_KERNEL_CONFIG,
    KERNEL_MEMBERS,
    KERNEL_TABLES,
    SPARSE_CONFIG,
    declare_kernel,
    declare_table,
    define_table,
    lane_groups,
)
from hls4ml_hwprune.host.firmware.sparse import SparseKernel
from hls4ml_hwprune.host.node.attributes import packed_kernel, pruned_roles
from hls4ml_hwprune.host.node.reuse import reuse_attribute
from hls4ml_hwprune.host.node.weights import bias_role

#: Header of kernels with paired slots.
PAIRS_HEADER = 'nnet_utils/nnet_sparse_pairs.h'
#: Header of kernels that keep no weight.
BIAS_HEADER = 'nnet_utils/nnet_bias_only.h'


def packed_of(node: Node, role: str = 'weight') -> dict[str, Any]:
    """Packed kernel of a node that went through packing."""
    packed = packed_kernel(node, role)
    assert packed is not None  # templates come after packing
    return packed


def kernel_kind(node: Node, role: str = 'weight') -> str:
    """Kind of a node's kernel: 'latency', 'resource', or 'resource_lut' for few weights, whose place the tool chooses."""
    packed = packed_of(node, role)
    if packed['template'] == 'latency':
        return 'latency'
    # Models of older versions, when saved, say nothing of the memory.
    return 'resource' if packed.get('rom_in_blocks', True) else 'resource_lut'


def kernel_config(node: Node, params: dict[str, Any], name: str, role: str = 'weight', *, single: bool = True) -> str:
    """Format the configuration of the kernel itself: a struct `name` and its tables.

    Parameters
    ----------
    node : Layer
    params : dict
        Values that hls4ml gives templates.
    name : str
    role : str
    single : bool
        Whether the layer calls the kernel for one product at a time; io_parallel convolutions do several side by side.
    """
    packed = packed_of(node, role)
    params = _kernel_params(node, params, role) | {'name': name, 'n_kept': packed['n_kept']}
    if packed['n_kept'] == 0:
        return BIAS_KERNEL_CONFIG.format(**params)
    params['n_weights'] = node.get_weights(role).data_length
    params['kernel'] = declare_kernel(kernel_kind(node, role)) if single else ''
    tables, words = packed['tables'], KERNEL_TABLES[packed['template']]
    groups = lane_groups(packed['n_legs']) if packed['n_legs'] else ''
    value_t = params['weight_t'].name
    params['members'] = KERNEL_MEMBERS[packed['template']].format(
        name=name, groups=groups, value_t=value_t, **packed['sizes']
    )
    # Words of the memory have a type of their own where they hold two weights.
    params['weight_t'] = node.get_weights(role).type
    sizes = {table: size.format(**packed['sizes']) for table, (size, _) in words.items()}
    params['tables'] = ''.join(declare_table(table, size, tables[table]) for table, size in sizes.items())
    definitions = (define_table(name, table, word, tables[table]) for table, (_, word) in words.items())
    return SPARSE_CONFIG.format(**params) + ''.join(definitions)


def _kernel_params(node: Node, params: dict[str, Any], role: str = 'weight') -> dict[str, Any]:
    packed, weights, biases = packed_of(node, role), node.get_attr(f'{role}_t'), node.get_attr(f'{bias_role(role)}_t')
    product_type = get_backend('vivado').product_type(node.get_input_variable().type.precision, weights.precision)
    own = {'weight_t': weights, 'bias_t': biases, 'reuse': node.get_attr(reuse_attribute(role))}
    return params | own | {'n_in': packed['n_in'], 'n_out': packed['n_out'], 'product_type': product_type}


def one_kernel(
    nodes: Mapping[str, type[Node]],
    configure: Callable[[Node, dict[str, Any]], str],
    function: Callable[[Node], str],
    headers: Callable[[Node], tuple[str, ...]],
    **others: Any,
) -> SparseKernel:
    """Firmware of layers that have one kernel each, or only their biases where it keeps nothing.

    Parameters
    ----------
    nodes, configure, headers
        As for `SparseKernel`, of nodes whose kernel keeps a weight.
    function : callable
        From such a node to the name of its function in `nnet_utils`.
    **others
        Further fields of `SparseKernel`.
    """

    def keeps(node: Node) -> bool:
        return bool(packed_of(node)['n_kept'])

    def call(node: Node, params: dict[str, Any]) -> str:
        weights = [node.get_weights('weight').name] if keeps(node) else []
        arguments = [params['input'], params['output'], *weights, node.get_weights('bias').name]
        types = f'{params["input_t"]}, {params["output_t"]}, {params["config"]}'
        return f'nnet::{function(node) if keeps(node) else "bias_only"}<{types}>({", ".join(arguments)});'

    return SparseKernel(
        nodes,
        lambda node, params: configure(node, params) if keeps(node) else _bias_config(node, params),
        call,
        lambda node: headers(node) if keeps(node) else (BIAS_HEADER,),
        **others,
    )


def _bias_config(node: Node, params: dict[str, Any]) -> str:
    """Format the configuration of a layer that keeps no weight."""
    variable, source = node.get_output_variable(), node.get_input_variable()
    params = _kernel_params(node, params) | {'name': f'config{node.index}'}
    params['n_data'] = source.size()
    params['n_positions'] = variable.size() // params['n_out']
    return BIAS_CONFIG.format(**params)


class SparseConfig(LayerConfigTemplate):
    """Configuration of the sparse nodes of one family."""

    def __init__(self, kernel: SparseKernel) -> None:
        super().__init__(tuple(dict.fromkeys(kernel.nodes.values())))
        self._kernel = kernel

    def format(self, node: Node) -> str:
        """C++ of the configuration."""
        return self._kernel.configure(node, self._default_config_params(node))


class SparseCall(FunctionCallTemplate):
    """The call of a sparse layer of one family, and the headers that it needs."""

    def __init__(self, kernel: SparseKernel) -> None:
        super().__init__(tuple(dict.fromkeys(kernel.nodes.values())))
        self._kernel = kernel

    def transform(self, model: Any, node: Node) -> bool:
        """Set the call and the headers on the node."""
        paired = any(packed_of(node, role)['template'].endswith('_pairs') for role in pruned_roles(node))
        node.set_attr('include_header', [*self._kernel.headers(node), *([PAIRS_HEADER] if paired else [])])
        node.set_attr(self.attribute_name, self.format(node))
        return False

    def format(self, node: Node) -> str:
        """C++ of the call."""
        return self._kernel.call(node, self._default_function_params(node))
