// What stands around an optimizer's own rule, one weight at a time.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/reference/update_others.h"

namespace galago::reference {

template <class T>
void regularized_gradient(const GradientArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    const T w = a.weights[i];
    a.sum[i] = std::fma(a.twice_l2, w, std::fma(a.l1, sign(w), sum_shards(a, i)));
  }
}

template <class T>
void clip_and_decay(const ClipArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    T& g = a.grad[i];
    g = a.scale * g;
    if (g > a.limit) g = a.limit;
    if (g < -a.limit) g = -a.limit;
    a.weights[i] = std::fma(-a.decay, a.weights[i], a.weights[i]);
  }
}

template <class T>
void sum_magnitudes(const SumsArgs<T>& a) {
  for (int64_t lane = 0; lane < kBlock; lane++) a.magnitudes[lane] = a.squares[lane] = 0;
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t c = 0; c < a.used; c++) {
      const T x = a.values[row * a.row + c];
      a.magnitudes[c % kBlock] += std::fabs(x);
      a.squares[c % kBlock] = std::fma(x, x, a.squares[c % kBlock]);
    }
}

template <class T>
void average_weights(const AverageArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    a.average[i] = std::fma(a.momentum, a.average[i], a.rest * a.weights[i]);
    if (a.overwrite) a.weights[i] = a.average[i];
  }
}

}  // namespace galago::reference
