// A picture that shows another one from elsewhere, and the gradient of that one.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args_images.h"

namespace galago::reference {

// Where a position beyond the border is, -1 where it is nowhere.
inline int64_t inside(int64_t place, int64_t size, FillMode mode) {
  while (place < 0 || place >= size) {
    switch (mode) {
      case FillMode::constant: return -1;
      case FillMode::nearest: place = place < 0 ? 0 : size - 1; break;
      case FillMode::reflect: place = place < 0 ? -1 - place : 2 * size - 1 - place; break;
      case FillMode::wrap: place += place < 0 ? size : -size; break;
    }
  }
  return place;
}

// Calls use(row, column, weight) for the pixels of the other picture that one of this is made of; -1 for outside.
template <class T, class F>
void each_pixel(const WarpArgs<T>& a, int64_t row, int64_t col, const F& use) {
  double low[2], part[2];
  for (int axis = 0; axis < 2; axis++) {
    const double place =
        a.places[axis][0] * static_cast<double>(row) + a.places[axis][1] * static_cast<double>(col) + a.places[axis][2];
    low[axis] = a.nearest ? std::round(place) : std::floor(place);
    part[axis] = a.nearest ? 0 : place - low[axis];
  }
  for (int r = 0; r <= (part[0] > 0); r++)
    for (int c = 0; c <= (part[1] > 0); c++) {
      const double weight = (r ? part[0] : 1 - part[0]) * (c ? part[1] : 1 - part[1]);
      const int64_t at_row = inside(static_cast<int64_t>(low[0]) + r, a.other_rows, a.mode);
      const int64_t at_col = inside(static_cast<int64_t>(low[1]) + c, a.other_cols, a.mode);
      use(at_col < 0 ? -1 : at_row, at_col, static_cast<T>(weight));
    }
}

template <class T>
void warp_forward(const WarpArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        T sum = 0;
        each_pixel(a, row, col, [&](int64_t r, int64_t k, T weight) {
          sum = std::fma(weight, r < 0 ? a.fill : a.from.data[r * a.from.row + k * a.from.col + c], sum);
        });
        a.to.data[row * a.to.row + col * a.to.col + c] = sum;
      }
}

template <class T>
void warp_backward(const WarpArgs<T>& a) {
  for (int64_t c = 0; c < a.channels; c++) {
    for (int64_t row = 0; row < a.other_rows; row++)
      for (int64_t col = 0; col < a.other_cols; col++) a.to.data[row * a.to.row + col * a.to.col + c] = 0;
    for (int64_t row = 0; row < a.rows; row++)
      for (int64_t col = 0; col < a.cols; col++)
        each_pixel(a, row, col, [&](int64_t r, int64_t k, T weight) {
          if (r < 0) return;
          T& sum = a.to.data[r * a.to.row + k * a.to.col + c];
          sum = std::fma(weight, a.from.data[row * a.from.row + col * a.from.col + c], sum);
        });
  }
}

}  // namespace galago::reference
