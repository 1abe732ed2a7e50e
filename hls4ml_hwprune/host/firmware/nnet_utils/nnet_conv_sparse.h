#ifndef NNET_CONV_SPARSE_H_
#define NNET_CONV_SPARSE_H_

#include "nnet_common.h"
#include "nnet_dense_sparse.h"

namespace nnet {

// io_parallel convolutions, 1D and 2D, of which only some multiplier slots are kept.
// The slots are those of CONFIG_T::mult_config (see nnet_sparse_slots.h); each does all pixels of a partition in parallel.

template <typename CONFIG_T>
void conv_sparse_init(typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][CONFIG_T::mult_config::n_out],
                      typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE

PixelInitAccumLoop:
    for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
        #pragma HLS UNROLL
    InitAccumLoop:
        for (unsigned i_out = 0; i_out < CONFIG_T::mult_config::n_out; i_out++) {
            #pragma HLS UNROLL
            acc[i_pxl][i_out] = (typename CONFIG_T::accum_t)biases[i_out];
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_result(typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][CONFIG_T::mult_config::n_out],
                        res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
                        const unsigned partition) {
    #pragma HLS INLINE

PixelResultLoop:
    for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
        #pragma HLS UNROLL
    ResultLoop:
        for (unsigned i_out = 0; i_out < CONFIG_T::mult_config::n_out; i_out++) {
            #pragma HLS UNROLL
            res[(partition * CONFIG_T::n_pixels + i_pxl) * CONFIG_T::mult_config::n_out + i_out] =
                cast<data_T, res_T, typename CONFIG_T::mult_config>(acc[i_pxl][i_out]);
        }
    }
}

// *************************************************
//       Resource strategy, RF > 1
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_cycles(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    typedef typename CONFIG_T::mult_config mult_config;

#ifdef __VITIS_HLS__
    // As in hls4ml: with two dimensions Vitis uses no urem cores to calculate indices, and reshapes the weights on its own
    typename CONFIG_T::weight_t(*weights_2d)[mult_config::reuse_factor] =
        (typename CONFIG_T::weight_t(*)[mult_config::reuse_factor])weights;
#endif

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);
        conv_sparse_init<CONFIG_T>(acc, biases);

        unsigned i_in = 0;
        unsigned turn = 0;

    ReuseLoop:
        for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
            #pragma HLS PIPELINE II=1 rewind

        PixelMultLoop:
            for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                #pragma HLS UNROLL
#ifdef __VITIS_HLS__
                mult_config::slots::cycle(data_buf[i_pxl], acc[i_pxl], weights_2d, i_rf, i_in, turn);
#else
                mult_config::slots::cycle(data_buf[i_pxl], acc[i_pxl], weights, i_rf, i_in, turn);
#endif
            }

            if (i_in + 1 == mult_config::n_in) {
                i_in = 0;
                turn++;
            } else {
                i_in++;
            }
        }

        conv_sparse_result<data_T, res_T, CONFIG_T>(acc, res, i_part);
    }
}

// Weights in block RAM, as hls4ml has them
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
#ifndef __VITIS_HLS__
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
    #pragma HLS RESOURCE variable=weights core=ROM_nP_BRAM
#endif
    #pragma HLS ARRAY_PARTITION variable=biases complete

    conv_sparse_cycles<data_T, res_T, CONFIG_T>(data, res, weights, biases);
}

// Few weights, in LUTs: the tool's own choice
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource_lut(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
#ifndef __VITIS_HLS__
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
#endif
    #pragma HLS ARRAY_PARTITION variable=biases complete

    conv_sparse_cycles<data_T, res_T, CONFIG_T>(data, res, weights, biases);
}

// *************************************************
//       Latency strategy, and Resource with RF = 1
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_latency(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    #pragma HLS ARRAY_PARTITION variable=weights complete
    #pragma HLS ARRAY_PARTITION variable=biases complete
    #pragma HLS ALLOCATION operation instances=mul limit=CONFIG_T::mult_config::multiplier_limit

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        #pragma HLS PIPELINE II=CONFIG_T::reuse_factor rewind
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);
        conv_sparse_init<CONFIG_T>(acc, biases);

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < mult_config::n_kept; i_slot++) {
            #pragma HLS UNROLL

        PixelMultLoop:
            for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                #pragma HLS UNROLL
                acc[i_pxl][mult_config::out_index[i_slot]] += sparse_product<data_T, mult_config>(
                    data_buf[i_pxl][mult_config::in_index[i_slot]], weights[i_slot]);
            }
        }

        conv_sparse_result<data_T, res_T, CONFIG_T>(acc, res, i_part);
    }
}

} // namespace nnet

#endif
