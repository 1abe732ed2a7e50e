#ifndef NNET_DENSE_SPARSE_STREAM_H_
#define NNET_DENSE_SPARSE_STREAM_H_

#include "nnet_dense_sparse.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse(stream<data_T> &data_stream, stream<res_T> &res_stream,
                  const typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  const typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    hls_register typename data_T::value_type data[CONFIG_T::n_in];
    hls_register typename res_T::value_type res[CONFIG_T::n_out];

DataPrepare:
    #pragma ii 1
    for (int i_in = 0; i_in < CONFIG_T::n_in / data_T::size; i_in++) {
        data_T data_pack = data_stream.read();

    DataPack:
        #pragma unroll
        for (int i_pack = 0; i_pack < data_T::size; i_pack++) {
            data[i_in * data_T::size + i_pack] = data_pack[i_pack];
        }
    }

    CONFIG_T::template kernel<typename data_T::value_type, typename res_T::value_type, CONFIG_T>::dense(data, res, weights,
                                                                                                        biases);
    sparse_write<res_T, CONFIG_T>(res, res_stream);
}

} // namespace nnet

#endif
