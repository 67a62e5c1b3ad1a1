// The transforms of Winograd's algorithm for single numbers.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

template <class T>
T times(double constant, T x) {
  return T(constant) * x;
}
template <class T>
T madd(double constant, T x, T y) {
  return std::fma(T(constant), x, y);
}

#define INLINE inline
#define EACH(i, n) for (int i = 0; i < (n); i++)
#include "kernels/winograd.h"
#undef INLINE
#undef EACH

// A transform of N numbers to R along the columns of a square, then along its rows.
template <int N, int R, class T, class F>
void along_both(const T (&from)[N][N], T (&to)[R][R], const F& transform) {
  T half[R][N];
  for (int j = 0; j < N; j++) {
    T column[N], result[R];
    for (int i = 0; i < N; i++) column[i] = from[i][j];
    transform(column, result);
    for (int i = 0; i < R; i++) half[i][j] = result[i];
  }
  for (int i = 0; i < R; i++) transform(half[i], to[i]);
}

}  // namespace galago::reference
