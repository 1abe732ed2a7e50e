#ifndef NNET_CONV_SPARSE_H_
#define NNET_CONV_SPARSE_H_

#include "nnet_common.h"
#include "nnet_dense_sparse.h"

namespace nnet {

// io_parallel convolutions, 1D and 2D, that keep some multiplier slots.
// The slots are those of CONFIG_T::mult_config (see nnet_dense_sparse.h); each does all pixels of a partition in parallel.

// *************************************************
//       Resource strategy, RF > 1
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_cycles(data_T data[CONFIG_T::in_height * CONFIG_T::in_width * CONFIG_T::n_chan],
                        res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
                        typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                        typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    typedef typename CONFIG_T::mult_config mult_config;

#ifdef __VITIS_HLS__
    // As in hls4ml: with two dimensions Vitis uses no urem cores to calculate indices, and reshapes the weights on its own
    typename mult_config::weight_t(*weights_2d)[mult_config::reuse_factor] =
        (typename mult_config::weight_t(*)[mult_config::reuse_factor])weights;
#endif

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    typename mult_config::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);

    PixelInitLoop:
        for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
            #pragma HLS UNROLL
            sparse_init<mult_config>(acc[i_pxl], biases);
        }

        unsigned i_in = 0;

    ReuseLoop:
        for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
            #pragma HLS PIPELINE II=1 rewind

        PixelMultLoop:
            for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                #pragma HLS UNROLL
#ifdef __VITIS_HLS__
                mult_config::slots::cycle(data_buf[i_pxl], acc[i_pxl], weights_2d, i_rf, i_in);
#else
                mult_config::slots::cycle(data_buf[i_pxl], acc[i_pxl], weights, i_rf, i_in);
#endif
            }
            i_in = i_in + 1 < mult_config::n_in ? i_in + 1 : 0;
        }

    PixelResultLoop:
        for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
            #pragma HLS UNROLL
            sparse_result<data_T, res_T, mult_config, CONFIG_T::n_partitions * CONFIG_T::n_pixels * mult_config::n_out>(
                acc[i_pxl], res, (i_part * CONFIG_T::n_pixels + i_pxl) * mult_config::n_out);
        }
    }
}

// Weights in block RAM, as hls4ml has them; Vitis reshapes them on its own
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource(data_T data[CONFIG_T::in_height * CONFIG_T::in_width * CONFIG_T::n_chan],
                          res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
                          typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                          typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
#ifndef __VITIS_HLS__
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
    #pragma HLS RESOURCE variable=weights core=ROM_nP_BRAM
#endif
    #pragma HLS ARRAY_PARTITION variable=biases complete
    conv_sparse_cycles<data_T, res_T, CONFIG_T>(data, res, weights, biases);
}

// Few weights, for which the tool finds a place
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource_lut(data_T data[CONFIG_T::in_height * CONFIG_T::in_width * CONFIG_T::n_chan],
                              res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
                              typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                              typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
#ifndef __VITIS_HLS__
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
#endif
    #pragma HLS ARRAY_PARTITION variable=biases complete
    conv_sparse_cycles<data_T, res_T, CONFIG_T>(data, res, weights, biases);
}

// *************************************************
//       Latency strategy, and Resource with RF = 1: weights are constants
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_latency(data_T data[CONFIG_T::in_height * CONFIG_T::in_width * CONFIG_T::n_chan],
                         res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
                         typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                         typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    #pragma HLS ARRAY_PARTITION variable=weights complete
    #pragma HLS ARRAY_PARTITION variable=biases complete
    #pragma HLS ALLOCATION operation instances=mul limit=CONFIG_T::mult_config::multiplier_limit

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    typename mult_config::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        #pragma HLS PIPELINE II=CONFIG_T::mult_config::reuse_factor rewind
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);

    PixelLoop:
        for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
            #pragma HLS UNROLL
            sparse_init<mult_config>(acc[i_pxl], biases);
            sparse_constants<mult_config>(data_buf[i_pxl], acc[i_pxl], weights);
            sparse_result<data_T, res_T, mult_config, CONFIG_T::n_partitions * CONFIG_T::n_pixels * mult_config::n_out>(
                acc[i_pxl], res, (i_part * CONFIG_T::n_pixels + i_pxl) * mult_config::n_out);
        }
    }
}

} // namespace nnet

#endif
