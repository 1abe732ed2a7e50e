#ifndef NNET_CONV_SPARSE_STREAM_H_
#define NNET_CONV_SPARSE_STREAM_H_

#include "ap_shift_reg.h"
#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_conv_stream.h"
#include "nnet_dense_sparse.h"
#include "nnet_types.h"
#include <assert.h>

namespace nnet {

// io_stream convolutions of which only some multiplier slots are kept: hls4ml's loops over pixels, in which every function
// declares as many weights as there are. All work on one window at a time, by the kernel of CONFIG_T::mult_config.

// The product of one window
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_product(typename data_T::value_type data[CONFIG_T::mult_config::n_in],
                         typename res_T::value_type res[CONFIG_T::mult_config::n_out],
                         typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                         typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    CONFIG_T::mult_config::template kernel<typename data_T::value_type, typename res_T::value_type,
                                           typename CONFIG_T::mult_config>::dense(data, res, weights, biases);
}

// *************************************************
//       Line buffer
// *************************************************

// The product of a window, and what it hands on
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_window(typename data_T::value_type window[CONFIG_T::mult_config::n_in], hls::stream<res_T> &res_stream,
                        typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                        typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE

    typename res_T::value_type res[CONFIG_T::mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=res complete

    res_T res_pack;
    PRAGMA_DATA_PACK(res_pack)

    conv_sparse_product<data_T, res_T, CONFIG_T>(window, res, weights, biases);

PackLoop:
    for (unsigned i_out = 0; i_out < CONFIG_T::mult_config::n_out; i_out++) {
        #pragma HLS UNROLL
        res_pack[i_out] = res[i_out];
    }
    res_stream.write(res_pack);
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_buffer_1d(const data_T &in_elem, hls::stream<res_T> &res_stream,
                           typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                           typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE OFF

    static const int last_column = CONFIG_T::filt_width - 1;

    // Column, and how far the window is from the next that counts
    static int column = 0;
    static int stride_column = 0;

    static typename data_T::value_type window[CONFIG_T::mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=window complete

    kernel_shift_1d<data_T, CONFIG_T>(in_elem, window);

    if (stride_column == last_column && column >= last_column) {
        conv_sparse_window<data_T, res_T, CONFIG_T>(window, res_stream, weights, biases);
    }

    if (column + 1 == CONFIG_T::in_width) {
        column = 0;
        stride_column = 0;
    } else {
        column++;
        stride_column = (stride_column == last_column) ? stride_column - CONFIG_T::stride_width + 1 : stride_column + 1;
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_buffer_2d(
    const data_T &in_elem,
    ap_shift_reg<typename data_T::value_type, CONFIG_T::in_width> line_buffer[MAX(CONFIG_T::filt_height - 1, 1)]
                                                                             [CONFIG_T::n_chan],
    hls::stream<res_T> &res_stream, typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE OFF

    static const int last_column = CONFIG_T::filt_width - 1;
    static const int last_row = CONFIG_T::filt_height - 1;

    // Column and row, and how far the window is from the next that counts
    static int column = 0;
    static int row = 0;
    static int stride_column = 0;
    static int stride_row = 0;

    static typename data_T::value_type window[CONFIG_T::mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=window complete

    shift_line_buffer<data_T, CONFIG_T>(in_elem, line_buffer, window);

    if (stride_column == last_column && stride_row == last_row && row >= last_row && column >= last_column) {
        conv_sparse_window<data_T, res_T, CONFIG_T>(window, res_stream, weights, biases);
    }

    if (column + 1 == CONFIG_T::in_width) {
        column = 0;
        stride_column = 0;
        if (row + 1 == CONFIG_T::in_height) {
            row = 0;
            stride_row = 0;
        } else {
            row++;
            stride_row = (stride_row == last_row) ? stride_row - CONFIG_T::stride_height + 1 : stride_row + 1;
        }
    } else {
        column++;
        stride_column = (stride_column == last_column) ? stride_column - CONFIG_T::stride_width + 1 : stride_column + 1;
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_buffer(
    const data_T &in_elem,
    ap_shift_reg<typename data_T::value_type, CONFIG_T::in_width> line_buffer[MAX(CONFIG_T::filt_height - 1, 1)]
                                                                             [CONFIG_T::n_chan],
    hls::stream<res_T> &res_stream, typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    if (CONFIG_T::filt_height > 1) {
        conv_sparse_buffer_2d<data_T, res_T, CONFIG_T>(in_elem, line_buffer, res_stream, weights, biases);
    } else {
        conv_sparse_buffer_1d<data_T, res_T, CONFIG_T>(in_elem, res_stream, weights, biases);
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_1d_linebuffer_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                                  typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                                  typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    assert(CONFIG_T::pad_left == 0 && CONFIG_T::pad_right == 0);

    if (CONFIG_T::strategy == nnet::latency) {
    ReadInputWidth:
        for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
            #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
            conv_sparse_buffer_1d<data_T, res_T, CONFIG_T>(data.read(), res, weights, biases);
        }
    } else {
    ReadInputWidthSerial:
        for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
            conv_sparse_buffer_1d<data_T, res_T, CONFIG_T>(data.read(), res, weights, biases);
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_2d_linebuffer_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                                  typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                                  typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    assert(CONFIG_T::pad_top == 0 && CONFIG_T::pad_bottom == 0 && CONFIG_T::pad_left == 0 && CONFIG_T::pad_right == 0);

    static ap_shift_reg<typename data_T::value_type, CONFIG_T::in_width> line_buffer[MAX(CONFIG_T::filt_height - 1, 1)]
                                                                                    [CONFIG_T::n_chan];
    #pragma HLS ARRAY_PARTITION variable=line_buffer complete dim=2

    if (CONFIG_T::strategy == nnet::latency) {
    ReadInputHeight:
        for (unsigned i_ih = 0; i_ih < CONFIG_T::in_height; i_ih++) {
        ReadInputWidth:
            for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
                #pragma HLS LOOP_FLATTEN
                #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
                conv_sparse_buffer<data_T, res_T, CONFIG_T>(data.read(), line_buffer, res, weights, biases);
            }
        }
    } else {
    ReadInputHeightSerial:
        for (unsigned i_ih = 0; i_ih < CONFIG_T::in_height; i_ih++) {
        ReadInputWidthSerial:
            for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
                #pragma HLS LOOP_FLATTEN
                conv_sparse_buffer<data_T, res_T, CONFIG_T>(data.read(), line_buffer, res, weights, biases);
            }
        }
    }
}

// *************************************************
//       Encoded: a FIFO for each element of the window (Vivado HLS alone)
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_encoded(const data_T &in_elem,
                         hls::stream<typename data_T::value_type> window[CONFIG_T::mult_config::n_in],
                         hls::stream<res_T> &res_stream, res_T &res_pack, unsigned &outputs_ready,
                         typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                         typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out],
                         const ap_uint<CONFIG_T::kernel_size> pixel_idx[data_T::size / CONFIG_T::n_chan]) {
    #pragma HLS INLINE

    static const unsigned n_filt = CONFIG_T::mult_config::n_out;
    static const unsigned n_packed = res_T::size / n_filt;

PixelLoop:
    for (unsigned i_pxl = 0; i_pxl < data_T::size / CONFIG_T::n_chan; i_pxl++) {
        #pragma HLS PIPELINE II=CONFIG_T::reuse_factor

    CopyFilterLoop:
        for (unsigned i_filt = 0; i_filt < CONFIG_T::kernel_size; i_filt++) {
            #pragma HLS UNROLL
        CopyChannelLoop:
            for (unsigned i_chan = 0; i_chan < CONFIG_T::n_chan; i_chan++) {
                #pragma HLS UNROLL
                if (pixel_idx[i_pxl][i_filt]) {
                    window[i_filt * CONFIG_T::n_chan + i_chan].write(in_elem[i_pxl * CONFIG_T::n_chan + i_chan]);
                }
            }
        }

        if (pixel_idx[i_pxl][CONFIG_T::kernel_size - 1]) {
            typename data_T::value_type data[CONFIG_T::mult_config::n_in];
            #pragma HLS ARRAY_PARTITION variable=data complete
            typename res_T::value_type res[CONFIG_T::mult_config::n_out];
            #pragma HLS ARRAY_PARTITION variable=res complete

        ReadWindowLoop:
            for (unsigned i_in = 0; i_in < CONFIG_T::mult_config::n_in; i_in++) {
                #pragma HLS UNROLL
                data[i_in] = window[i_in].read();
            }

            conv_sparse_product<data_T, res_T, CONFIG_T>(data, res, weights, biases);

        PackLoop:
            for (unsigned i_out = 0; i_out < n_filt; i_out++) {
                #pragma HLS UNROLL
                res_pack[(n_packed == 1 ? 0 : outputs_ready * n_filt) + i_out] = res[i_out];
            }

            if (n_packed == 1 || outputs_ready == n_packed - 1) {
                res_stream.write(res_pack);
                outputs_ready = 0;
            } else {
                outputs_ready++;
            }
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_1d_encoded_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                               typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                               typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    assert(CONFIG_T::pad_left == 0 && CONFIG_T::pad_right == 0);

    typedef typename CONFIG_T::template scale_index<CONFIG_T::filt_width, CONFIG_T::stride_width, CONFIG_T::in_width> scale;

    hls::stream<typename data_T::value_type> window[CONFIG_T::mult_config::n_in];
    const int window_depth = CONFIG_T::out_width;
    for (unsigned i_in = 0; i_in < CONFIG_T::mult_config::n_in; i_in++) {
        #pragma HLS STREAM variable=window[i_in] depth=window_depth
    }

    #pragma HLS ARRAY_PARTITION variable=CONFIG_T::pixels complete

    res_T res_pack;
    PRAGMA_DATA_PACK(res_pack)
    unsigned outputs_ready = 0;

    static const unsigned n_pixels = data_T::size / CONFIG_T::n_chan;
    ap_uint<CONFIG_T::kernel_size> pixel_idx[n_pixels];
    #pragma HLS ARRAY_PARTITION variable=pixel_idx complete

ReadInputWidth:
    for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width / n_pixels; i_iw++) {
        #pragma HLS LOOP_FLATTEN
        if (CONFIG_T::strategy == nnet::latency && n_pixels == 1) {
            #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
        }
    IndexLoop:
        for (unsigned i_pxl = 0; i_pxl < n_pixels; i_pxl++) {
            #pragma HLS UNROLL
            pixel_idx[i_pxl] = CONFIG_T::pixels[scale::scale_index(i_iw * n_pixels + i_pxl)];
        }
        conv_sparse_encoded<data_T, res_T, CONFIG_T>(data.read(), window, res, res_pack, outputs_ready, weights, biases,
                                                     pixel_idx);
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_2d_encoded_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                               typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                               typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE
    assert(CONFIG_T::pad_top == 0 && CONFIG_T::pad_bottom == 0 && CONFIG_T::pad_left == 0 && CONFIG_T::pad_right == 0);
    assert(CONFIG_T::filt_height == CONFIG_T::filt_width);

    typedef typename CONFIG_T::template scale_index_height<CONFIG_T::filt_height, CONFIG_T::stride_height,
                                                           CONFIG_T::in_height>
        scale_row;
    typedef typename CONFIG_T::template scale_index_width<CONFIG_T::filt_width, CONFIG_T::stride_width, CONFIG_T::in_width>
        scale_column;

    hls::stream<typename data_T::value_type> window[CONFIG_T::mult_config::n_in];
    const int window_depth = CONFIG_T::filt_height * CONFIG_T::out_width;
    for (unsigned i_in = 0; i_in < CONFIG_T::mult_config::n_in; i_in++) {
        #pragma HLS STREAM variable=window[i_in] depth=window_depth
    }

    #pragma HLS ARRAY_PARTITION variable=CONFIG_T::pixels complete

    res_T res_pack;
    PRAGMA_DATA_PACK(res_pack)
    unsigned outputs_ready = 0;

    static const unsigned n_pixels = data_T::size / CONFIG_T::n_chan;
    ap_uint<CONFIG_T::kernel_size> pixel_idx[n_pixels];
    #pragma HLS ARRAY_PARTITION variable=pixel_idx complete

ReadInputHeight:
    for (unsigned i_ih = 0; i_ih < CONFIG_T::in_height; i_ih++) {
    ReadInputWidth:
        for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width / n_pixels; i_iw++) {
            #pragma HLS LOOP_FLATTEN
            if (CONFIG_T::strategy == nnet::latency && n_pixels == 1) {
                #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
            }
            const unsigned row = scale_row::scale_index(i_ih) * CONFIG_T::min_width;
        IndexLoop:
            for (unsigned i_pxl = 0; i_pxl < n_pixels; i_pxl++) {
                #pragma HLS UNROLL
                pixel_idx[i_pxl] = CONFIG_T::pixels[row + scale_column::scale_index(i_iw * n_pixels + i_pxl)];
            }
            conv_sparse_encoded<data_T, res_T, CONFIG_T>(data.read(), window, res, res_pack, outputs_ready, weights, biases,
                                                         pixel_idx);
        }
    }
}

// *************************************************
//       By implementation, as the design calls them
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_1d_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                       typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                       typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE recursive
    switch (CONFIG_T::implementation) {
    case conv_implementation::linebuffer:
        conv_sparse_1d_linebuffer_cl<data_T, res_T, CONFIG_T>(data, res, weights, biases);
        break;
    case conv_implementation::encoded:
        conv_sparse_1d_encoded_cl<data_T, res_T, CONFIG_T>(data, res, weights, biases);
        break;
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_2d_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                       typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                       typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE recursive
    switch (CONFIG_T::implementation) {
    case conv_implementation::linebuffer:
        conv_sparse_2d_linebuffer_cl<data_T, res_T, CONFIG_T>(data, res, weights, biases);
        break;
    case conv_implementation::encoded:
        conv_sparse_2d_encoded_cl<data_T, res_T, CONFIG_T>(data, res, weights, biases);
        break;
    }
}

// *************************************************
//       Pointwise: a window of one pixel
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void pointwise_conv_sparse_pixel(const data_T &in_elem, const bool used, hls::stream<res_T> &res_stream,
                                 typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                                 typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    #pragma HLS INLINE recursive

    typename data_T::value_type data[CONFIG_T::mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data complete

UnpackLoop:
    for (unsigned i_in = 0; i_in < CONFIG_T::mult_config::n_in; i_in++) {
        #pragma HLS UNROLL
        data[i_in] = in_elem[i_in];
    }
    if (used) {
        conv_sparse_window<data_T, res_T, CONFIG_T>(data, res_stream, weights, biases);
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void pointwise_conv_sparse_1d_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                                 typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                                 typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    assert(CONFIG_T::pad_left == 0 && CONFIG_T::pad_right == 0 && CONFIG_T::filt_width == 1);

    if (CONFIG_T::strategy == nnet::latency) {
    ReadInputWidth:
        for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
            #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
            const bool used = i_iw % CONFIG_T::stride_width == 0;
            pointwise_conv_sparse_pixel<data_T, res_T, CONFIG_T>(data.read(), used, res, weights, biases);
        }
    } else {
    ReadInputWidthSerial:
        for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
            const bool used = i_iw % CONFIG_T::stride_width == 0;
            pointwise_conv_sparse_pixel<data_T, res_T, CONFIG_T>(data.read(), used, res, weights, biases);
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void pointwise_conv_sparse_2d_cl(hls::stream<data_T> &data, hls::stream<res_T> &res,
                                 typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
                                 typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    assert(CONFIG_T::pad_top == 0 && CONFIG_T::pad_bottom == 0 && CONFIG_T::pad_left == 0 && CONFIG_T::pad_right == 0);
    assert(CONFIG_T::filt_height == 1 && CONFIG_T::filt_width == 1);

    if (CONFIG_T::strategy == nnet::latency) {
    ReadInputHeight:
        for (unsigned i_ih = 0; i_ih < CONFIG_T::in_height; i_ih++) {
        ReadInputWidth:
            for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
                #pragma HLS LOOP_FLATTEN
                #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
                const bool used = i_ih % CONFIG_T::stride_height == 0 && i_iw % CONFIG_T::stride_width == 0;
                pointwise_conv_sparse_pixel<data_T, res_T, CONFIG_T>(data.read(), used, res, weights, biases);
            }
        }
    } else {
    ReadInputHeightSerial:
        for (unsigned i_ih = 0; i_ih < CONFIG_T::in_height; i_ih++) {
        ReadInputWidthSerial:
            for (unsigned i_iw = 0; i_iw < CONFIG_T::in_width; i_iw++) {
                #pragma HLS LOOP_FLATTEN
                const bool used = i_ih % CONFIG_T::stride_height == 0 && i_iw % CONFIG_T::stride_width == 0;
                pointwise_conv_sparse_pixel<data_T, res_T, CONFIG_T>(data.read(), used, res, weights, biases);
            }
        }
    }
}

} // namespace nnet

#endif
