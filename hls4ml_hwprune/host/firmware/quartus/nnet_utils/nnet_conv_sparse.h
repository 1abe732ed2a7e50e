#ifndef NNET_CONV_SPARSE_H_
#define NNET_CONV_SPARSE_H_

#include "nnet_conv2d.h"
#include "nnet_dense_sparse.h"

namespace nnet {

// io_parallel convolutions, 1D and 2D, that keep some multiplier slots: hls4ml's im2col loops around the kernel of
// CONFIG_T::mult_config. Sequences are images of one row.
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse(data_T data[CONFIG_T::in_height * CONFIG_T::in_width * CONFIG_T::n_chan],
                 res_T res[CONFIG_T::out_height * CONFIG_T::out_width * CONFIG_T::n_filt],
                 const typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                 const typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    // Unroll factors, as in hls4ml: the loop over rows is unrolled once that over columns is
    static constexpr int pfc = MIN(CONFIG_T::parallelization_factor, CONFIG_T::out_width);
    static constexpr int pfr = MIN((CONFIG_T::parallelization_factor / pfc), CONFIG_T::out_height);

HeightLoop:
    #pragma unroll pfr
    for (int i_oh = 0; i_oh < CONFIG_T::out_height; i_oh++) {
    WidthLoop:
        #pragma unroll pfc
        #pragma ii CONFIG_T::reuse_factor
        for (int i_ow = 0; i_ow < CONFIG_T::out_width; i_ow++) {
            hls_register data_T data_col[mult_config::n_in];
            im2col_2d_cl<data_T, CONFIG_T>(data, data_col, i_oh, i_ow);

            hls_register res_T res_col[mult_config::n_out];
            mult_config::template kernel<data_T, res_T, mult_config>::dense(data_col, res_col, weights, biases);

        FiltLoop:
            #pragma unroll
            for (int i_filt = 0; i_filt < CONFIG_T::n_filt; i_filt++) {
                res[(i_oh * CONFIG_T::out_width + i_ow) * CONFIG_T::n_filt + i_filt] = res_col[i_filt];
            }
        }
    }
}

} // namespace nnet

#endif
