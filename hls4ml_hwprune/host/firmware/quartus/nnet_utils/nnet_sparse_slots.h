#ifndef NNET_SPARSE_SLOTS_H_
#define NNET_SPARSE_SLOTS_H_

#include "nnet_common.h"
#include "nnet_mult.h"

namespace nnet {

// Kept multiplier slots of a matrix-vector product, by their layout: the work of all slots in one cycle.
//
// CONFIG_T is the configuration of the product. Besides the members of nnet::dense_config it has
//   n_kept, n_weights   kept slots; weights[n_weights] holds them one after the other, each in the order of the cycles, with
//                       zeros behind it where hls4ml pads its slots too
//   out_index           output that a slot adds to
// and the tables that stand beside each layout below. All tables are constants.
//
// cycle() is given the number of the cycle, i_rf, and, for slots that read all inputs in turn, the input of this cycle.

// A weight of a slot
template <typename CONFIG_T>
typename CONFIG_T::weight_t sparse_weight(const typename CONFIG_T::weight_t weights[CONFIG_T::n_weights], const int i_slot,
                                          const int i_rf) {
    static constexpr int row = CONFIG_T::n_weights / CONFIG_T::n_kept;
    return weights[i_slot * row + i_rf];
}

template <class data_T, typename CONFIG_T>
typename CONFIG_T::accum_t sparse_product(const data_T data, const typename CONFIG_T::weight_t weight) {
    return static_cast<typename CONFIG_T::accum_t>(
        CONFIG_T::template product<data_T, typename CONFIG_T::weight_t>::product(data, weight));
}

// A multiplexer of N values, which table[first] to table[first + N - 1] name: they are wires, so that the choice is among N
// alone
template <int N, class value_T, class index_T>
value_T sparse_choice(value_T values[], const index_T table[], const int first, const int chosen) {
    hls_register value_T wires[N];

WireLoop:
    #pragma unroll
    for (int i_wire = 0; i_wire < N; i_wire++) {
        wires[i_wire] = values[table[first + i_wire]];
    }
    return wires[chosen];
}

// *************************************************
//       RF <= N_IN: a slot reads any RF inputs for one output, through a multiplexer that it may share (a lane)
//       In hls4ml's layout a lane is a block of RF consecutive inputs, and slots stand in the order of hls4ml's sums
//
//   n_lanes, lane_inputs[n_lanes * reuse_factor]
//                       input that each lane brings in each cycle
//   lane_of[n_kept]     lane that a slot reads
// *************************************************
template <typename CONFIG_T> struct SparseSlots_lanes {
    template <class data_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out],
                      const typename CONFIG_T::weight_t weights[CONFIG_T::n_weights], const int i_rf, const int) {
        hls_register data_T lane[CONFIG_T::n_lanes];
        hls_register typename CONFIG_T::accum_t mult[CONFIG_T::n_kept];

    LaneLoop:
        #pragma unroll
        for (int i_lane = 0; i_lane < CONFIG_T::n_lanes; i_lane++) {
            lane[i_lane] =
                sparse_choice<CONFIG_T::reuse_factor>(data, CONFIG_T::lane_inputs, i_lane * CONFIG_T::reuse_factor, i_rf);
        }

    MultLoop:
        #pragma unroll
        for (int i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            mult[i_slot] = sparse_product<data_T, CONFIG_T>(lane[CONFIG_T::lane_of[i_slot]],
                                                            sparse_weight<CONFIG_T>(weights, i_slot, i_rf));
        }

    AccumLoop:
        #pragma unroll
        for (int i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            acc[CONFIG_T::out_index[i_slot]] += mult[i_slot];
        }
    }
};

// *************************************************
//       RF a multiple of N_IN: a slot reads all inputs, once for each of RF / N_IN outputs
//
//   n_turns, out_index[n_kept * n_turns]
//                       outputs that each slot serves, one turn after the other
//   turn_of[reuse_factor]
//                       turn of each cycle
// *************************************************
template <typename CONFIG_T> struct SparseSlots_turns {
    template <class data_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out],
                      const typename CONFIG_T::weight_t weights[CONFIG_T::n_weights], const int i_rf, const int i_in) {
        const int turn = CONFIG_T::turn_of[i_rf];

    SlotLoop:
        #pragma unroll
        for (int i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
            const int first = i_slot * CONFIG_T::n_turns;
            typename CONFIG_T::accum_t sum = sparse_choice<CONFIG_T::n_turns>(acc, CONFIG_T::out_index, first, turn);
            sum += sparse_product<data_T, CONFIG_T>(data[i_in], sparse_weight<CONFIG_T>(weights, i_slot, i_rf));

        // Constant indices: an accumulator is written by the slots that serve it alone
        TurnLoop:
            #pragma unroll
            for (int i_turn = 0; i_turn < CONFIG_T::n_turns; i_turn++) {
                if (i_turn == turn) {
                    acc[CONFIG_T::out_index[first + i_turn]] = sum;
                }
            }
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
                      const typename CONFIG_T::weight_t weights[CONFIG_T::n_weights]) {
SlotLoop:
    #pragma unroll
    for (int i_slot = 0; i_slot < CONFIG_T::n_kept; i_slot++) {
        acc[CONFIG_T::out_index[i_slot]] +=
            sparse_product<data_T, CONFIG_T>(data[CONFIG_T::in_index[i_slot]], weights[i_slot]);
    }
}

} // namespace nnet

#endif
