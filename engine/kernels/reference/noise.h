// Normal noise: the quantile of a draw by bisection of the error function, which no polynomial has to be trusted for.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/reference/dropout.h"

namespace galago::reference {

// The x below which a share of normal numbers lies.
inline double normal_quantile(double share) {
  double low = -8, high = 8;
  for (int step = 0; step < 60; step++) {
    const double middle = (low + high) / 2;
    if (std::erfc(-middle * std::sqrt(0.5)) / 2 < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

template <class T>
void gaussian_noise(const NoiseArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const double share = (static_cast<double>(draw(a, row, col, c) >> 9) + 0.5) * 0x1p-23;
        a.dst.data[row * a.dst.row + col * a.dst.col + c] = std::fma(
            a.deviation, static_cast<T>(normal_quantile(share)), a.src.data[row * a.src.row + col * a.src.col + c]);
      }
}

}  // namespace galago::reference
