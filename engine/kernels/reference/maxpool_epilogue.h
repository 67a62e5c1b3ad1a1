// What becomes of the four sums of a 2x2 window: max, bias, ReLU, winner.
#pragma once
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/args.h"

namespace galago::reference {

// ReLU that lets NaN through.
template <class T>
T relu(T x) {
  return x <= 0 ? T(0) : x;
}

template <class T>
struct Winner {
  T value;       // after bias and ReLU
  int position;  // 0 1 above, 2 3 below; the first of equal ones
  bool living;   // ReLU let it through
};

// max(v) + bias is max(v + bias), since rounding is monotone. One NaN makes the window NaN.
template <class T>
Winner<T> pool_window(const T (&v)[4], T bias) {
  const int above = v[1] > v[0] ? 1 : 0, below = v[3] > v[2] ? 3 : 2;
  const int position = v[below] > v[above] ? below : above;
  const bool nan = std::isnan(v[0]) || std::isnan(v[1]) || std::isnan(v[2]) || std::isnan(v[3]);
  const T value = (nan ? std::numeric_limits<T>::quiet_NaN() : v[position]) + bias;
  return {relu(value), position, !(value <= 0)};
}

// Winners are bits: [window][position][16 outputs]. A window starts without any.
inline void clear_winners(uint16_t* winners, int64_t window, int64_t outputs) {
  const int64_t blocks = padded(outputs) / kBlock;
  for (int64_t i = 0; i < 4 * blocks; i++) winners[window * 4 * blocks + i] = 0;
}

template <class T>
void keep_winner(uint16_t* winners, int64_t window, int64_t outputs, int64_t o, const Winner<T>& winner) {
  const int64_t blocks = padded(outputs) / kBlock;
  if (winner.living) winners[(window * 4 + winner.position) * blocks + o / kBlock] |= uint16_t(1u << o % kBlock);
}

// Whether output o of a window has its living winner at a position.
inline bool wins(const uint16_t* winners, int64_t window, int64_t outputs, int64_t o, int position) {
  const int64_t blocks = padded(outputs) / kBlock;
  return winners[(window * 4 + position) * blocks + o / kBlock] >> o % kBlock & 1;
}

}  // namespace galago::reference
