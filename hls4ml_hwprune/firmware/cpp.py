"""C++ text of the configurations, and the names of the functions and classes in `nnet_utils`."""

#: Class of the kernel by the template of a `PackedKernel`.
KERNEL_CLASSES = {
    'resource_rf_leq_nin': 'nnet::DenseSparseResource_rf_leq_nin',
    'resource_rf_gt_nin': 'nnet::DenseSparseResource_rf_gt_nin',
    'resource_lanes': 'nnet::DenseSparseResource_lanes',
    'resource_streams': 'nnet::DenseSparseResource_streams',
    'resource_turns': 'nnet::DenseSparseResource_turns',
    'latency': 'nnet::DenseSparseLatency',
}

#: Tables that a kernel reads, and their sizes.
KERNEL_TABLES = {
    'resource_rf_leq_nin': {'out_index': 'n_kept', 'in_index': 'n_kept'},
    'resource_rf_gt_nin': {'out_index': 'n_kept'},
    'resource_lanes': {'out_index': 'n_kept', 'lane_of': 'n_kept', 'lane_inputs': 'n_lanes * reuse_factor'},
    'resource_streams': {
        'out_index': 'n_kept',
        'lane_of': 'n_kept',
        'stream_inputs': 'n_streams * reuse_factor',
        'leg_source': 'n_lanes * n_legs',
        'lane_leg': 'n_lanes * reuse_factor',
    },
    'resource_turns': {'out_index': 'n_kept * n_turns'},
    'latency': {'out_index': 'n_kept', 'in_index': 'n_kept'},
}

#: Constants that only some kernels read.
KERNEL_CONSTANTS = {
    'resource_lanes': '    static const unsigned n_lanes = {n_lanes};\n',
    'resource_streams': (
        '    static const unsigned n_streams = {n_streams};\n'
        '    static const unsigned n_lanes = {n_lanes};\n'
        '    static const unsigned n_legs = {n_legs};\n'
    ),
    'resource_turns': '    static const unsigned n_turns = reuse_factor / n_in;\n',
}

#: Function of an io_parallel convolution by the template of its `PackedKernel`.
PARALLEL_CALLS = {
    'resource_rf_leq_nin': 'conv_sparse_resource_rf_leq_nin',
    'resource_rf_gt_nin': 'conv_sparse_resource_rf_gt_nin',
    'resource_lanes': 'conv_sparse_resource_lanes',
    'resource_streams': 'conv_sparse_resource_streams',
    'resource_turns': 'conv_sparse_resource_turns',
    'latency': 'conv_sparse_latency',
}

SPARSE_CONFIG = """struct {name} : nnet::dense_config {{
    static const unsigned n_in = {n_in};
    static const unsigned n_out = {n_out};
    static const unsigned io_type = nnet::{iotype};
    static const unsigned strategy = nnet::{strategy};
    static const unsigned reuse_factor = {reuse};
    static const unsigned n_kept = {n_kept};
    static const unsigned n_weights = {n_weights};
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_weights, reuse_factor);
    static const bool store_weights_in_bram = false;
{constants}{tables}    typedef {accum_t.name} accum_t;
    typedef {bias_t.name} bias_t;
    typedef {weight_t.name} weight_t;
    template<class data_T, class res_T, class CONFIG_T>
    using kernel = {kernel}<data_T, res_T, CONFIG_T>;
    template<class x_T, class y_T>
    using product = nnet::product::{product_type}<x_T, y_T>;
}};
"""

TABLE_DECLARATION = '    static const {index_type} {table}[{size}];\n'
TABLE_DEFINITION = 'const {index_type} {name}::{table}[] = {{{values}}};\n'

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

# One pixel after the other, through hls4ml's line buffer or encoded loops.
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
