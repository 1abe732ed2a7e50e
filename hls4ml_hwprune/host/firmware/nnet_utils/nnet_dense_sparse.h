#ifndef NNET_DENSE_SPARSE_H_
#define NNET_DENSE_SPARSE_H_

#include "nnet_common.h"
#include "nnet_dense.h"
#include "nnet_mult.h"
#include "nnet_sparse_slots.h"

namespace nnet {

// Matrix-vector products of which only some multiplier slots are kept. The layout of the slots, CONFIG_T::slots, and the
// tables that it reads are those of nnet_sparse_slots.h.

// *************************************************
//       Resource strategy, RF > 1
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_cycles(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                         typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                         typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS INLINE

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

InitAccum:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }

    unsigned i_in = 0;
    unsigned turn = 0;

ReuseLoop:
    for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
        #pragma HLS PIPELINE II=1 rewind

        CONFIG_T::slots::cycle(data, acc, weights, i_rf, i_in, turn);

        if (i_in + 1 == CONFIG_T::n_in) {
            i_in = 0;
            turn++;
        } else {
            i_in++;
        }
    }

Result:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// Weights in block RAM, as hls4ml has them
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_resource(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                           typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                           typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    #pragma HLS RESOURCE variable=weights core=ROM_nP_BRAM

    dense_sparse_cycles<data_T, res_T, CONFIG_T>(data, res, weights, biases);
}

// Few weights, in LUTs: the tool's own choice
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_resource_lut(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                               typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                               typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete

    dense_sparse_cycles<data_T, res_T, CONFIG_T>(data, res, weights, biases);
}

// *************************************************
//       Latency strategy, and Resource with RF = 1
//       Every weight is a slot of its own, and a constant
//
//   in_index[n_kept]    input that a slot reads
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_latency(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                          typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                          typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
    #pragma HLS ARRAY_PARTITION variable=weights complete
    #pragma HLS ARRAY_PARTITION variable=biases complete
    #pragma HLS ALLOCATION operation instances=mul limit=CONFIG_T::multiplier_limit

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

InitAccum:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }

SlotLoop:
    for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
        #pragma HLS UNROLL
        acc[CONFIG_T::out_index[i_slot]] +=
            sparse_product<data_T, CONFIG_T>(data[CONFIG_T::in_index[i_slot]], weights[i_slot]);
    }

Result:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// The kernels as classes, for CONFIG_T::kernel
template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResource : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_resource<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResourceLut : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_resource_lut<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseLatency : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_latency<data_T, res_T, CONFIG_T>(data, res, weights, biases);
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
