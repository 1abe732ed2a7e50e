#ifndef NNET_BIAS_ONLY_H_
#define NNET_BIAS_ONLY_H_

#include "nnet_sparse_common.h"

namespace nnet {

// Layers that keep no weight: every position of the output is the bias

template <class data_T, class res_T, typename CONFIG_T>
void bias_only(data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_positions * CONFIG_T::n_out],
               const typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    hls_register typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    sparse_init<CONFIG_T>(acc, biases);

PositionLoop:
    #pragma unroll
    for (int i_pos = 0; i_pos < CONFIG_T::n_positions; i_pos++) {
        sparse_result<data_T, res_T, CONFIG_T>(acc, res + i_pos * CONFIG_T::n_out);
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void bias_only(stream<data_T> &data_stream, stream<res_T> &res_stream,
               const typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    hls_register typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    hls_register typename res_T::value_type res[CONFIG_T::n_out];

ReadData:
    #pragma ii 1
    for (int i_in = 0; i_in < CONFIG_T::n_data / data_T::size; i_in++) {
        data_stream.read();
    }

    sparse_init<CONFIG_T>(acc, biases);
    sparse_result<typename data_T::value_type, typename res_T::value_type, CONFIG_T>(acc, res);

WriteResult:
    #pragma ii 1
    for (int i_pos = 0; i_pos < CONFIG_T::n_positions; i_pos++) {
        sparse_write<res_T, CONFIG_T>(res, res_stream);
    }
}

} // namespace nnet

#endif
