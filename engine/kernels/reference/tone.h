// Contrast and brightness: values moved away from their mean, or all up or down, and kept within limits.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args_images.h"

namespace galago::reference {

// Over all positions: first each row, then the rows.
template <class T, class F>
T sum_of_rows(const ToneArgs<T>& a, const F& at) {
  T sum = 0;
  for (int64_t row = 0; row < a.rows; row++) {
    T of_row = 0;
    for (int64_t col = 0; col < a.cols; col++) of_row += at(row, col);
    sum += of_row;
  }
  return sum;
}

// A channel before the limits, as a function of the position.
template <class T>
auto toned(const ToneArgs<T>& a, int64_t c) {
  const auto src = [a, c](int64_t row, int64_t col) { return a.src.data[row * a.src.row + col * a.src.col + c]; };
  const T mean = a.contrast ? sum_of_rows(a, src) / static_cast<T>(int64_t{a.rows} * a.cols) : T(0);
  return [a, src, mean](int64_t row, int64_t col) {
    return a.contrast ? std::fma(src(row, col) - mean, a.amount, mean) : src(row, col) + a.amount;
  };
}

template <class T>
void tone_forward(const ToneArgs<T>& a) {
  for (int64_t c = 0; c < a.channels; c++) {
    const auto value = toned(a, c);
    for (int64_t row = 0; row < a.rows; row++)
      for (int64_t col = 0; col < a.cols; col++) {
        const T x = value(row, col);
        a.dst.data[row * a.dst.row + col * a.dst.col + c] = x < a.least ? a.least : x > a.most ? a.most : x;
      }
  }
}

template <class T>
void tone_backward(const ToneArgs<T>& a) {
  for (int64_t c = 0; c < a.channels; c++) {
    const auto value = toned(a, c);
    const auto through = [&](int64_t row, int64_t col) {
      const T x = value(row, col);
      return x < a.least || x > a.most ? T(0) : a.grad.data[row * a.grad.row + col * a.grad.col + c];
    };
    T of_mean = 0;
    if (a.contrast) of_mean = sum_of_rows(a, through) * ((1 - a.amount) / static_cast<T>(int64_t{a.rows} * a.cols));
    for (int64_t row = 0; row < a.rows; row++)
      for (int64_t col = 0; col < a.cols; col++)
        a.grad_src.data[row * a.grad_src.row + col * a.grad_src.col + c] =
            std::fma(through(row, col), a.contrast ? a.amount : T(1), of_mean);
  }
}

}  // namespace galago::reference
