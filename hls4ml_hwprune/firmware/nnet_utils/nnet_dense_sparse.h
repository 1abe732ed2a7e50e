#ifndef NNET_DENSE_SPARSE_H_
#define NNET_DENSE_SPARSE_H_

#include "nnet_common.h"
#include "nnet_dense.h"
#include "nnet_mult.h"

// The weights of the kept slots sit in a ROM that is read once a cycle
#ifdef __VITIS_HLS__
#define WEIGHTS_ROM_PRAGMA(name) HLS BIND_STORAGE variable = name type = rom_np impl = bram
#else
#define WEIGHTS_ROM_PRAGMA(name) HLS RESOURCE variable = name core = ROM_nP_BRAM
#endif
#define PRAGMA_WEIGHTS_ROM(name) _Pragma(EXPAND_STRING(WEIGHTS_ROM_PRAGMA(name)))

namespace nnet {

// Matrix-vector products of which only some multiplier slots are kept.
//
// CONFIG_T gives, besides what nnet::dense_config has,
//   n_kept              number of kept slots
//   out_index[n_kept]   output that a slot adds to (in its first cycle, where it serves several)
//   in_index[n_kept]    input that a slot reads in its first cycle (not where slots read all inputs in turn)
// and weights[] holds the kept slots one after the other, each with its weights in the order of the cycles. Where slots do not
// have hls4ml's own layout:
//   n_lanes, lane_inputs[n_lanes * reuse_factor], lane_of[n_kept]
//                       input that each multiplexer brings in each cycle, and the multiplexer that each slot reads
//   n_streams, stream_inputs[n_streams * reuse_factor], n_legs, leg_source[n_lanes * n_legs], lane_leg[n_lanes * reuse_factor]
//                       input that each common multiplexer brings in each cycle; what the others choose from, an input or,
//                       from n_in on, one of the common ones; and their choice in each cycle
//   n_turns, out_index[n_kept * n_turns]
//                       outputs that each slot serves in turn

// *************************************************
//       Resource strategy, RF <= N_IN
//       A slot reads RF consecutive inputs and serves one output
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_resource_rf_leq_nin(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

InitAccum:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }

ReuseLoop:
    for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
        #pragma HLS PIPELINE II=1 rewind

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            acc[CONFIG_T::out_index[i_slot]] += static_cast<typename CONFIG_T::accum_t>(
                CONFIG_T::template product<data_T, typename CONFIG_T::weight_t>::product(
                    data[CONFIG_T::in_index[i_slot] + i_rf], weights[i_slot * CONFIG_T::reuse_factor + i_rf]));
        }
    }

Result:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// *************************************************
//       Resource strategy, RF = multiple of N_IN
//       A slot reads all inputs, once for each of RF / N_IN consecutive outputs
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_resource_rf_gt_nin(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                                     typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                                     typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

InitAccum:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }

    unsigned i_in = 0;
    unsigned out_step = 0;

ReuseLoop:
    for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
        #pragma HLS PIPELINE II=1 rewind

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            acc[CONFIG_T::out_index[i_slot] + out_step] += static_cast<typename CONFIG_T::accum_t>(
                CONFIG_T::template product<data_T, typename CONFIG_T::weight_t>::product(
                    data[i_in], weights[i_slot * CONFIG_T::reuse_factor + i_rf]));
        }

        if (i_in + 1 == CONFIG_T::n_in) {
            i_in = 0;
            out_step++;
        } else {
            i_in++;
        }
    }

Result:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// *************************************************
//       Resource strategy, RF <= N_IN
//       A slot reads any RF inputs, through a multiplexer that it may share, and serves one output
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_resource_lanes(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

InitAccum:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }

    // Wires: a multiplexer chooses among the inputs of its own lane
    data_T lane_data[CONFIG_T::n_lanes][CONFIG_T::reuse_factor];
    #pragma HLS ARRAY_PARTITION variable=lane_data complete dim=0

LaneLoop:
    for (unsigned i_lane = 0; i_lane < CONFIG_T::n_lanes; i_lane++) {
        #pragma HLS UNROLL
    LaneInputLoop:
        for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
            #pragma HLS UNROLL
            lane_data[i_lane][i_rf] = data[CONFIG_T::lane_inputs[i_lane * CONFIG_T::reuse_factor + i_rf]];
        }
    }

ReuseLoop:
    for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
        #pragma HLS PIPELINE II=1 rewind

        data_T lane[CONFIG_T::n_lanes];
        #pragma HLS ARRAY_PARTITION variable=lane complete

    LaneSelectLoop:
        for (unsigned i_lane = 0; i_lane < CONFIG_T::n_lanes; i_lane++) {
            #pragma HLS UNROLL
            lane[i_lane] = lane_data[i_lane][i_rf];
        }

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            acc[CONFIG_T::out_index[i_slot]] += static_cast<typename CONFIG_T::accum_t>(
                CONFIG_T::template product<data_T, typename CONFIG_T::weight_t>::product(
                    lane[CONFIG_T::lane_of[i_slot]], weights[i_slot * CONFIG_T::reuse_factor + i_rf]));
        }
    }

Result:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// What a lane chooses by its leg: an input, or what a stream brings in this cycle
template <class data_T, typename CONFIG_T>
data_T sparse_leg(data_T data[CONFIG_T::n_in], data_T stream[CONFIG_T::n_streams], const unsigned i_lane,
                  const unsigned leg) {
    #pragma HLS INLINE

    data_T legs[CONFIG_T::n_legs];
    #pragma HLS ARRAY_PARTITION variable=legs complete

LegLoop:
    for (unsigned i_leg = 0; i_leg < CONFIG_T::n_legs; i_leg++) {
        #pragma HLS UNROLL
        const unsigned source = CONFIG_T::leg_source[i_lane * CONFIG_T::n_legs + i_leg];
        legs[i_leg] = source < CONFIG_T::n_in ? data[source] : stream[source - CONFIG_T::n_in];
    }
    return legs[leg];
}

// *************************************************
//       Resource strategy, RF <= N_IN
//       As before, but a multiplexer may choose from what some common ones bring
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_resource_streams(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

InitAccum:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }

    // Wires, and constants that the tool folds
    data_T stream_data[CONFIG_T::n_streams][CONFIG_T::reuse_factor];
    #pragma HLS ARRAY_PARTITION variable=stream_data complete dim=0

    unsigned lane_leg[CONFIG_T::n_lanes][CONFIG_T::reuse_factor];
    #pragma HLS ARRAY_PARTITION variable=lane_leg complete dim=0

CycleLoop:
    for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
        #pragma HLS UNROLL
    StreamInputLoop:
        for (unsigned i_stream = 0; i_stream < CONFIG_T::n_streams; i_stream++) {
            #pragma HLS UNROLL
            stream_data[i_stream][i_rf] = data[CONFIG_T::stream_inputs[i_stream * CONFIG_T::reuse_factor + i_rf]];
        }
    LaneLegLoop:
        for (unsigned i_lane = 0; i_lane < CONFIG_T::n_lanes; i_lane++) {
            #pragma HLS UNROLL
            lane_leg[i_lane][i_rf] = CONFIG_T::lane_leg[i_lane * CONFIG_T::reuse_factor + i_rf];
        }
    }

ReuseLoop:
    for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
        #pragma HLS PIPELINE II=1 rewind

        data_T stream[CONFIG_T::n_streams];
        #pragma HLS ARRAY_PARTITION variable=stream complete

    StreamSelectLoop:
        for (unsigned i_stream = 0; i_stream < CONFIG_T::n_streams; i_stream++) {
            #pragma HLS UNROLL
            stream[i_stream] = stream_data[i_stream][i_rf];
        }

        data_T lane[CONFIG_T::n_lanes];
        #pragma HLS ARRAY_PARTITION variable=lane complete

    LaneSelectLoop:
        for (unsigned i_lane = 0; i_lane < CONFIG_T::n_lanes; i_lane++) {
            #pragma HLS UNROLL
            lane[i_lane] = sparse_leg<data_T, CONFIG_T>(data, stream, i_lane, lane_leg[i_lane][i_rf]);
        }

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            acc[CONFIG_T::out_index[i_slot]] += static_cast<typename CONFIG_T::accum_t>(
                CONFIG_T::template product<data_T, typename CONFIG_T::weight_t>::product(
                    lane[CONFIG_T::lane_of[i_slot]], weights[i_slot * CONFIG_T::reuse_factor + i_rf]));
        }
    }

Result:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// *************************************************
//       Resource strategy, RF = multiple of N_IN
//       A slot reads all inputs, once for each of RF / N_IN outputs
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_resource_turns(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                                     typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                                     typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS ARRAY_RESHAPE variable=weights block factor=CONFIG_T::n_kept
    #pragma HLS ARRAY_PARTITION variable=biases complete
    PRAGMA_WEIGHTS_ROM(weights)

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

InitAccum:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }

    // Constants that the tool folds, not a memory
    unsigned slot_out[CONFIG_T::n_kept][CONFIG_T::n_turns];
    #pragma HLS ARRAY_PARTITION variable=slot_out complete dim=0

SlotOutLoop:
    for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
        #pragma HLS UNROLL
    TurnLoop:
        for (unsigned i_turn = 0; i_turn < CONFIG_T::n_turns; i_turn++) {
            #pragma HLS UNROLL
            slot_out[i_slot][i_turn] = CONFIG_T::out_index[i_slot * CONFIG_T::n_turns + i_turn];
        }
    }

    unsigned i_in = 0;
    unsigned out_step = 0;

ReuseLoop:
    for (unsigned i_rf = 0; i_rf < CONFIG_T::reuse_factor; i_rf++) {
        #pragma HLS PIPELINE II=1 rewind

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            acc[slot_out[i_slot][out_step]] += static_cast<typename CONFIG_T::accum_t>(
                CONFIG_T::template product<data_T, typename CONFIG_T::weight_t>::product(
                    data[i_in], weights[i_slot * CONFIG_T::reuse_factor + i_rf]));
        }

        if (i_in + 1 == CONFIG_T::n_in) {
            i_in = 0;
            out_step++;
        } else {
            i_in++;
        }
    }

Result:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// *************************************************
//       Latency strategy, and Resource with RF = 1
//       Every weight is a slot of its own, and a constant
// *************************************************
template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse_latency(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                          typename CONFIG_T::weight_t weights[CONFIG_T::n_kept],
                          typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS function_instantiate variable=weights,biases
    #pragma HLS PIPELINE II=CONFIG_T::reuse_factor
    #pragma HLS ARRAY_PARTITION variable=weights complete
    #pragma HLS ARRAY_PARTITION variable=biases complete
    #pragma HLS ALLOCATION operation instances=mul limit=CONFIG_T::multiplier_limit

    typename CONFIG_T::accum_t acc[CONFIG_T::n_out];
    #pragma HLS ARRAY_PARTITION variable=acc complete

InitAccum:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        acc[i_out] = (typename CONFIG_T::accum_t)biases[i_out];
    }

SlotLoop:
    for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
        #pragma HLS UNROLL
        acc[CONFIG_T::out_index[i_slot]] += static_cast<typename CONFIG_T::accum_t>(
            CONFIG_T::template product<data_T, typename CONFIG_T::weight_t>::product(data[CONFIG_T::in_index[i_slot]],
                                                                                     weights[i_slot]));
    }

Result:
    for (unsigned i_out = 0; i_out < CONFIG_T::n_out; i_out++) {
        #pragma HLS UNROLL
        res[i_out] = cast<data_T, res_T, CONFIG_T>(acc[i_out]);
    }
}

// The kernels as classes, for CONFIG_T::kernel
template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResource_rf_leq_nin : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_resource_rf_leq_nin<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResource_rf_gt_nin : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_resource_rf_gt_nin<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResource_lanes : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_resource_lanes<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResource_streams : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_resource_streams<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseResource_turns : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept * CONFIG_T::reuse_factor],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_resource_turns<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
class DenseSparseLatency : public DenseKernel<data_T, res_T, CONFIG_T> {
  public:
    static void dense(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_kept],
                      typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
        #pragma HLS INLINE
        dense_sparse_latency<data_T, res_T, CONFIG_T>(data, res, weights, biases);
    }
};

template <class data_T, class res_T, typename CONFIG_T>
void dense_sparse(data_T data[CONFIG_T::n_in], res_T res[CONFIG_T::n_out],
                  typename CONFIG_T::weight_t weights[CONFIG_T::n_weights],
                  typename CONFIG_T::bias_t biases[CONFIG_T::n_out]) {
    #pragma HLS INLINE
    CONFIG_T::template kernel<data_T, res_T, CONFIG_T>::dense(data, res, weights, biases);
}

} // namespace nnet

#endif
