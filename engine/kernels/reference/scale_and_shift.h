// What follows the sum of a convolution: a batch norm or a bias.
#pragma once
#include <cmath>
#include <cstdint>

namespace galago::reference {

template <class T>
T scale_and_shift(T sum, const T* scale, const T* bias, int64_t output) {
  if (scale) return std::fma(sum, scale[output], bias[output]);
  return bias ? sum + bias[output] : sum;
}

}  // namespace galago::reference
