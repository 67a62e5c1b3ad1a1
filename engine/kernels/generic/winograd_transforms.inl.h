// The transforms of Winograd's algorithm over 16 lanes: kernels/winograd.h.
#pragma once

// One native register of a block. Transforms hold a whole tile, which is too much for blocks of several registers.
template <class T>
struct Register {
  using N = Native<T>;
  typename N::Reg r;
  static constexpr int lanes = N::lanes;
  static INLINE Register from(const T* p) { return {N::load(p)}; }
  INLINE void to(T* p) const { N::store(p, r); }
};
template <class T>
INLINE Register<T> operator+(Register<T> a, Register<T> b) {
  return {a.r + b.r};
}
template <class T>
INLINE Register<T> operator-(Register<T> a, Register<T> b) {
  return {a.r - b.r};
}
template <class T>
INLINE Register<T> times(double constant, Register<T> x) {
  return {Native<T>::broadcast(T(constant)) * x.r};
}
template <class T>
INLINE Register<T> madd(double constant, Register<T> x, Register<T> y) {
  return {Native<T>::fma(Native<T>::broadcast(T(constant)), x.r, y.r)};
}

#include "kernels/winograd.h"

// A transform of N to R along the columns of a square, then along its rows, for 16 lanes. `from(i, j)` and `to(i, j)`
// are where elements lie.
template <int N, int R, class T, class F, class From, class To>
struct AlongBoth {
  const From& from;
  const To& to;
  const F& transform;
  int lane;
  Register<T> (&half)[R][N];

  INLINE void column(int j) {
    Register<T> column[N], result[R];
    EACH (i, N) column[i] = Register<T>::from(from(i, j) + lane);
    transform(column, result);
    EACH (i, R) half[i][j] = result[i];
  }
  INLINE void row(int i) {
    Register<T> result[R];
    transform(half[i], result);
    EACH (j, R) result[j].to(to(i, j) + lane);
  }
};
template <int N, int R, class T, class F, class From, class To>
INLINE void along_both(const From& from, const To& to, const F& transform) {
  for (int lane = 0; lane < kLanes; lane += Register<T>::lanes) {
    Register<T> half[R][N];
    AlongBoth<N, R, T, F, From, To> both{from, to, transform, lane, half};
    if constexpr (R * N > Tile<T>::transformed) {  // unrolled, all addresses would be on the stack, too
      _Pragma("GCC unroll 1") for (int j = 0; j < N; j++) both.column(j);
      _Pragma("GCC unroll 1") for (int i = 0; i < R; i++) both.row(i);
    } else {
      for (int j = 0; j < N; j++) both.column(j);
      for (int i = 0; i < R; i++) both.row(i);
    }
  }
}

// B^T d B of one patch.
template <class W, class T>
INLINE void winograd_spread(const T* src, int64_t row, int64_t col, T* dst, int64_t point) {
  constexpr int n = W::points;
  along_both<n, n, T>([&](int i, int j) { return src + i * row + j * col; },
                      [&](int i, int j) { return dst + (n * i + j) * point; },
                      [](const auto& d, auto& v) { W::spread(d, v); });
}

// A^T m A of one tile, into a map of blocks with `cols` columns.
template <class W, class T>
INLINE void winograd_gather(const T* m, int64_t point, T* y, int64_t cols) {
  constexpr int n = W::points;
  along_both<n, W::outputs, T>([&](int i, int j) { return m + (n * i + j) * point; },
                               [&](int i, int j) { return y + (i * cols + j) * kLanes; },
                               [](const auto& at, auto& sums) { W::gather(at, sums); });
}

// G g G^T of one filter, whose taps are `tap` apart.
template <class W, class T>
INLINE void winograd_weigh(const T* g, int64_t tap, T* dst, int64_t point) {
  constexpr int n = W::points, K = W::taps;
  along_both<K, n, T>([&](int i, int j) { return g + (K * i + j) * tap; },
                      [&](int i, int j) { return dst + (n * i + j) * point; },
                      [](const auto& taps, auto& u) { W::weigh(taps, u); });
}

// A dY A^T of one tile: a map of blocks with as many columns as the tile.
template <class W, class T>
INLINE void winograd_scatter(const T* y, T* dst, int64_t point) {
  constexpr int n = W::points, M = W::outputs;
  along_both<M, n, T>([&](int i, int j) { return y + (M * i + j) * kLanes; },
                      [&](int i, int j) { return dst + (n * i + j) * point; },
                      [](const auto& sums, auto& z) { W::scatter(sums, z); });
}

// G^T u G of one filter.
template <class W, class T>
INLINE void winograd_unweigh(const T* u, int64_t point, T* g) {
  constexpr int n = W::points, K = W::taps;
  along_both<n, K, T>([&](int i, int j) { return u + (n * i + j) * point; },
                      [&](int i, int j) { return g + (K * i + j) * kLanes; },
                      [](const auto& at, auto& taps) { W::unweigh(at, taps); });
}
