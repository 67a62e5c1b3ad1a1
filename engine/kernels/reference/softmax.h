// Softmax of rows, and its gradient.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

// NaN if any is NaN.
template <class T>
T largest(const T* values, int64_t count) {
  T best = values[0];
  for (int64_t i = 1; i < count; i++)
    if (std::isnan(values[i]) || values[i] > best) best = values[i];
  return best;
}

template <class T>
void softmax_row(const T* src, T* dst, int64_t cols) {
  const T top = largest(src, cols);
  T sum = 0;
  for (int64_t c = 0; c < cols; c++) sum += dst[c] = std::exp(src[c] - top);
  for (int64_t c = 0; c < cols; c++) dst[c] /= sum;
}

template <class T>
void softmax_forward(const ActivationArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++) softmax_row(a.src + row * a.src_row, a.dst + row * a.dst_row, a.cols);
}

// grad_src = (grad - sum of grad * out) * out.
template <class T>
void softmax_backward(const ActivationArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++) {
    const T* out = a.out + row * a.out_row;
    const T* grad = a.grad + row * a.grad_row;
    T sum = 0;
    for (int64_t c = 0; c < a.cols; c++) sum = std::fma(grad[c], out[c], sum);
    for (int64_t c = 0; c < a.cols; c++) a.grad_src[row * a.grad_src_row + c] = (grad[c] - sum) * out[c];
  }
}

}  // namespace galago::reference
