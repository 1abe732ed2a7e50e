#ifndef NNET_BIAS_ONLY_H_
#define NNET_BIAS_ONLY_H_

#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_mult.h"
#include "nnet_types.h"

namespace nnet {

// Layers of which no weight is kept: every position of the output is the bias.

template <class data_T, class res_T, typename CONFIG_T>
void bias_only(data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_positions * CONFIG_T::n_out],
               typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS INLINE

PositionLoop:
    for (unsigned i_pos = 0; i_pos < CONFIG_T::n_positions; i_pos++) {
        #pragma HLS UNROLL
    ResultLoop:
        for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
            #pragma HLS UNROLL
            res[i_pos * CONFIG_T::n_out + i_out] =
                cast<data_T, res_T, CONFIG_T>((typename CONFIG_T::accum_t)biases[i_out]);
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void bias_only(hls::stream<data_T> &data_stream, hls::stream<res_T> &res_stream,
               typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {

ReadData:
    for (unsigned i_in = 0; i_in < CONFIG_T::n_data / data_T::size; i_in++) {
        #pragma HLS PIPELINE
        data_stream.read();
    }

WriteResult:
    for (unsigned i_pack = 0; i_pack < CONFIG_T::n_positions * CONFIG_T::n_out / res_T::size; i_pack++) {
        #pragma HLS PIPELINE
        res_T res_pack;
        PRAGMA_DATA_PACK(res_pack)

    PackResult:
        for (unsigned i_elem = 0; i_elem < res_T::size; i_elem++) {
            #pragma HLS UNROLL
            res_pack[i_elem] = cast<typename data_T::value_type, typename res_T::value_type, CONFIG_T>(
                (typename CONFIG_T::accum_t)biases[(i_pack * res_T::size + i_elem) % CONFIG_T::n_out]);
        }
        res_stream.write(res_pack);
    }
}

} // namespace nnet

#endif
