"""The templates that hls4ml's `apply_templates` flow uses for the sparse nodes: configuration and function call."""

from typing import Any

from hls4ml.backends.backend import get_backend
from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate
from hls4ml.model.layers import Layer as Node

from hls4ml_hwprune.host.firmware.cpp import (
    BIAS_CONFIG,
    CONV_CONFIGS,
    KERNEL_MEMBERS,
    KERNEL_TABLES,
    ONE_ROW,
    SPARSE_CONFIG,
    declare_kernel,
    declare_table,
    define_table,
    lane_groups,
)
from hls4ml_hwprune.host.firmware.layers import POINTWISE, SparseConv1D, SparseConv2D, SparseDense

#: Attribute of a sparse node: its kernel's template and tables, plain data.
PACKED = 'hwprune_packed'

_DENSE_HEADERS = ('nnet_utils/nnet_dense_sparse.h', 'nnet_utils/nnet_dense_sparse_stream.h')
_BIAS_HEADER = 'nnet_utils/nnet_bias_only.h'
_CONV_HEADERS = {
    'io_parallel': ('nnet_utils/nnet_conv_sparse.h',),
    'io_stream': ('nnet_utils/nnet_conv_sparse_stream.h',),
}


def _io_type(node: Node) -> str:
    return node.model.config.get_config_value('IOType')


def _function(node: Node) -> str:
    """Name of the function that a sparse node calls."""
    packed = node.get_attr(PACKED)
    if packed['n_kept'] == 0:
        return 'bias_only'
    if node.class_name == 'SparseDense':
        return 'dense_sparse'
    if _io_type(node) == 'io_parallel':
        return 'conv_sparse_latency' if packed['template'] == 'latency' else 'conv_sparse_resource'
    encoded = node.get_attr('implementation') == 'encoded' and not node.get_attr(POINTWISE)
    return 'conv_sparse_encoded_cl' if encoded else 'conv_sparse_buffer_cl'


class _SparseConfig(LayerConfigTemplate):
    """Configuration of the kernel, which all sparse nodes have."""

    def _kernel_config(self, node: Node, name: str) -> str:
        """Format the configuration of the kernel itself: a struct `name` and its tables."""
        packed = node.get_attr(PACKED)
        params = self._params(node) | {'name': name, 'n_kept': packed['n_kept']}
        params['n_weights'] = node.get_weights('weight').data_length
        # io_parallel convolutions have no kernel of one product: they do several side by side.
        parallel = node.class_name != 'SparseDense' and _io_type(node) == 'io_parallel'
        params['kernel'] = '' if parallel else declare_kernel(packed['template'])
        tables, words = packed['tables'], KERNEL_TABLES[packed['template']]
        groups = lane_groups(packed['n_legs']) if packed['n_legs'] else ''
        # Models of older versions, when saved, say nothing of the memory.
        in_bram = str(packed.get('rom_in_blocks', True)).lower()
        members = KERNEL_MEMBERS[packed['template']]
        params['members'] = members.format(name=name, groups=groups, in_bram=in_bram, **packed['sizes'])
        sizes = {table: size.format(**packed['sizes']) for table, (size, _) in words.items()}
        params['tables'] = ''.join(declare_table(table, size, tables[table]) for table, size in sizes.items())
        definitions = (define_table(name, table, word, tables[table]) for table, (_, word) in words.items())
        return SPARSE_CONFIG.format(**params) + ''.join(definitions)

    def _bias_config(self, node: Node) -> str:
        """Format the configuration of a layer that keeps no weight."""
        variable, source = node.get_output_variable(), node.get_input_variable()
        params = self._params(node) | {'name': f'config{node.index}'}
        params['n_data'] = source.size()
        params['n_positions'] = variable.size() // params['n_out']
        return BIAS_CONFIG.format(**params)

    def _params(self, node: Node) -> dict[str, Any]:
        params = self._default_config_params(node)
        params['n_in'], params['n_out'] = node.get_attr(PACKED)['n_in'], node.get_attr(PACKED)['n_out']
        params['product_type'] = get_backend('vivado').product_type(
            node.get_input_variable().type.precision, node.get_attr('weight_t').precision
        )
        return params


class SparseDenseConfig(_SparseConfig):
    """Configuration of a sparse Dense layer."""

    def __init__(self) -> None:
        super().__init__(SparseDense)

    def format(self, node: Node) -> str:
        """C++ of the configuration."""
        if node.get_attr(PACKED)['n_kept'] == 0:
            return self._bias_config(node)
        return self._kernel_config(node, f'config{node.index}')


class SparseConvConfig(_SparseConfig):
    """Configuration of a sparse convolution: the kernel's, and that of the loops around it."""

    def __init__(self) -> None:
        super().__init__((SparseConv1D, SparseConv2D))

    def format(self, node: Node) -> str:
        """C++ of the configurations."""
        if node.get_attr(PACKED)['n_kept'] == 0:
            return self._bias_config(node)
        params = ONE_ROW | self._default_config_params(node) | {'name': f'config{node.index}'}
        params['n_positions'] = node.get_attr('out_height', 1) * node.get_attr('out_width')
        params['instructions'] = node.get_attr('instructions', '0')
        for axis in ('height', 'width'):
            size = params[f'in_{axis}']
            scaled = node.get_attr(f'min_{axis}', size)
            params[f'min_{axis}'] = scaled
            params[f'scale_{axis}'] = 'scale_index_unscaled' if scaled == size else 'scale_index_regular'
        loops = CONV_CONFIGS[_function(node)][node.class_name[-2:].lower()]
        return self._kernel_config(node, f'config{node.index}_mult') + '\n' + loops.format(**params)


class SparseCall(FunctionCallTemplate):
    """The call of a sparse layer, and the headers that it needs."""

    def __init__(self) -> None:
        super().__init__((SparseDense, SparseConv1D, SparseConv2D))

    def transform(self, model: Any, node: Node) -> bool:
        """Set the call and the headers on the node."""
        node.set_attr('include_header', self._headers(node))
        node.set_attr(self.attribute_name, self.format(node))
        return False

    def format(self, node: Node) -> str:
        """C++ of the call."""
        params = self._default_function_params(node)
        arguments = [params['input'], params['output']]
        if node.get_attr(PACKED)['n_kept']:
            arguments.append(node.get_weights('weight').name)
        arguments.append(node.get_weights('bias').name)
        types = f'{params["input_t"]}, {params["output_t"]}, {params["config"]}'
        return f'nnet::{_function(node)}<{types}>({", ".join(arguments)});'

    @staticmethod
    def _headers(node: Node) -> list[str]:
        if node.get_attr(PACKED)['n_kept'] == 0:
            return [_BIAS_HEADER]
        if node.class_name == 'SparseDense':
            return list(_DENSE_HEADERS if _io_type(node) == 'io_stream' else _DENSE_HEADERS[:1])
        return list(_CONV_HEADERS[_io_type(node)])


TEMPLATES = (SparseDenseConfig, SparseConvConfig, SparseCall)
