#ifndef NNET_CONV_SPARSE_STREAM_H_
#define NNET_CONV_SPARSE_STREAM_H_

#include "nnet_conv2d.h"
#include "nnet_conv2d_stream.h"
#include "nnet_dense_sparse.h"

namespace nnet {

// io_stream convolutions, 1D and 2D, that keep some multiplier slots: hls4ml's loops over pixels around the kernel of
// CONFIG_T::mult_config. Sequences are images of one row.

// Position in the padded image, and in the stride of each axis
template <typename CONFIG_T> struct SparsePosition {
    static const int last_row = CONFIG_T::filt_height - 1;
    static const int last_column = CONFIG_T::filt_width - 1;
    static const int n_rows = CONFIG_T::in_height + CONFIG_T::pad_top + CONFIG_T::pad_bottom;
    static const int n_columns = CONFIG_T::in_width + CONFIG_T::pad_left + CONFIG_T::pad_right;

    int row = 0, column = 0;
    int row_stride = 0, column_stride = 0;

    bool completes_window() const {
        return row_stride == last_row && column_stride == last_column && row >= last_row && column >= last_column;
    }

    void step() {
        if (column + 1 < n_columns) {
            column++;
            column_stride =
                column_stride == last_column ? column_stride - int(CONFIG_T::stride_width) + 1 : column_stride + 1;
            return;
        }
        column = 0;
        column_stride = 0;
        if (row + 1 < n_rows) {
            row++;
            row_stride = row_stride == last_row ? row_stride - int(CONFIG_T::stride_height) + 1 : row_stride + 1;
        } else {
            row = 0;
            row_stride = 0;
        }
    }
};

template <class data_T, typename CONFIG_T>
using sparse_row =
    nnet::shift_reg<typename data_T::value_type, CONFIG_T::pad_left + CONFIG_T::in_width + CONFIG_T::pad_right>;

// Shift a pixel into the window, and multiply the window where it is complete
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_pixel(const data_T &in_elem, stream<res_T> &res_stream,
                       sparse_row<data_T, CONFIG_T> line_buffer[MAX(CONFIG_T::filt_height - 1, 1)][CONFIG_T::n_chan],
                       typename data_T::value_type window[CONFIG_T::mult_config::n_in],
                       const typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                       const typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    static SparsePosition<CONFIG_T> position;

    hls_register typename data_T::value_type shift_buffer[CONFIG_T::filt_height][CONFIG_T::n_chan];
    nnet::shift_line_buffer_2d<data_T, CONFIG_T>(in_elem, line_buffer, shift_buffer);
    nnet::kernel_shift_2d<data_T, CONFIG_T>(shift_buffer, window);

    if (position.completes_window()) {
        hls_register typename res_T::value_type res[mult_config::n_out];
        mult_config::template kernel<typename data_T::value_type, typename res_T::value_type, mult_config>::dense(
            window, res, weights, biases);
        sparse_write<res_T, mult_config>(res, res_stream);
    }
    position.step();
}

// A row of the padded image: of the input, or above and below it
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_row(stream<data_T> &data, stream<res_T> &res_stream, const bool of_input,
                     sparse_row<data_T, CONFIG_T> line_buffer[MAX(CONFIG_T::filt_height - 1, 1)][CONFIG_T::n_chan],
                     typename data_T::value_type window[CONFIG_T::mult_config::n_in],
                     const typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                     const typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    static const data_T zeros(0);
    static constexpr int first = CONFIG_T::pad_left;
    static constexpr int last = CONFIG_T::pad_left + CONFIG_T::in_width;

ColumnLoop:
    for (int i_iw = 0; i_iw < last + int(CONFIG_T::pad_right); i_iw++) {
        data_T in_elem = zeros;
        if (of_input && i_iw >= first && i_iw < last) {
            in_elem = data.read();
        }
        conv_sparse_pixel<data_T, res_T, CONFIG_T>(in_elem, res_stream, line_buffer, window, weights, biases);
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse(stream<data_T> &data, stream<res_T> &res_stream,
                 const typename CONFIG_T::mult_config::weight_t weights[CONFIG_T::mult_config::n_weights],
                 const typename CONFIG_T::mult_config::bias_t biases[CONFIG_T::mult_config::n_out]) {
    hls_register static sparse_row<data_T, CONFIG_T> line_buffer[MAX(CONFIG_T::filt_height - 1, 1)][CONFIG_T::n_chan];
    hls_register static typename data_T::value_type window[CONFIG_T::mult_config::n_in];

    static constexpr int first = CONFIG_T::pad_top;
    static constexpr int last = CONFIG_T::pad_top + CONFIG_T::in_height;

RowLoop:
    #pragma loop_coalesce 2
    for (int i_ih = 0; i_ih < last + int(CONFIG_T::pad_bottom); i_ih++) {
        conv_sparse_row<data_T, res_T, CONFIG_T>(data, res_stream, i_ih >= first && i_ih < last, line_buffer, window,
                                                 weights, biases);
    }
}

} // namespace nnet

#endif
