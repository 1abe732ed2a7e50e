#ifndef NNET_CONV_SPARSE_STREAM_H_
#define NNET_CONV_SPARSE_STREAM_H_

#include "ap_shift_reg.h"
#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_conv_stream.h"
#include "nnet_dense_sparse.h"
#include <assert.h>

namespace nnet {

// io_stream convolutions that keep some multiplier slots: hls4ml's loops over pixels, in which every function declares as
// many weights as there are. All work on one window at a time, by the kernel of CONFIG_T::mult_config. Sequences are images
// of one row.

// The product of a window
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_window(typename data_T::value_type window[CONFIG_T::mult_config::n_in], hls::stream<res_T> &res_stream,
                        typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                        typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    typedef typename CONFIG_T::mult_config mult_config;

    typename res_T::value_type res[mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=res complete

    mult_config::template kernel<typename data_T::value_type, typename res_T::value_type, mult_config>::dense(
        window, res, weights, biases);
    sparse_write<res_T, mult_config>(res, res_stream);
}

// *************************************************
//       Line buffer
// *************************************************

// Shift a pixel into the window
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_buffer(const data_T &in_elem, const bool complete, hls::stream<res_T> &res_stream,
                        typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                        typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE OFF

    static typename data_T::value_type window[CONFIG_T::mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=window complete

    if (CONFIG_T::filt_height > 1) {
        static ap_shift_reg<typename data_T::value_type, CONFIG_T::in_width> line_buffer[MAX(CONFIG_T::filt_height - 1, 1)]
                                                                                        [CONFIG_T::n_chan];
        #pragma HLS ARRAY_PARTITION variable=line_buffer complete dim=2
        shift_line_buffer<data_T, CONFIG_T>(in_elem, line_buffer, window);
    } else {
        kernel_shift_1d<data_T, CONFIG_T>(in_elem, window);
    }

    if (complete) {
        conv_sparse_window<data_T, res_T, CONFIG_T>(window, res_stream, weights, biases);
    }
}

// The pixel of a column; rows_left and columns_left are those until a window is complete
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_pixel(const data_T &in_elem, const unsigned i_iw, unsigned &rows_left, unsigned &columns_left,
                       hls::stream<res_T> &res_stream,
                       typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                       typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE

    const bool complete = rows_left == 0 && columns_left == 0;

    if (CONFIG_T::filt_height * CONFIG_T::filt_width == 1) {
        // Pointwise: the pixel is the window
        typename data_T::value_type window[CONFIG_T::mult_config::n_in];
        #pragma HLS ARRAY_PARTITION variable=window complete

        kernel_shift_1d<data_T, CONFIG_T>(in_elem, window);
        if (complete) {
            conv_sparse_window<data_T, res_T, CONFIG_T>(window, res_stream, weights, biases);
        }
    } else {
        conv_sparse_buffer<data_T, res_T, CONFIG_T>(in_elem, complete, res_stream, weights, biases);
    }

    const bool last_column = i_iw + 1 == CONFIG_T::in_width;
    const unsigned next_row = rows_left == 0 ? CONFIG_T::stride_height - 1 : rows_left - 1;
    const unsigned next_column = columns_left == 0 ? CONFIG_T::stride_width - 1 : columns_left - 1;
    rows_left = last_column ? next_row : rows_left;
    columns_left = last_column ? CONFIG_T::filt_width - 1 : next_column;
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_buffer_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                           typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                           typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    assert(CONFIG_T::pad_top == 0 && CONFIG_T::pad_bottom == 0 && CONFIG_T::pad_left == 0 && CONFIG_T::pad_right == 0);

    unsigned rows_left = CONFIG_T::filt_height - 1;
    unsigned columns_left = CONFIG_T::filt_width - 1;

    if (CONFIG_T::strategy == nnet::latency) {
    ReadInputHeight:
        for (unsigned i_ih = 0; i_ih < CONFIG_T::in_height; i_ih++) {
        ReadInputWidth:
            for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
                #pragma HLS LOOP_FLATTEN
                #pragma HLS PIPELINE II=CONFIG_T::mult_config::reuse_factor
                conv_sparse_pixel<data_T, res_T, CONFIG_T>(data.read(), i_iw, rows_left, columns_left, res, weights, biases);
            }
        }
    } else {
    ReadInputHeightSerial:
        for (unsigned i_ih = 0; i_ih < CONFIG_T::in_height; i_ih++) {
        ReadInputWidthSerial:
            for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
                #pragma HLS LOOP_FLATTEN
                conv_sparse_pixel<data_T, res_T, CONFIG_T>(data.read(), i_iw, rows_left, columns_left, res, weights, biases);
            }
        }
    }
}

// *************************************************
//       Encoded: a FIFO for each element of the window (Vivado HLS alone)
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_encoded(const data_T &in_elem,
                         hls::stream<typename data_T::value_type> data_window[CONFIG_T::mult_config::n_in],
                         hls::stream<res_T> &res_stream,
                         typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                         typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out],
                         const ap_uint<CONFIG_T::kernel_size> pixel_idx[data_T::size / CONFIG_T::n_chan]) {
    #pragma HLS INLINE

PixelLoop:
    for (unsigned i_pxl = 0; i_pxl < data_T::size / CONFIG_T::n_chan; i_pxl++) {
        #pragma HLS PIPELINE II=CONFIG_T::mult_config::reuse_factor

    CopyFilterLoop:
        for (unsigned i_filt = 0; i_filt < CONFIG_T::kernel_size; i_filt++) {
            #pragma HLS UNROLL
        CopyChannelLoop:
            for (unsigned i_chan = 0; i_chan < CONFIG_T::n_chan; i_chan++) {
                #pragma HLS UNROLL
                if (pixel_idx[i_pxl][i_filt]) {
                    data_window[i_filt * CONFIG_T::n_chan + i_chan].write(in_elem[i_pxl * CONFIG_T::n_chan + i_chan]);
                }
            }
        }

        if (pixel_idx[i_pxl][CONFIG_T::kernel_size - 1]) {
            typename data_T::value_type window[CONFIG_T::mult_config::n_in];
            #pragma HLS ARRAY_PARTITION variable=window complete

        ReadWindowLoop:
            for (unsigned i_in = 0; i_in < CONFIG_T::mult_config::n_in; i_in++) {
                #pragma HLS UNROLL
                window[i_in] = data_window[i_in].read();
            }
            conv_sparse_window<data_T, res_T, CONFIG_T>(window, res_stream, weights, biases);
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_encoded_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                            typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                            typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE recursive
    assert(CONFIG_T::pad_top == 0 && CONFIG_T::pad_bottom == 0 && CONFIG_T::pad_left == 0 && CONFIG_T::pad_right == 0);
    assert(CONFIG_T::in_height == 1 || CONFIG_T::filt_height == CONFIG_T::filt_width);

    typedef
        typename CONFIG_T::template scale_index_height<CONFIG_T::filt_height, CONFIG_T::stride_height, CONFIG_T::in_height>
            scale_row;
    typedef typename CONFIG_T::template scale_index_width<CONFIG_T::filt_width, CONFIG_T::stride_width, CONFIG_T::in_width>
        scale_column;

    hls::stream<typename data_T::value_type> data_window[CONFIG_T::mult_config::n_in];
    const int window_depth = CONFIG_T::filt_height * CONFIG_T::out_width;
    for (unsigned i_in = 0; i_in < CONFIG_T::mult_config::n_in; i_in++) {
        #pragma HLS STREAM variable=data_window[i_in] depth=window_depth
    }

    #pragma HLS ARRAY_PARTITION variable=CONFIG_T::pixels complete

    static const unsigned n_pixels = data_T::size / CONFIG_T::n_chan;
    ap_uint<CONFIG_T::kernel_size> pixel_idx[n_pixels];
    #pragma HLS ARRAY_PARTITION variable=pixel_idx complete

ReadInputHeight:
    for (unsigned i_ih = 0; i_ih < CONFIG_T::in_height; i_ih++) {
    ReadInputWidth:
        for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width / n_pixels; i_iw++) {
            #pragma HLS LOOP_FLATTEN
            if (CONFIG_T::strategy == nnet::latency && n_pixels == 1) {
                #pragma HLS PIPELINE II=CONFIG_T::mult_config::reuse_factor
            }
            const unsigned row = scale_row::scale_index(i_ih) * CONFIG_T::min_width;
        IndexLoop:
            for (unsigned i_pxl = 0; i_pxl < n_pixels; i_pxl++) {
                #pragma HLS UNROLL
                pixel_idx[i_pxl] = CONFIG_T::pixels[row + scale_column::scale_index(i_iw * n_pixels + i_pxl)];
            }
            conv_sparse_encoded<data_T, res_T, CONFIG_T>(data.read(), data_window, res, weights, biases, pixel_idx);
        }
    }
}

} // namespace nnet

#endif
