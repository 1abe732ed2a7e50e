#ifndef NNET_SPARSE_PAIRS_H_
#define NNET_SPARSE_PAIRS_H_

#include "nnet_sparse_slots.h"

namespace nnet {

// Pairs of slots that read the same input in every cycle, and share one multiplication of a DSP block.
//
// The weights of a slot have slot_bits bits and a power of two of its own. A word of the memory, CONFIG_T::weight_t, is that
// of a pair: the weight of the second slot, less one if that of the first is negative, above the weight of the first.
// Besides the members that nnet_sparse_slots.h names for each layout, with pairs in the place of slots, CONFIG_T has
//   operand_bits        bits of an input as a signed number
//   slot_bits           bits of a weight
//   value_t             type of the weights in hls4ml's own kernels
//   out_index           output that each slot of a pair adds to: n_out where a pair has one slot alone
//   shift[2 * n_kept]   power of two of each slot, in units of the last place of value_t

// The product of a slot as hls4ml's own kernels have it
template <class data_T, typename CONFIG_T, class narrow_T>
typename CONFIG_T::accum_t sparse_pair_product(narrow_T product, const unsigned shift) {
    #pragma HLS INLINE
    typedef decltype(data_T() * typename CONFIG_T::value_t()) product_t;

    ap_int<product_t::width> bits = product;
    product_t exact;
    exact.range() = ap_int<product_t::width>(bits << shift);
    return static_cast<typename CONFIG_T::accum_t>(exact);
}

// Both products of an input with the weights of a pair
template <typename CONFIG_T, class data_T>
void sparse_pair(data_T data, typename CONFIG_T::weight_t word, const unsigned i_pair,
                 typename CONFIG_T::accum_t products[2]) {
    #pragma HLS INLINE

    const unsigned operand_bits = CONFIG_T::operand_bits;
    const unsigned slot_bits = CONFIG_T::slot_bits;
    const unsigned low_bits = operand_bits + slot_bits - 1;

    ap_int<operand_bits> operand = data.range();
    ap_int<slot_bits> low = word.range(slot_bits - 1, 0);
    ap_int<slot_bits> high = word.range(2 * slot_bits - 1, slot_bits);

    typedef ap_int<low_bits + slot_bits> factor_t;
    factor_t factor;
    factor.range(low_bits + slot_bits - 1, low_bits) = high.range();
    factor.range(low_bits - 1, 0) = ap_int<low_bits>(low).range();

    // Half a unit of the upper product, added within the DSP block: the lower one is never negative then, and borrows
    // nothing
    const ap_int<low_bits + 1> half = ap_int<low_bits + 1>(1) << (low_bits - 1);
    ap_int<operand_bits + low_bits + slot_bits> both =
        CONFIG_T::template product<ap_int<operand_bits>, factor_t>::product(operand, factor) + half;
    ap_int<low_bits> of_low = both.range(low_bits - 1, 0);
    of_low[low_bits - 1] = !of_low[low_bits - 1];
    ap_int<low_bits> of_high = both >> low_bits;

    products[0] = sparse_pair_product<data_T, CONFIG_T>(of_low, CONFIG_T::shift[2 * i_pair]);
    products[1] = sparse_pair_product<data_T, CONFIG_T>(of_high, CONFIG_T::shift[2 * i_pair + 1]);
}

// *************************************************
//       RF <= N_IN: as SparseSlots_lanes
// *************************************************
template <typename CONFIG_T> struct SparseSlots_lane_pairs {
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

        PairLoop:
            for (unsigned i_slot = 0; i_slot < CONFIG_T::n_part_slots; i_slot++) {
                #pragma HLS UNROLL
                const unsigned i_pair = i_part * CONFIG_T::n_part_slots + i_slot;
                if (i_pair < CONFIG_T::n_kept) {
                    typename CONFIG_T::accum_t products[2];
                    #pragma HLS ARRAY_PARTITION variable=products complete
                    sparse_pair<CONFIG_T>(lane[CONFIG_T::lane_of[i_pair]], sparse_weight<CONFIG_T>(weights, i_pair, i_rf),
                                          i_pair, products);

                SlotLoop:
                    for (unsigned i_one = 0; i_one < 2; i_one++) {
                        #pragma HLS UNROLL
                        const unsigned i_out = CONFIG_T::out_index[2 * i_pair + i_one];
                        if (i_out < CONFIG_T::n_out) {
                            acc[i_out] += products[i_one];
                        }
                    }
                }
            }
        }
    }
};

// *************************************************
//       RF a multiple of N_IN: as SparseSlots_turns
// *************************************************
template <typename CONFIG_T> struct SparseSlots_turn_pairs {
    template <class data_T, class weights_T>
    static void cycle(data_T data[CONFIG_T::n_in], typename CONFIG_T::accum_t acc[CONFIG_T::n_out], weights_T weights,
                      const unsigned i_rf, const unsigned i_in) {
        #pragma HLS INLINE

        const unsigned turn = CONFIG_T::turn_of[i_rf];

    PairLoop:
        for (unsigned i_pair = 0; i_pair < CONFIG_T::n_kept; i_pair++) {
            #pragma HLS UNROLL

            typename CONFIG_T::accum_t products[2];
            #pragma HLS ARRAY_PARTITION variable=products complete
            sparse_pair<CONFIG_T>(data[i_in], sparse_weight<CONFIG_T>(weights, i_pair, i_rf), i_pair, products);

        SlotLoop:
            for (unsigned i_one = 0; i_one < 2; i_one++) {
                #pragma HLS UNROLL
                const unsigned first = (2 * i_pair + i_one) * CONFIG_T::n_turns;
                if (CONFIG_T::out_index[first] < CONFIG_T::n_out) {
                    sparse_turn<CONFIG_T, 2 * CONFIG_T::n_kept>(acc, products[i_one], first, turn);
                }
            }
        }
    }
};

} // namespace nnet

#endif
