// Optimizers, one weight at a time.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args_update.h"

namespace galago::reference {

// Shards are added in a tree: neighbours, then neighbours of sums, ...
template <template <class> class Args, class T>
T sum_shards(const Args<T>& a, int64_t i) {
  T sums[kMaxShards];
  for (int s = 0; s < a.shards; s++) sums[s] = a.grads[s][i];
  for (int step = 1; step < a.shards; step *= 2)
    for (int s = 0; s + step < a.shards; s += 2 * step) sums[s] += sums[s + step];
  return sums[0];
}

// Moments below 2^-100 count as zero, so that they do not linger among the subnormal numbers.
template <class T>
T without_dust(T x) {
  return std::fabs(x) < T(0x1p-100) ? T(0) : x;
}

template <class T>
void sgd_update(const UpdateArgs<T>& a) {
  for (int64_t i = 0; i < a.count; i++) {
    const T g = sum_shards(a, i);
    T& w = a.weights[i];
    if (a.momentum == 0) {
      w = std::fma(-a.rate, g, w);
      continue;
    }
    T& m = a.first[i];
    m = without_dust(std::fma(-a.rate, g, a.momentum * m));
    w += a.nesterov ? std::fma(-a.rate, g, a.momentum * m) : m;
  }
}

// The larger of two, and NaN if either is NaN.
template <class T>
T larger_or_nan(T x, T y) {
  return y > x || y != y ? y : x;
}

// AMSGrad divides by the root of the largest v so far.
template <class T>
void adam_steps(const UpdateArgs<T>& a, bool largest) {
  for (int64_t i = 0; i < a.count; i++) {
    const T g = sum_shards(a, i);
    T& m = a.first[i];
    T& v = a.second[i];
    m = without_dust(std::fma(g - m, a.rest_1, m));
    v = without_dust(std::fma(std::fma(g, g, -v), a.rest_2, v));
    if (largest) a.third[i] = larger_or_nan(a.third[i], v);
    a.weights[i] -= a.rate * m / (std::sqrt(largest ? a.third[i] : v) + a.epsilon);
  }
}

template <class T>
void adam_update(const UpdateArgs<T>& a) {
  adam_steps(a, false);
}
template <class T>
void amsgrad_update(const UpdateArgs<T>& a) {
  adam_steps(a, true);
}

}  // namespace galago::reference
