#ifndef NNET_DENSE_SPARSE_H_
#define NNET_DENSE_SPARSE_H_

#include "nnet_sparse_common.h"
#include "nnet_sparse_slots.h"

namespace nnet {

// Matrix-vector products that keep some multiplier slots: hls4ml's loop over the cycles, with the kept slots in each.

// *************************************************
//       RF > 1
// *************************************************
template <class data_T, class res_T, typename CONFIG_T> class DenseSparseResource {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      const typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      const typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        hls_register typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
        sparse_init<CONFIG_T>(acc, biases);

        hls_register int i_in = 0;

    ReuseLoop:
        #pragma nofusion
        #pragma speculated_iterations 0
        for (int i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
            CONFIG_T::slots::cycle(data, acc, weights, i_rf, i_in);
            i_in = i_in + 1 < CONFIG_T::n_in ? i_in + 1 : 0;
        }
        sparse_result<data_T, res_T, CONFIG_T>(acc, res);
    }
};

// *************************************************
//       RF = 1: weights are constants
// *************************************************
template <class data_T, class res_T, typename CONFIG_T> class DenseSparseLatency {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      const typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                      const typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        hls_register typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
        sparse_init<CONFIG_T>(acc, biases);
        sparse_constants<CONFIG_T>(data, acc, weights);
        sparse_result<data_T, res_T, CONFIG_T>(acc, res);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                  const typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  const typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    CONFIG_T::template kernel<data_T, res_T, CONFIG_T>::dense(data, res, weights, biases);
}

} // namespace nnet

#endif
