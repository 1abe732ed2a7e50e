#ifndef NNET_FABRIC_H_
#define NNET_FABRIC_H_

#include "nnet_mult.h"

namespace nnet {

namespace product {

// The product of `mult`, built from LUTs in place of DSP blocks
template <class x_T, class w_T> class mult_fabric : public Product {
  public:
    static auto product(x_T a, w_T w) -> decltype(a * w) {
        #pragma HLS INLINE

        decltype(a * w) p = a * w;
#ifdef __VITIS_HLS__
        #pragma HLS BIND_OP variable=p op=mul impl=fabric
#else
        #pragma HLS RESOURCE variable=p core=Mul_LUT
#endif
        return p;
    }
};

} // namespace product

// A factor of type T whose products are built from LUTs
template <class T> struct fabric_factor : public T {
    fabric_factor() {}
    template <class value_T> fabric_factor(const value_T &value) : T(value) {}
};

template <class x_T, class T>
auto operator*(const x_T &a, const fabric_factor<T> &b) -> decltype(a * static_cast<const T &>(b)) {
    #pragma HLS INLINE
    return product::mult_fabric<x_T, T>::product(a, b);
}

} // namespace nnet

#endif
