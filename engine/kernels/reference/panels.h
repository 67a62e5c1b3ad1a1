// Where the weights of a convolution lie, and the sum every convolution is made of.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

// The weight of output o at k in panels of k_count rows.
template <class T>
T panel_weight(const T* panels, int64_t k_count, int64_t outputs, int64_t k, int64_t o) {
  const int64_t first = o / kPanel * kPanel, left = padded(outputs) - first;
  const int64_t width = left < kPanel ? left : kPanel;
  return panels[first * k_count + k * width + (o - first)];
}

// Output o at the position whose tap 0 reads src[0]: one chain over (tap, channel), without the bias.
template <class T>
T conv_sum(const ConvArgs<T>& a, const T* src, int64_t o) {
  const int64_t k_count = int64_t(a.tap_count) * a.channels;
  T sum = 0;
  for (int64_t tap = 0; tap < a.tap_count; tap++)
    for (int64_t c = 0; c < a.channels; c++)
      sum = std::fma(src[a.taps[tap] + c], panel_weight(a.weights, k_count, a.outputs, tap * a.channels + c, o), sum);
  return sum;
}

}  // namespace galago::reference
