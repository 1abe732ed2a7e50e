"""C++ text of the configurations, and the names of the functions and classes in `nnet_utils`."""

import textwrap
from collections import Counter
from collections.abc import Sequence

_RESOURCE, _RESOURCE_LUT, _LATENCY = (f'nnet::DenseSparse{kind}' for kind in ('Resource', 'ResourceLut', 'Latency'))

#: Tables that a kernel reads: their sizes, and a word on each.
KERNEL_TABLES = {
    'resource_rf_gt_nin': {'out_index': ('n_kept', 'First output that each slot adds to')},
    'resource_lanes': {
        'out_index': ('n_kept', 'Output that each slot adds to'),
        'lane_of': ('n_kept', 'Lane that each slot reads'),
        'lane_inputs': ('n_parts * n_lanes * reuse_factor', 'Input that each lane brings, cycle by cycle'),
    },
    'resource_streams': {
        'out_index': ('n_kept', 'Output that each slot adds to'),
        'lane_of': ('n_kept', 'Lane that each slot reads'),
        'stream_inputs': ('n_streams * reuse_factor', 'Input that each stream brings, cycle by cycle'),
        'leg_source': ('n_leg_sources', 'Legs of each lane: inputs or, from n_in on, streams'),
        'lane_leg': ('n_lanes * reuse_factor', 'Leg that each lane takes, cycle by cycle'),
    },
    'resource_turns': {'out_index': ('n_kept * n_turns', 'Outputs that each slot adds to, one turn after the other')},
    'latency': {
        'out_index': ('n_kept', 'Output that each weight adds to'),
        'in_index': ('n_kept', 'Input that each weight reads'),
    },
}

_SLOTS = '    typedef nnet::SparseSlots_{layout}<{{name}}> slots;\n'

#: Members that only some kernels read.
KERNEL_MEMBERS = {
    'resource_rf_gt_nin': _SLOTS.format(layout='rf_gt_nin'),
    'resource_lanes': (
        '    static const unsigned n_lanes = {n_lanes};\n'
        '    static const unsigned n_parts = {n_parts};\n'
        '    static const unsigned n_part_slots = {n_part_slots};\n'
    )
    + _SLOTS.format(layout='lanes'),
    'resource_streams': (
        '    static const unsigned n_streams = {n_streams};\n'
        '    static const unsigned n_lanes = {n_lanes};\n'
        '    static const unsigned n_leg_sources = {n_leg_sources};\n'
        '    typedef {groups} groups;\n'
    )
    + _SLOTS.format(layout='streams'),
    'resource_turns': '    static const unsigned n_turns = reuse_factor / n_in;\n' + _SLOTS.format(layout='turns'),
    'latency': '    static const unsigned multiplier_limit = DIV_ROUNDUP(n_weights, reuse_factor);\n',
}

#: Function of an io_parallel convolution by the class of its kernel.
PARALLEL_CALLS = {
    _RESOURCE: 'conv_sparse_resource',
    _RESOURCE_LUT: 'conv_sparse_resource_lut',
    _LATENCY: 'conv_sparse_latency',
}

SPARSE_CONFIG = """struct {name} : nnet::dense_config {{
    static const unsigned n_in = {n_in};
    static const unsigned n_out = {n_out};
    static const unsigned io_type = nnet::{iotype};
    static const unsigned strategy = nnet::{strategy};
    static const unsigned reuse_factor = {reuse};
    static const unsigned n_kept = {n_kept};
    static const unsigned n_weights = {n_weights};
{members}{tables}    typedef {accum_t.name} accum_t;
    typedef {bias_t.name} bias_t;
    typedef {weight_t.name} weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = {kernel}<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::{product_type}<x_T, y_T>;
}};
"""

_DECLARATION = '    static const {index_type} {table}[{size}];\n'
_DEFINITION = '\n// {word}\nconst {index_type} {name}::{table}[] = {{\n{values}\n}};\n'
_WIDTH = 120


def kernel_class(template: str, *, rom_in_blocks: bool = True) -> str:
    """Class of the kernel of a `PackedKernel`, whose weights sit in block RAM or, where they are few, in LUTs."""
    if template == 'latency':
        return _LATENCY
    return _RESOURCE if rom_in_blocks else _RESOURCE_LUT


def declare_table(table: str, size: str, values: Sequence[int]) -> str:
    """Member of a configuration that is a table of constants."""
    return _DECLARATION.format(table=table, size=size, index_type=_index_type(values))


def define_table(name: str, table: str, word: str, values: Sequence[int]) -> str:
    """Write the numbers of a table of the configuration `name`, with a `word` on them."""
    numbers = ', '.join(str(value) for value in values)
    lines = textwrap.fill(numbers, _WIDTH, initial_indent='    ', subsequent_indent='    ')
    return _DEFINITION.format(name=name, table=table, word=word, values=lines, index_type=_index_type(values))


def lane_groups(n_legs: Sequence[int]) -> str:
    """Type of lanes that have `n_legs` each, ascending: one group for each number of legs."""
    counts = Counter(n_legs)
    groups, first, leg = [], 0, 0
    for legs in sorted(counts):
        last = first + counts[legs]
        groups.append(f'nnet::LaneGroups<{legs}, {first}, {last}, {leg}, ')
        first, leg = last, leg + legs * counts[legs]
    return ''.join(groups) + 'nnet::NoLanes' + '>' * len(groups)


def _index_type(values: Sequence[int]) -> str:
    """Narrowest C++ type of the numbers of a table."""
    most = max(values, default=0)
    return 'unsigned char' if most < 2**8 else 'unsigned short' if most < 2**16 else 'unsigned'


BIAS_CONFIG = """struct {name} {{
    static const unsigned n_data = {n_data};
    static const unsigned n_positions = {n_positions};
    static const unsigned n_in = {n_in};
    static const unsigned n_out = {n_out};
    typedef {accum_t.name} accum_t;
    typedef {bias_t.name} bias_t;
    typedef {weight_t.name} weight_t;
}};
"""

_CONV_SIZES = {
    '1d': """    static const unsigned pad_left = {pad_left};
    static const unsigned pad_right = {pad_right};
    static const unsigned in_width = {in_width};
    static const unsigned n_chan = {n_chan};
    static const unsigned filt_width = {filt_width};
    static const unsigned kernel_size = filt_width;
    static const unsigned n_filt = {n_filt};
    static const unsigned stride_width = {stride_width};
    static const unsigned out_width = {out_width};
    static const unsigned reuse_factor = {reuse};
""",
    '2d': """    static const unsigned pad_top = {pad_top};
    static const unsigned pad_bottom = {pad_bottom};
    static const unsigned pad_left = {pad_left};
    static const unsigned pad_right = {pad_right};
    static const unsigned in_height = {in_height};
    static const unsigned in_width = {in_width};
    static const unsigned n_chan = {n_chan};
    static const unsigned filt_height = {filt_height};
    static const unsigned filt_width = {filt_width};
    static const unsigned kernel_size = filt_height * filt_width;
    static const unsigned n_filt = {n_filt};
    static const unsigned stride_height = {stride_height};
    static const unsigned stride_width = {stride_width};
    static const unsigned out_height = {out_height};
    static const unsigned out_width = {out_width};
    static const unsigned reuse_factor = {reuse};
""",
}

_CONV_TYPES = """    typedef {accum_t.name} accum_t;
    typedef {bias_t.name} bias_t;
    typedef {weight_t.name} weight_t;
    typedef config{index}_mult mult_config;
"""

# All pixels of a partition side by side, gathered by the im2col code that hls4ml generates.
_CONV_PARALLEL = """    static const unsigned n_data = {n_data};
    static const unsigned n_partitions = {n_partitions};
    static const unsigned n_pixels = {n_positions} / n_partitions;
    template<class data_T, class CONFIG_T>
    using fill_buffer = {namespace}::fill_buffer_{index}<data_T, CONFIG_T>;
"""

# One pixel after the other, by a line buffer or encoded.
_CONV_STREAM = {
    '1d': """    static const unsigned strategy = nnet::{strategy};
    static const nnet::conv_implementation implementation = nnet::conv_implementation::{implementation};
    static const unsigned min_width = {min_width};
    static const ap_uint<filt_width> pixels[min_width];
    template<unsigned K, unsigned S, unsigned W>
    using scale_index = nnet::{scale_width}<K, S, W>;
""",
    '2d': """    static const unsigned strategy = nnet::{strategy};
    static const nnet::conv_implementation implementation = nnet::conv_implementation::{implementation};
    static const unsigned min_height = {min_height};
    static const unsigned min_width = {min_width};
    static const ap_uint<filt_height * filt_width> pixels[min_height * min_width];
    template<unsigned K, unsigned S, unsigned W>
    using scale_index_height = nnet::{scale_height}<K, S, W>;
    template<unsigned K, unsigned S, unsigned W>
    using scale_index_width = nnet::{scale_width}<K, S, W>;
""",
}

_PIXELS = 'const ap_uint<config{index}::kernel_size> config{index}::pixels[] = {{{instructions}}};\n'

#: Configuration of the loops around a convolution's kernel, by dimension and IOType.
CONV_CONFIGS = {
    (dimension, io_type): 'struct config{index} {{\n' + sizes + loops + _CONV_TYPES + '}};\n' + tail
    for dimension, sizes in _CONV_SIZES.items()
    for io_type, loops, tail in (
        ('io_parallel', _CONV_PARALLEL, ''),
        ('io_stream', _CONV_STREAM[dimension], _PIXELS),
    )
}
