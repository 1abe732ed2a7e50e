#ifndef NNET_DENSE_SPARSE_STREAM_H_
#define NNET_DENSE_SPARSE_STREAM_H_

#include "hls_stream.h"
#include "nnet_dense_sparse.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse(hls::stream<data_T> &data_stream, hls::stream<res_T> &res_stream,
                  typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    typename data_T::value_type data[CONFIG_T::n_in];
    #pragma HLS ARRAY_PARTITION variable=data complete

    typename res_T::value_type res[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=res complete

ReadData:
    for (unsigned i_in = 0; i_in < CONFIG_T::n_in / data_T::size; i_in++) {
        #pragma HLS PIPELINE
        data_T data_pack = data_stream.read();

    UnpackData:
        for (unsigned i_pack = 0; i_pack < data_T::size; i_pack++) {
            #pragma HLS UNROLL
            data[i_in * data_T::size + i_pack] = data_pack[i_pack];
        }
    }

    CONFIG_T::template kernel<typename data_T::value_type, typename res_T::value_type, CONFIG_T>::dense(data, res, weights,
                                                                                                        biases);
    sparse_write<res_T, CONFIG_T>(res, res_stream);
}

} // namespace nnet

#endif
