// Layer normalization, position by position.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args_maps.h"

namespace galago::reference {

// Where a position's channels lie, and their mean and one over their deviation.
template <class T>
struct NormedPosition {
  const T* src;
  T mean = 0, inverse = 0;
  NormedPosition(const LayerNormArgs<T>& a, int64_t row, int64_t col)
      : src(a.src.data + row * a.src.row + col * a.src.col) {
    T squares = 0;
    for (int64_t c = 0; c < a.channels; c++) mean += src[c];
    mean /= static_cast<T>(a.channels);
    for (int64_t c = 0; c < a.channels; c++) squares = std::fma(src[c] - mean, src[c] - mean, squares);
    inverse = 1 / std::sqrt(squares / static_cast<T>(a.channels) + a.epsilon);
  }
  T value(int64_t c) const { return (src[c] - mean) * inverse; }
};

template <class T>
void layer_norm_forward(const LayerNormArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const NormedPosition<T> p(a, row, col);
      T* dst = a.dst.data + row * a.dst.row + col * a.dst.col;
      for (int64_t c = 0; c < a.channels; c++)
        dst[c] = std::fma(p.value(c), a.gamma ? a.gamma[c] : T(1), a.beta ? a.beta[c] : T(0));
    }
}

template <class T>
void layer_norm_backward_input(const LayerNormArgs<T>& a) {
  const T count = static_cast<T>(a.channels);
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const NormedPosition<T> p(a, row, col);
      const T* grad = a.grad.data + row * a.grad.row + col * a.grad.col;
      const auto g = [&](int64_t c) { return grad[c] * (a.gamma ? a.gamma[c] : T(1)); };
      T sum = 0, products = 0;
      for (int64_t c = 0; c < a.channels; c++) {
        sum += g(c);
        products = std::fma(g(c), p.value(c), products);
      }
      T* grad_src = a.grad_src.data + row * a.grad_src.row + col * a.grad_src.col;
      for (int64_t c = 0; c < a.channels; c++)
        grad_src[c] = (g(c) - sum / count - p.value(c) * (products / count)) * p.inverse;
    }
}

template <class T>
void layer_norm_backward_weights(const LayerNormArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const NormedPosition<T> p(a, row, col);
      const T* grad = a.grad.data + row * a.grad.row + col * a.grad.col;
      for (int64_t c = 0; c < a.channels; c++) {
        if (a.grad_gamma) a.grad_gamma[c] = std::fma(grad[c], p.value(c), a.grad_gamma[c]);
        if (a.grad_beta) a.grad_beta[c] += grad[c];
      }
    }
}

}  // namespace galago::reference
