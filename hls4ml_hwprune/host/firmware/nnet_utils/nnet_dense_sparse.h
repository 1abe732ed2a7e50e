#ifndef NNET_DENSE_SPARSE_H_
#define NNET_DENSE_SPARSE_H_

#include "nnet_common.h"
#include "nnet_dense.h"
#include "nnet_sparse_common.h"
#include "nnet_sparse_slots.h"

namespace nnet {

// Matrix-vector products that keep some multiplier slots: the kernels of CONFIG_T::kernel. The layout of the slots,
// CONFIG_T::slots, and the tables that it reads are those of nnet_sparse_slots.h.

// *************************************************
//       Resource strategy, RF > 1
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void sparse_cycles(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                   typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                   typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS INLINE

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

    sparse_init<CONFIG_T>(acc, biases);

    unsigned i_in = 0;

ReuseLoop:
    for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
        #pragma HLS PIPELINE II=1 rewind
        CONFIG_T::slots::cycle(data, acc, weights, i_rf, i_in);
        i_in = i_in + 1 < CONFIG_T::n_in ? i_in + 1 : 0;
    }

    sparse_result<data_T, res_T, CONFIG_T>(acc, res);
}

// Weights in block RAM, as hls4ml has them
template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResource : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS function_instantiate variable=weights,biases
        #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
        #pragma HLS ARRAY_PARTITION variable=biases complete
        #pragma HLS RESOURCE variable=weights core=ROM_nP_BRAM
        sparse_cycles<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

// Few weights, for which the tool finds a place: behind a condition, the pragma might bind them all the same
template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResourceLut : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS function_instantiate variable=weights,biases
        #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
        #pragma HLS ARRAY_PARTITION variable=biases complete
        sparse_cycles<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

// *************************************************
//       Latency strategy, and Resource with RF = 1: weights are constants
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseLatency : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS function_instantiate variable=weights,biases
        #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
        #pragma HLS ARRAY_PARTITION variable=weights complete
        #pragma HLS ARRAY_PARTITION variable=biases complete
        #pragma HLS ALLOCATION operation instances=mul limit=CONFIG_T::multiplier_limit

        typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
        #pragma HLS ARRAY_PARTITION variable=acc complete

        sparse_init<CONFIG_T>(acc, biases);
        sparse_constants<CONFIG_T>(data, acc, weights);
        sparse_result<data_T, res_T, CONFIG_T>(acc, res);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                  typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS INLINE
    CONFIG_T::template kernel<data_T, res_T, CONFIG_T>::dense(data, res, weights, biases);
}

} // namespace nnet

#endif
