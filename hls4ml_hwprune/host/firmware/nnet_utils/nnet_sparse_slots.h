#ifndef NNET_SPARSE_SLOTS_H_
#define NNET_SPARSE_SLOTS_H_

#include "nnet_common.h"
#include "nnet_helpers.h"
#include "nnet_mult.h"

namespace nnet {

// Kept multiplier slots of a matrix-vector product, by their layout: the work of all slots in one cycle.
//
// CONFIG_T is the configuration of the product. Besides the members of nnet::dense_config it has
//   n_kept, n_weights   kept slots; weights[n_weights] holds them one after the other, each in the order of the cycles
//   out_index           output that a slot adds to
// and the tables that stand beside each layout below. All tables are constants. The arrays that are filled from them are
// wires: one multiplexer each, so that none is larger than what a multiplexer chooses from.
//
// cycle() is given the number of the cycle, i_rf, and, for slots that read all inputs in turn, the input of this cycle and
// how often all were read before.

// A weight of a slot: as hls4ml's dense layers, or in two dimensions, as its convolutions for Vitis
template <typename CONFIG_T>
typename CONFIG_T::weight_t sparse_weight(typename CONFIG_T::weight_t weights[CONFIG_T::n_weights], const unsigned i_slot,
                                          const unsigned i_rf) {
    #pragma HLS INLINE
    return weights[i_slot * CONFIG_T::reuse_factor + i_rf];
}

template <typename CONFIG_T>
typename CONFIG_T::weight_t sparse_weight(typename CONFIG_T::weight_t (*weights)[CONFIG_T::reuse_factor],
                                          const unsigned i_slot, const unsigned i_rf) {
    #pragma HLS INLINE
    return weights[i_slot][i_rf];
}

template <class data_T, typename CONFIG_T>
typename CONFIG_T::accum_t sparse_product(const data_T data, const typename CONFIG_T::weight_t weight) {
    #pragma HLS INLINE
    return static_cast<typename CONFIG_T::accum_t>(
        CONFIG_T::template product<data_T, typename CONFIG_T::weight_t>::product(data, weight));
}

// *************************************************
//       RF a multiple of N_IN, hls4ml's layout: a slot reads all inputs, once for each of RF / N_IN consecutive outputs
// *************************************************
template <typename CONFIG_T> struct SparseSlots_rf_gt_nin {
    template <class data_T, class weights_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                      const unsigned i_rf, const unsigned i_in, const unsigned turn) {
        #pragma HLS INLINE

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            acc[CONFIG_T::out_index[i_slot] + turn] +=
                sparse_product<data_T, CONFIG_T>(data[i_in], sparse_weight<CONFIG_T>(weights, i_slot, i_rf));
        }
    }
};

// *************************************************
//       RF <= N_IN: a slot reads any RF inputs for one output, through a multiplexer that it may share (a lane)
//       In hls4ml's layout a lane is a block of RF consecutive inputs, and slots stand in the order of hls4ml's sums
//
//   n_lanes, lane_inputs[n_parts * n_lanes * reuse_factor]
//                       input that each lane brings in each cycle
//   lane_of[n_kept]     lane that a slot reads
//   n_parts, n_part_slots
//                       parts, one after the other, of so many slots, each with n_lanes lanes of its own: one, or more where
//                       one array of lanes would be more than Vivado HLS can take apart
// *************************************************
template <typename CONFIG_T> struct SparseSlots_lanes {
    template <class data_T>
    static data_T lane_input(data_T data[CONFIG_T::n_in], const unsigned i_lane, const unsigned i_rf) {
        #pragma HLS INLINE

        data_T inputs[CONFIG_T::reuse_factor];
        #pragma HLS ARRAY_PARTITION variable=inputs complete

    LaneInputLoop:
        for (unsigned i_input = 0; i_input < CONFIG_T::reuse_factor; i_input++) {
            #pragma HLS UNROLL
            inputs[i_input] = data[CONFIG_T::lane_inputs[i_lane * CONFIG_T::reuse_factor + i_input]];
        }
        return inputs[i_rf];
    }

    template <class data_T, class weights_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                      const unsigned i_rf, const unsigned, const unsigned) {
        #pragma HLS INLINE

        data_T lane[CONFIG_T::n_lanes];
        #pragma HLS ARRAY_PARTITION variable=lane complete

    PartLoop:
        for (unsigned i_part = 0; i_part < CONFIG_T::n_parts; i_part++) {
            #pragma HLS UNROLL

        LaneLoop:
            for (unsigned i_lane = 0; i_lane < CONFIG_T::n_lanes; i_lane++) {
                #pragma HLS UNROLL
                lane[i_lane] = lane_input(data, i_part * CONFIG_T::n_lanes + i_lane, i_rf);
            }

        SlotLoop:
            for (unsigned i_slot = 0; i_slot < CONFIG_T::n_part_slots; i_slot++) {
                #pragma HLS UNROLL
                const unsigned slot = i_part * CONFIG_T::n_part_slots + i_slot;
                if (slot < CONFIG_T::n_kept) {
                    acc[CONFIG_T::out_index[slot]] += sparse_product<data_T, CONFIG_T>(
                        lane[CONFIG_T::lane_of[slot]], sparse_weight<CONFIG_T>(weights, slot, i_rf));
                }
            }
        }
    }
};

// *************************************************
//       RF <= N_IN: as before, but lanes may choose from some common multiplexers (streams)
//
//   n_streams, stream_inputs[n_streams * reuse_factor]
//                       input that each stream brings in each cycle
//   n_lanes, lane_of[n_kept]
//                       lane that a slot reads
//   groups              LaneGroups: the lanes, by the number of their legs
//   leg_source[]        what the legs of each lane are: an input or, from n_in on, a stream
//   lane_leg[n_lanes * reuse_factor]
//                       leg that each lane takes in each cycle
// *************************************************

// The lanes from FIRST to LAST - 1, of N_LEGS legs each, and the groups after them; their legs start at leg_source[LEG]
template <unsigned N_LEGS, unsigned FIRST, unsigned LAST, unsigned LEG, class NEXT> struct LaneGroups {
    template <typename CONFIG_T> static unsigned leg(const unsigned i_lane, const unsigned i_rf) {
        #pragma HLS INLINE

        ap_uint<ceillog2(N_LEGS)> legs[CONFIG_T::reuse_factor];
        #pragma HLS ARRAY_PARTITION variable=legs complete

    CycleLoop:
        for (unsigned i_cycle = 0; i_cycle < CONFIG_T::reuse_factor; i_cycle++) {
            #pragma HLS UNROLL
            legs[i_cycle] = CONFIG_T::lane_leg[i_lane * CONFIG_T::reuse_factor + i_cycle];
        }
        return legs[i_rf];
    }

    template <class data_T, typename CONFIG_T>
    static void select(data_T data[CONFIG_T::n_in], data_T stream[CONFIG_T::n_streams], data_T lane[CONFIG_T::n_lanes],
                       const unsigned i_rf) {
        #pragma HLS INLINE

    LaneLoop:
        for (unsigned i_lane = FIRST; i_lane < LAST; i_lane++) {
            #pragma HLS UNROLL

            data_T legs[N_LEGS];
            #pragma HLS ARRAY_PARTITION variable=legs complete

        LegLoop:
            for (unsigned i_leg = 0; i_leg < N_LEGS; i_leg++) {
                #pragma HLS UNROLL
                const unsigned source = CONFIG_T::leg_source[LEG + (i_lane - FIRST) * N_LEGS + i_leg];
                legs[i_leg] = source < CONFIG_T::n_in ? data[source] : stream[source - CONFIG_T::n_in];
            }
            lane[i_lane] = legs[leg<CONFIG_T>(i_lane, i_rf)];
        }
        NEXT::template select<data_T, CONFIG_T>(data, stream, lane, i_rf);
    }
};

struct NoLanes {
    template <class data_T, typename CONFIG_T>
    static void select(data_T data[CONFIG_T::n_in], data_T stream[CONFIG_T::n_streams], data_T lane[CONFIG_T::n_lanes],
                       const unsigned i_rf) {
        #pragma HLS INLINE
    }
};

template <typename CONFIG_T> struct SparseSlots_streams {
    template <class data_T>
    static data_T stream_input(data_T data[CONFIG_T::n_in], const unsigned i_stream, const unsigned i_rf) {
        #pragma HLS INLINE

        data_T inputs[CONFIG_T::reuse_factor];
        #pragma HLS ARRAY_PARTITION variable=inputs complete

    StreamInputLoop:
        for (unsigned i_input = 0; i_input < CONFIG_T::reuse_factor; i_input++) {
            #pragma HLS UNROLL
            inputs[i_input] = data[CONFIG_T::stream_inputs[i_stream * CONFIG_T::reuse_factor + i_input]];
        }
        return inputs[i_rf];
    }

    template <class data_T, class weights_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                      const unsigned i_rf, const unsigned, const unsigned) {
        #pragma HLS INLINE

        data_T stream[CONFIG_T::n_streams];
        #pragma HLS ARRAY_PARTITION variable=stream complete

        data_T lane[CONFIG_T::n_lanes];
        #pragma HLS ARRAY_PARTITION variable=lane complete

    StreamLoop:
        for (unsigned i_stream = 0; i_stream < CONFIG_T::n_streams; i_stream++) {
            #pragma HLS UNROLL
            stream[i_stream] = stream_input(data, i_stream, i_rf);
        }

        CONFIG_T::groups::template select<data_T, CONFIG_T>(data, stream, lane, i_rf);

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            acc[CONFIG_T::out_index[i_slot]] += sparse_product<data_T, CONFIG_T>(
                lane[CONFIG_T::lane_of[i_slot]], sparse_weight<CONFIG_T>(weights, i_slot, i_rf));
        }
    }
};

// *************************************************
//       RF a multiple of N_IN: a slot reads all inputs, once for each of RF / N_IN outputs, which may be any
//
//   n_turns, out_index[n_kept * n_turns]
//                       outputs that each slot serves in turn
// *************************************************
template <typename CONFIG_T> struct SparseSlots_turns {
    static unsigned output(const unsigned i_slot, const unsigned turn) {
        #pragma HLS INLINE

        ap_uint<ceillog2(CONFIG_T::n_out)> outputs[CONFIG_T::n_turns];
        #pragma HLS ARRAY_PARTITION variable=outputs complete

    TurnLoop:
        for (unsigned i_turn = 0; i_turn < CONFIG_T::n_turns; i_turn++) {
            #pragma HLS UNROLL
            outputs[i_turn] = CONFIG_T::out_index[i_slot * CONFIG_T::n_turns + i_turn];
        }
        return outputs[turn];
    }

    template <class data_T, class weights_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                      const unsigned i_rf, const unsigned i_in, const unsigned turn) {
        #pragma HLS INLINE

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            acc[output(i_slot, turn)] +=
                sparse_product<data_T, CONFIG_T>(data[i_in], sparse_weight<CONFIG_T>(weights, i_slot, i_rf));
        }
    }
};

} // namespace nnet

#endif
