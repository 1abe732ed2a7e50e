#ifndef NNET_CONV_SPARSE_H_
#define NNET_CONV_SPARSE_H_

#include "nnet_common.h"
#include "nnet_dense_sparse.h"

namespace nnet {

// io_parallel convolutions, 1D and 2D, of which only some multiplier slots are kept.
// The slots are those of CONFIG_T::mult_config (see nnet_dense_sparse.h); each does all pixels of a partition in parallel.

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
//       Resource strategy, RF <= window x channels
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource_rf_leq_nin(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);
        conv_sparse_init<CONFIG_T>(acc, biases);

    ReuseLoop:
        for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
            #pragma HLS PIPELINE II=1 rewind

        SlotLoop:
            for (unsigned i_slot = 0; i_slot < mult_config::n_kept; i_slot++) {
                #pragma HLS UNROLL

            PixelMultLoop:
                for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                    #pragma HLS UNROLL
                    acc[i_pxl][mult_config::out_index[i_slot]] += static_cast<typename CONFIG_T::accum_t>(
                        mult_config::template product<data_T, typename CONFIG_T::weight_t>::product(
                            data_buf[i_pxl][mult_config::in_index[i_slot] + i_rf],
                            weights[i_slot * mult_config::reuse_factor + i_rf]));
                }
            }
        }

        conv_sparse_result<data_T, res_T, CONFIG_T>(acc, res, i_part);
    }
}

// *************************************************
//       Resource strategy, RF = multiple of window x channels
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource_rf_gt_nin(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);
        conv_sparse_init<CONFIG_T>(acc, biases);

        unsigned i_in = 0;
        unsigned out_step = 0;

    ReuseLoop:
        for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
            #pragma HLS PIPELINE II=1 rewind

        SlotLoop:
            for (unsigned i_slot = 0; i_slot < mult_config::n_kept; i_slot++) {
                #pragma HLS UNROLL

            PixelMultLoop:
                for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                    #pragma HLS UNROLL
                    acc[i_pxl][mult_config::out_index[i_slot] + out_step] += static_cast<typename CONFIG_T::accum_t>(
                        mult_config::template product<data_T, typename CONFIG_T::weight_t>::product(
                            data_buf[i_pxl][i_in], weights[i_slot * mult_config::reuse_factor + i_rf]));
                }
            }

            if (i_in + 1 == mult_config::n_in) {
                i_in = 0;
                out_step++;
            } else {
                i_in++;
            }
        }

        conv_sparse_result<data_T, res_T, CONFIG_T>(acc, res, i_part);
    }
}

// Wires: a multiplexer chooses among the inputs of its own lane
template <class data_T, typename CONFIG_T>
void conv_sparse_lanes(
    data_T data_buf[CONFIG_T::n_pixels][CONFIG_T::mult_config::n_in],
    data_T lane_data[CONFIG_T::n_pixels][CONFIG_T::mult_config::n_lanes][CONFIG_T::mult_config::reuse_factor]) {
    #pragma HLS INLINE
    typedef typename CONFIG_T::mult_config mult_config;

PixelLaneLoop:
    for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
        #pragma HLS UNROLL
    LaneLoop:
        for (unsigned i_lane = 0; i_lane < mult_config::n_lanes; i_lane++) {
            #pragma HLS UNROLL
        LaneInputLoop:
            for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
                #pragma HLS UNROLL
                lane_data[i_pxl][i_lane][i_rf] =
                    data_buf[i_pxl][mult_config::lane_inputs[i_lane * mult_config::reuse_factor + i_rf]];
            }
        }
    }
}

// *************************************************
//       Resource strategy, RF <= window x channels, any inputs
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource_lanes(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    data_T lane_data[CONFIG_T::n_pixels][mult_config::n_lanes][mult_config::reuse_factor];
    #pragma HLS ARRAY_PARTITION variable=lane_data complete dim=0

    typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);
        conv_sparse_init<CONFIG_T>(acc, biases);
        conv_sparse_lanes<data_T, CONFIG_T>(data_buf, lane_data);

    ReuseLoop:
        for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
            #pragma HLS PIPELINE II=1 rewind

            data_T lane[CONFIG_T::n_pixels][mult_config::n_lanes];
            #pragma HLS ARRAY_PARTITION variable=lane complete dim=0

        PixelSelectLoop:
            for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                #pragma HLS UNROLL
            LaneSelectLoop:
                for (unsigned i_lane = 0; i_lane < mult_config::n_lanes; i_lane++) {
                    #pragma HLS UNROLL
                    lane[i_pxl][i_lane] = lane_data[i_pxl][i_lane][i_rf];
                }
            }

        SlotLoop:
            for (unsigned i_slot = 0; i_slot < mult_config::n_kept; i_slot++) {
                #pragma HLS UNROLL

            PixelMultLoop:
                for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                    #pragma HLS UNROLL
                    acc[i_pxl][mult_config::out_index[i_slot]] += static_cast<typename CONFIG_T::accum_t>(
                        mult_config::template product<data_T, typename CONFIG_T::weight_t>::product(
                            lane[i_pxl][mult_config::lane_of[i_slot]],
                            weights[i_slot * mult_config::reuse_factor + i_rf]));
                }
            }
        }

        conv_sparse_result<data_T, res_T, CONFIG_T>(acc, res, i_part);
    }
}

// Wires, and constants that the tool folds
template <class data_T, typename CONFIG_T>
void conv_sparse_streams(
    data_T data_buf[CONFIG_T::n_pixels][CONFIG_T::mult_config::n_in],
    data_T stream_data[CONFIG_T::n_pixels][CONFIG_T::mult_config::n_streams][CONFIG_T::mult_config::reuse_factor],
    unsigned lane_leg[CONFIG_T::mult_config::n_lanes][CONFIG_T::mult_config::reuse_factor]) {
    #pragma HLS INLINE
    typedef typename CONFIG_T::mult_config mult_config;

CycleLoop:
    for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
        #pragma HLS UNROLL
    PixelStreamLoop:
        for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
            #pragma HLS UNROLL
        StreamInputLoop:
            for (unsigned i_stream = 0; i_stream < mult_config::n_streams; i_stream++) {
                #pragma HLS UNROLL
                stream_data[i_pxl][i_stream][i_rf] =
                    data_buf[i_pxl][mult_config::stream_inputs[i_stream * mult_config::reuse_factor + i_rf]];
            }
        }
    LaneLegLoop:
        for (unsigned i_lane = 0; i_lane < mult_config::n_lanes; i_lane++) {
            #pragma HLS UNROLL
            lane_leg[i_lane][i_rf] = mult_config::lane_leg[i_lane * mult_config::reuse_factor + i_rf];
        }
    }
}

// *************************************************
//       Resource strategy, RF <= window x channels, any inputs, common multiplexers
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource_streams(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    data_T stream_data[CONFIG_T::n_pixels][mult_config::n_streams][mult_config::reuse_factor];
    #pragma HLS ARRAY_PARTITION variable=stream_data complete dim=0

    unsigned lane_leg[mult_config::n_lanes][mult_config::reuse_factor];
    #pragma HLS ARRAY_PARTITION variable=lane_leg complete dim=0

    typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);
        conv_sparse_init<CONFIG_T>(acc, biases);
        conv_sparse_streams<data_T, CONFIG_T>(data_buf, stream_data, lane_leg);

    ReuseLoop:
        for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
            #pragma HLS PIPELINE II=1 rewind

            data_T stream[CONFIG_T::n_pixels][mult_config::n_streams];
            #pragma HLS ARRAY_PARTITION variable=stream complete dim=0

            data_T lane[CONFIG_T::n_pixels][mult_config::n_lanes];
            #pragma HLS ARRAY_PARTITION variable=lane complete dim=0

        PixelSelectLoop:
            for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                #pragma HLS UNROLL
            StreamSelectLoop:
                for (unsigned i_stream = 0; i_stream < mult_config::n_streams; i_stream++) {
                    #pragma HLS UNROLL
                    stream[i_pxl][i_stream] = stream_data[i_pxl][i_stream][i_rf];
                }
            LaneSelectLoop:
                for (unsigned i_lane = 0; i_lane < mult_config::n_lanes; i_lane++) {
                    #pragma HLS UNROLL
                    lane[i_pxl][i_lane] =
                        sparse_leg<data_T, mult_config>(data_buf[i_pxl], stream[i_pxl], i_lane, lane_leg[i_lane][i_rf]);
                }
            }

        SlotLoop:
            for (unsigned i_slot = 0; i_slot < mult_config::n_kept; i_slot++) {
                #pragma HLS UNROLL

            PixelMultLoop:
                for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                    #pragma HLS UNROLL
                    acc[i_pxl][mult_config::out_index[i_slot]] += static_cast<typename CONFIG_T::accum_t>(
                        mult_config::template product<data_T, typename CONFIG_T::weight_t>::product(
                            lane[i_pxl][mult_config::lane_of[i_slot]],
                            weights[i_slot * mult_config::reuse_factor + i_rf]));
                }
            }
        }

        conv_sparse_result<data_T, res_T, CONFIG_T>(acc, res, i_part);
    }
}

// *************************************************
//       Resource strategy, RF = multiple of window x channels, any outputs
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void conv_sparse_resource_turns(
    data_T data[CONFIG_T::n_data], res_T res[CONFIG_T::n_partitions * CONFIG_T::n_pixels * CONFIG_T::mult_config::n_out],
    typename CONFIG_T::weight_t weights[CONFIG_T::mult_config::n_weights],
    typename CONFIG_T::bias_t biases[CONFIG_T::mult_config::n_out]) {
    typedef typename CONFIG_T::mult_config mult_config;

    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::mult_config::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    data_T data_buf[CONFIG_T::n_pixels][mult_config::n_in];
    #pragma HLS ARRAY_PARTITION variable=data_buf complete dim=0

    typename CONFIG_T::accum_t acc[CONFIG_T::n_pixels][mult_config::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete dim=0

    // Constants that the tool folds, not a memory
    unsigned slot_out[mult_config::n_kept][mult_config::n_turns];
    #pragma HLS ARRAY_PARTITION variable=slot_out complete dim=0

SlotOutLoop:
    for (unsigned i_slot = 0; i_slot < mult_config::n_kept; i_slot++) {
        #pragma HLS UNROLL
    TurnLoop:
        for (unsigned i_turn = 0; i_turn < mult_config::n_turns; i_turn++) {
            #pragma HLS UNROLL
            slot_out[i_slot][i_turn] = mult_config::out_index[i_slot * mult_config::n_turns + i_turn];
        }
    }

PartitionLoop:
    for (unsigned i_part = 0; i_part < CONFIG_T::n_partitions; i_part++) {
        CONFIG_T::template fill_buffer<data_T, CONFIG_T>::fill_buffer(data, data_buf, i_part);
        conv_sparse_init<CONFIG_T>(acc, biases);

        unsigned i_in = 0;
        unsigned out_step = 0;

    ReuseLoop:
        for (unsigned i_rf = 0; i_rf < mult_config::reuse_factor; i_rf++) {
            #pragma HLS PIPELINE II=1 rewind

        SlotLoop:
            for (unsigned i_slot = 0; i_slot < mult_config::n_kept; i_slot++) {
                #pragma HLS UNROLL

            PixelMultLoop:
                for (unsigned i_pxl = 0; i_pxl < CONFIG_T::n_pixels; i_pxl++) {
                    #pragma HLS UNROLL
                    acc[i_pxl][slot_out[i_slot][out_step]] += static_cast<typename CONFIG_T::accum_t>(
                        mult_config::template product<data_T, typename CONFIG_T::weight_t>::product(
                            data_buf[i_pxl][i_in], weights[i_slot * mult_config::reuse_factor + i_rf]));
                }
            }

            if (i_in + 1 == mult_config::n_in) {
                i_in = 0;
                out_step++;
            } else {
                i_in++;
            }
        }

        conv_sparse_result<data_T, res_T, CONFIG_T>(acc, res, i_part);
    }
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
    #pragma HLS ALLOCATION operation instances=mul limit=mult_config::multiplier_limit

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
                acc[i_pxl][mult_config::out_index[i_slot]] += static_cast<typename CONFIG_T::accum_t>(
                    mult_config::template product<data_T, typename CONFIG_T::weight_t>::product(
                        data_buf[i_pxl][mult_config::in_index[i_slot]], weights[i_slot]));
            }
        }

        conv_sparse_result<data_T, res_T, CONFIG_T>(acc, res, i_part);
    }
}

} // namespace nnet

#endif
