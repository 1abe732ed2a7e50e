#ifndef NNET_BIAS_ONLY_H_
#define NNET_BIAS_ONLY_H_

#include "nnet_dense.h"
#include "nnet_sparse_common.h"

namespace nnet {

// Layers that keep no weight: every position of the output is the bias

template <class data_T, class res_T, typename CONFIG_T>
void bias_only(data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_positions * CONFIG_T::n_out],
               typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS INLINE

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

    sparse_init<CONFIG_T>(acc, biases);

PositionLoop:
    for (unsigned i_pos = 0; i_pos < CONFIG_T::n_positions; i_pos++) {
        #pragma HLS UNROLL
        sparse_result<data_T, res_T, CONFIG_T, CONFIG_T::n_positions * CONFIG_T::n_out>(acc, res, i_pos * CONFIG_T::n_out);
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void bias_only(hls::stream<data_T> &data_stream, hls::stream<res_T> &res_stream,
               typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

    typename res_T::value_type res[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=res complete

ReadData:
    for (unsigned i_in = 0; i_in < CONFIG_T::n_data / data_T::size; i_in++) {
        #pragma HLS PIPELINE
        data_stream.read();
    }

    sparse_init<CONFIG_T>(acc, biases);
    sparse_result<typename data_T::value_type, typename res_T::value_type, CONFIG_T>(acc, res);

WriteResult:
    for (unsigned i_pos = 0; i_pos < CONFIG_T::n_positions; i_pos++) {
        #pragma HLS PIPELINE
        sparse_write<res_T, CONFIG_T>(res, res_stream);
    }
}

// One of several kernels of a layer, whose function takes the weights of all: here of a single zero
template <class data_T, class res_T, typename CONFIG_T> class DenseBiasOnly : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE

        typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
        #pragma HLS ARRAY_PARTITION variable=acc complete

        sparse_init<CONFIG_T>(acc, biases);
        sparse_result<data_T, res_T, CONFIG_T>(acc, res);
    }
};

} // namespace nnet

#endif
