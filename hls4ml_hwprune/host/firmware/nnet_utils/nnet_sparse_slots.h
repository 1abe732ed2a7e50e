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
// and the tables that stand beside each layout below. All tables are constants.
//
// cycle() is given the number of the cycle, i_rf, and, for slots that read all inputs in turn, the input of this cycle.

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

// A multiplexer of N values, which table[first] to table[first + N - 1] name: they are wires, so that the choice is among N
// alone and no tool makes a memory of the table
template <unsigned N, unsigned N_VALUES, unsigned N_TABLE, class value_T, class index_T>
value_T sparse_choice(value_T values[N_VALUES], const index_T table[N_TABLE], const unsigned first, const unsigned chosen) {
    #pragma HLS INLINE

    value_T wires[N];
    #pragma HLS ARRAY_PARTITION variable=wires complete

WireLoop:
    for (unsigned i_wire = 0; i_wire < N; i_wire++) {
        #pragma HLS UNROLL
        wires[i_wire] = values[table[first + i_wire]];
    }
    return wires[chosen];
}

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

// N_SLOTS slots from the given one on, once the lanes bring their inputs
template <unsigned N_SLOTS, typename CONFIG_T, class data_T, class weights_T>
void sparse_lanes(data_T lane[CONFIG_T::n_lanes], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                  const unsigned i_rf, const unsigned first) {
    #pragma HLS INLINE

SlotLoop:
    for (unsigned i_slot = 0; i_slot < N_SLOTS; i_slot++) {
        #pragma HLS UNROLL
        const unsigned slot = first + i_slot;
        if (slot < CONFIG_T::n_kept) {
            acc[CONFIG_T::out_index[slot]] += sparse_product<data_T, CONFIG_T>(lane[CONFIG_T::lane_of[slot]],
                                                                               sparse_weight<CONFIG_T>(weights, slot, i_rf));
        }
    }
}

// The inputs that the lanes of a part bring
template <typename CONFIG_T, class data_T>
void sparse_lane_inputs(data_T data[CONFIG_T::n_in], data_T lane[CONFIG_T::n_lanes], const unsigned i_rf,
                        const unsigned i_part) {
    #pragma HLS INLINE

LaneLoop:
    for (unsigned i_lane = 0; i_lane < CONFIG_T::n_lanes; i_lane++) {
        #pragma HLS UNROLL
        lane[i_lane] = sparse_choice<CONFIG_T::reuse_factor, CONFIG_T::n_in,
                                     CONFIG_T::n_parts * CONFIG_T::n_lanes * CONFIG_T::reuse_factor>(
            data, CONFIG_T::lane_inputs, (i_part * CONFIG_T::n_lanes + i_lane) * CONFIG_T::reuse_factor, i_rf);
    }
}

template <typename CONFIG_T> struct SparseSlots_lanes {
    template <class data_T, class weights_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                      const unsigned i_rf, const unsigned) {
        #pragma HLS INLINE

        data_T lane[CONFIG_T::n_lanes];
        #pragma HLS ARRAY_PARTITION variable=lane complete

    PartLoop:
        for (unsigned i_part = 0; i_part < CONFIG_T::n_parts; i_part++) {
            #pragma HLS UNROLL
            sparse_lane_inputs<CONFIG_T>(data, lane, i_rf, i_part);
            sparse_lanes<CONFIG_T::n_part_slots, CONFIG_T>(lane, acc, weights, i_rf, i_part * CONFIG_T::n_part_slots);
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
//   leg_source[]        legs of each lane: an input or, from n_in on, a stream
//   lane_leg[n_lanes * reuse_factor]
//                       leg that each lane takes in each cycle
// *************************************************

// The lanes from FIRST to LAST - 1, of N_LEGS legs each, and the groups after them; their legs start at leg_source[LEG]
template <unsigned N_LEGS, unsigned FIRST, unsigned LAST, unsigned LEG, class NEXT> struct LaneGroups {
    template <typename CONFIG_T, class data_T>
    static void select(data_T data[CONFIG_T::n_in], data_T stream[CONFIG_T::n_streams], data_T lane[CONFIG_T::n_lanes],
                       const unsigned i_rf) {
        #pragma HLS INLINE

    LaneLoop:
        for (unsigned i_lane = FIRST; i_lane < LAST; i_lane++) {
            #pragma HLS UNROLL

            data_T legs[N_LEGS];
            #pragma HLS ARRAY_PARTITION variable=legs complete

            ap_uint<ceillog2(N_LEGS)> chosen[CONFIG_T::reuse_factor];
            #pragma HLS ARRAY_PARTITION variable=chosen complete

        LegLoop:
            for (unsigned i_leg = 0; i_leg < N_LEGS; i_leg++) {
                #pragma HLS UNROLL
                const unsigned source = CONFIG_T::leg_source[LEG + (i_lane - FIRST) * N_LEGS + i_leg];
                legs[i_leg] = source < CONFIG_T::n_in ? data[source] : stream[source - CONFIG_T::n_in];
            }

        CycleLoop:
            for (unsigned i_cycle = 0; i_cycle < CONFIG_T::reuse_factor; i_cycle++) {
                #pragma HLS UNROLL
                chosen[i_cycle] = CONFIG_T::lane_leg[i_lane * CONFIG_T::reuse_factor + i_cycle];
            }
            lane[i_lane] = legs[chosen[i_rf]];
        }
        NEXT::template select<CONFIG_T>(data, stream, lane, i_rf);
    }
};

struct NoLanes {
    template <typename CONFIG_T, class data_T>
    static void select(data_T data[CONFIG_T::n_in], data_T stream[CONFIG_T::n_streams], data_T lane[CONFIG_T::n_lanes],
                       const unsigned i_rf) {
        #pragma HLS INLINE
    }
};

template <typename CONFIG_T> struct SparseSlots_streams {
    template <class data_T, class weights_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                      const unsigned i_rf, const unsigned) {
        #pragma HLS INLINE

        data_T stream[CONFIG_T::n_streams];
        #pragma HLS ARRAY_PARTITION variable=stream complete

        data_T lane[CONFIG_T::n_lanes];
        #pragma HLS ARRAY_PARTITION variable=lane complete

    StreamLoop:
        for (unsigned i_stream = 0; i_stream < CONFIG_T::n_streams; i_stream++) {
            #pragma HLS UNROLL
            stream[i_stream] =
                sparse_choice<CONFIG_T::reuse_factor, CONFIG_T::n_in, CONFIG_T::n_streams * CONFIG_T::reuse_factor>(
                    data, CONFIG_T::stream_inputs, i_stream * CONFIG_T::reuse_factor, i_rf);
        }

        CONFIG_T::groups::template select<CONFIG_T>(data, stream, lane, i_rf);
        sparse_lanes<CONFIG_T::n_kept, CONFIG_T>(lane, acc, weights, i_rf, 0);
    }
};

// *************************************************
//       RF a multiple of N_IN: a slot reads all inputs, once for each of RF / N_IN outputs
//
//   n_turns, out_index[n_kept * n_turns]
//                       outputs that each slot serves, one turn after the other
//   turn_of[reuse_factor]
//                       turn of each cycle, as hls4ml has it: with a counter tools schedule for long
// *************************************************

// A product added in its turn to the output of a slot: out_index[first] to out_index[first + n_turns - 1], of N_SLOTS slots
template <typename CONFIG_T, unsigned N_SLOTS>
void sparse_turn(typename CONFIG_T::accum_t acc[CONFIG_T::n_out], const typename CONFIG_T::accum_t product,
                 const unsigned first, const unsigned turn) {
    #pragma HLS INLINE

    typename CONFIG_T::accum_t sum = sparse_choice<CONFIG_T::n_turns, CONFIG_T::n_out, N_SLOTS * CONFIG_T::n_turns>(
        acc, CONFIG_T::out_index, first, turn);
    sum += product;

// Constant indices: an accumulator is written by the slots that serve it alone
TurnLoop:
    for (unsigned i_turn = 0; i_turn < CONFIG_T::n_turns; i_turn++) {
        #pragma HLS UNROLL
        if (i_turn == turn) {
            acc[CONFIG_T::out_index[first + i_turn]] = sum;
        }
    }
}

template <typename CONFIG_T> struct SparseSlots_turns {
    template <class data_T, class weights_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                      const unsigned i_rf, const unsigned i_in) {
        #pragma HLS INLINE

        const unsigned turn = CONFIG_T::turn_of[i_rf];

    SlotLoop:
        for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            #pragma HLS UNROLL
            sparse_turn<CONFIG_T, CONFIG_T::n_kept>(
                acc, sparse_product<data_T, CONFIG_T>(data[i_in], sparse_weight<CONFIG_T>(weights, i_slot, i_rf)),
                i_slot * CONFIG_T::n_turns, turn);
        }
    }
};

// *************************************************
//       Constants: a weight is a slot of its own
//
//   in_index[n_kept]    input that a slot reads
// *************************************************
template <typename CONFIG_T, class data_T>
void sparse_constants(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out],
                      typename CONFIG_T::weight_t weights[CONFIG_T::n_weights]) {
    #pragma HLS INLINE

SlotLoop:
    for (unsigned i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
        #pragma HLS UNROLL
        acc[CONFIG_T::out_index[i_slot]] +=
            sparse_product<data_T, CONFIG_T>(data[CONFIG_T::in_index[i_slot]], weights[i_slot]);
    }
}

} // namespace nnet

#endif
