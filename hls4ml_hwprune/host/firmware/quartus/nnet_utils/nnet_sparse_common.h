#ifndef NNET_SPARSE_COMMON_H_
#define NNET_SPARSE_COMMON_H_

#include "nnet_common.h"
#include "nnet_dense.h"
#include "nnet_mult.h"
#include "nnet_types.h"

namespace nnet {

// First part of all kernels: accumulators start from the biases
template <typename CONFIG_T>
void sparse_init(typename CONFIG_T::accum_t acc[CONFIG_T::n_out], const typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
InitAccum:
    #pragma unroll
    for (int i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }
}

// Last part of all kernels: cast to results
template <class data_T, class res_T, typename CONFIG_T>
void sparse_result(typename CONFIG_T::accum_t acc[CONFIG_T::n_out], res_T res[CONFIG_T::n_out]) {
Result:
    #pragma unroll
    for (int i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// io_stream: results of one position are one element of the stream
template <class res_T, typename CONFIG_T>
void sparse_write(typename res_T::value_type res[CONFIG_T::n_out], stream<res_T> &res_stream) {
    res_T res_pack;

PackResult:
    #pragma unroll
    for (int i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        res_pack[i_out] = res[i_out];
    }
    res_stream.write(res_pack);
}

} // namespace nnet

#endif
