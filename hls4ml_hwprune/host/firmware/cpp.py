"""C++ text of the configurations, and the names of the functions and classes in `nnet_utils`."""

import textwrap
from collections import Counter
from collections.abc import Sequence

#: Tables that a kernel reads: their sizes, and a word on each.
KERNEL_TABLES = {
    'resource_lanes': {
        'out_index': ('n_kept', 'Output that each slot adds to'),
        'lane_of': ('n_kept', 'Lane that each slot reads'),
        'lane_inputs': ('n_parts * n_lanes * reuse_factor', 'Input that each lane brings, cycle by cycle'),
    },
    'resource_streams': {
        'out_index': ('n_kept', 'Output that each slot adds to'),
        'lane_of': ('n_kept', 'Lane that each slot reads'),
        'stream_inputs': ('n_streams * reuse_factor', 'Input that each stream brings, cycle by cycle'),
        'leg_source': ('{n_leg_sources}', 'Legs of each lane: inputs or, from n_in on, streams'),
        'lane_leg': ('n_lanes * reuse_factor', 'Leg that each lane takes, cycle by cycle'),
    },
    'resource_turns': {
        'out_index': ('n_kept * n_turns', 'Outputs that each slot adds to, one turn after the other'),
        'turn_of': ('reuse_factor', 'Turn of each cycle'),
    },
    'resource_lane_pairs': {
        'out_index': ('2 * n_kept', 'Output that each slot of a pair adds to'),
        'lane_of': ('n_kept', 'Lane that each pair reads'),
        'lane_inputs': ('n_parts * n_lanes * reuse_factor', 'Input that each lane brings, cycle by cycle'),
        'shift': ('2 * n_kept', 'Power of two of each slot'),
    },
    'resource_turn_pairs': {
        'out_index': ('2 * n_kept * n_turns', 'Outputs that each slot of a pair adds to, one turn after the other'),
        'turn_of': ('reuse_factor', 'Turn of each cycle'),
        'shift': ('2 * n_kept', 'Power of two of each slot'),
    },
    'latency': {
        'out_index': ('n_kept', 'Output that each weight adds to'),
        'in_index': ('n_kept', 'Input that each weight reads'),
    },
}

_SLOTS = """    typedef nnet::SparseSlots_{layout}<{{name}}> slots;
"""

_LANES = """    static const unsigned n_lanes = {n_lanes};
    static const unsigned n_parts = {n_parts};
    static const unsigned n_part_slots = {n_part_slots};
"""
_TURNS = """    static const unsigned n_turns = reuse_factor / n_in;
"""
_PAIRS = """    static const unsigned operand_bits = {operand_bits};
    static const unsigned slot_bits = {slot_bits};
    typedef {value_t} value_t;
"""

#: Members that only some kernels read.
KERNEL_MEMBERS = {
    'resource_lanes': _LANES + _SLOTS.format(layout='lanes'),
    'resource_streams': """    static const unsigned n_streams = {n_streams};
    static const unsigned n_lanes = {n_lanes};
    typedef {groups} groups;
"""
    + _SLOTS.format(layout='streams'),
    'resource_turns': _TURNS + _SLOTS.format(layout='turns'),
    'resource_lane_pairs': _LANES + _PAIRS + _SLOTS.format(layout='lane_pairs'),
    'resource_turn_pairs': _TURNS + _PAIRS + _SLOTS.format(layout='turn_pairs'),
    'latency': """    static const unsigned multiplier_limit = DIV_ROUNDUP(n_weights, reuse_factor);
""",
}

SPARSE_CONFIG = """struct {name} : nnet::dense_config {{
    static const unsigned n_in = {n_in};
    static const unsigned n_out = {n_out};
    static const unsigned reuse_factor = {reuse};
    static const unsigned n_kept = {n_kept};
    static const unsigned n_weights = {n_weights};
{members}{tables}    typedef {accum_t.name} accum_t;
    typedef {bias_t.name} bias_t;
    typedef {weight_t.name} weight_t;
{kernel}    template<class x_T, class y_T>
    using product = nnet::product::{product_type}<x_T, y_T>;
}};
"""

_KERNEL = """    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseSparse{kind}<data_T, res_T, CONFIG_T>;
"""
_DECLARATION = '    static const {index_type} {table}[{size}];\n'
_DEFINITION = '\n// {word}\nconst {index_type} {name}::{table}[] = {{\n{values}\n}};\n'
_WIDTH = 120


def declare_kernel(kind: str) -> str:
    """Member of a configuration that is the class of its kernel: of 'latency', 'resource', 'resource_lut'."""
    return _KERNEL.format(kind=''.join(map(str.capitalize, kind.split('_'))))


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
        groups.append(f'nnet::LaneGroups<{legs}, {first}, {last}, {leg},')
        first, leg = last, leg + legs * counts[legs]
    return '\n        '.join([*groups, 'nnet::NoLanes' + '>' * len(groups)])


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

#: Configuration of a kernel that keeps no weight, in a layer whose other kernels may keep some.
BIAS_KERNEL_CONFIG = """struct {name} : nnet::dense_config {{
    static const unsigned n_in = {n_in};
    static const unsigned n_out = {n_out};
    static const unsigned n_weights = 1;
    typedef {accum_t.name} accum_t;
    typedef {bias_t.name} bias_t;
    typedef {weight_t.name} weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = nnet::DenseBiasOnly<data_T, res_T, CONFIG_T>;
}};
"""

# Sizes of an image; of the window hls4ml's code for sequences in io_parallel reads the width alone.
_IMAGE = """struct {name} {{
    static const unsigned in_height = {in_height};
    static const unsigned in_width = {in_width};
    static const unsigned n_chan = {n_chan};
"""
_ROWS = """    static const unsigned filt_height = {filt_height};
"""
_COLUMNS = """    static const unsigned filt_width = {filt_width};
"""

# All pixels of a partition side by side, gathered by the im2col code that hls4ml generates.
_CONV_PARALLEL = """    static const unsigned n_partitions = {n_partitions};
    static const unsigned n_pixels = {n_positions} / n_partitions;
    template<class data_T, class CONFIG_T>
    using fill_buffer = {namespace}::fill_buffer_{index}<data_T, CONFIG_T>;
"""

# One pixel after the other.
_CONV_STREAM = """    static const unsigned pad_top = {pad_top};
    static const unsigned pad_bottom = {pad_bottom};
    static const unsigned pad_left = {pad_left};
    static const unsigned pad_right = {pad_right};
    static const unsigned stride_height = {stride_height};
    static const unsigned stride_width = {stride_width};
    static const unsigned strategy = nnet::{strategy};
"""

_CONV_ENCODED = """    static const unsigned out_width = {out_width};
    static const unsigned kernel_size = filt_height * filt_width;
    static const unsigned min_width = {min_width};
    static const ap_uint<kernel_size> pixels[{min_height} * min_width];
    template<unsigned K, unsigned S, unsigned W>
    using scale_index_height = nnet::{scale_height}<K, S, W>;
    template<unsigned K, unsigned S, unsigned W>
    using scale_index_width = nnet::{scale_width}<K, S, W>;
"""

_CONV_KERNEL = """    typedef {name}_mult mult_config;
}};
"""

_PIXELS = """
// Positions of the window that each pixel is in
const ap_uint<{name}::kernel_size> {name}::pixels[] = {{{instructions}}};
"""

_PARALLEL = {
    '1d': _IMAGE + _COLUMNS + _CONV_PARALLEL + _CONV_KERNEL,
    '2d': _IMAGE + _ROWS + _COLUMNS + _CONV_PARALLEL + _CONV_KERNEL,
}
_STREAM = _IMAGE + _ROWS + _COLUMNS + _CONV_STREAM

#: Configuration of the loops around a convolution's kernel, by the name of the function and the dimension.
CONV_CONFIGS = {
    'conv_sparse_resource': _PARALLEL,
    'conv_sparse_resource_lut': _PARALLEL,
    'conv_sparse_latency': _PARALLEL,
    'conv_sparse_buffer_cl': dict.fromkeys(('1d', '2d'), _STREAM + _CONV_KERNEL),
    'conv_sparse_encoded_cl': dict.fromkeys(('1d', '2d'), _STREAM + _CONV_ENCODED + _CONV_KERNEL + _PIXELS),
}

#: Sizes of a sequence that hls4ml's nodes do not have: an image of one row.
ONE_ROW = {'in_height': 1, 'filt_height': 1, 'stride_height': 1, 'pad_top': 0, 'pad_bottom': 0}
