// Gradients of batch normalization.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args.h"
#include "kernels/reference/batch_norm.h"

namespace galago::reference {

// The gradient in front of the ReLU: 0 where that gave 0.
template <class T>
T gradient_at(const NormGradSource<T>& a, int64_t row, int64_t col, int64_t c) {
  const bool dead = a.relu && normalized_at<T>(a, row, col, c) <= 0;
  return dead ? T(0) : value_at(a.grad, row, col, c);
}

template <class T>
void batch_norm_backward_sums(const NormSumsArgs<T>& a) {
  for (int64_t c = 0; c < a.channels; c++) {
    a.sums[c] = sum_positions<T>(
        a.rows, a.cols, [&](int64_t row, int64_t col, T so_far) { return so_far + gradient_at(a, row, col, c); });
    a.sums[padded(a.channels) + c] = sum_positions<T>(a.rows, a.cols, [&](int64_t row, int64_t col, T so_far) {
      const T value = (value_at(a.src, row, col, c) - a.mean[c]) * a.inverse[c];
      return std::fma(gradient_at(a, row, col, c), value, so_far);
    });
  }
}

// With N positions in the batch: grad_beta = sum of gradients, grad_gamma = sum of gradient times normalized value, and
// grad_src = scale (grad - grad_beta / N - value grad_gamma / N).
template <class T>
void batch_norm_backward_parameters(const NormGradArgs<T>& a) {
  const double count = static_cast<double>(a.images) * static_cast<double>(a.positions);
  for (int64_t c = 0; c < kBlock; c++) {
    double grads = 0, products = 0;
    for (int64_t i = 0; i < a.images; i++) {
      grads += static_cast<double>(a.sums[i * a.sums_row + c]);
      products += static_cast<double>(a.sums[i * a.sums_row + a.sums_half + c]);
    }
    if (a.grad_beta) a.grad_beta[c] = static_cast<T>(grads);
    if (a.grad_gamma) a.grad_gamma[c] = static_cast<T>(products);
    const double scale = static_cast<double>(a.state[NormState::scale * a.state_row + c]);
    const double inverse = static_cast<double>(a.state[NormState::inverse * a.state_row + c]);
    a.state[NormState::grad_slope * a.state_row + c] = static_cast<T>(-scale * inverse * products / count);
    a.state[NormState::grad_offset * a.state_row + c] = static_cast<T>(-scale * grads / count);
  }
}

template <class T>
void batch_norm_backward_input(const NormInputArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const T grad = gradient_at(a, row, col, c);
        T& result = a.grad_src.data[row * a.grad_src.row + col * a.grad_src.col + c];
        if (!a.grad_slope) {  // fixed statistics
          result = grad * a.scale[c];
          continue;
        }
        const T deviation = value_at(a.src, row, col, c) - a.mean[c];
        result = std::fma(deviation, a.grad_slope[c], std::fma(grad, a.scale[c], a.grad_offset[c]));
      }
}

// Scale and shift of a batch norm whose statistics are fixed.
template <class T>
void batch_norm_coefficients(const NormCoefficientsArgs<T>& a) {
  for (int64_t c = 0; c < a.channels; c++) {
    const double inverse = 1 / std::sqrt(static_cast<double>(a.variance[c]) + a.epsilon);
    const double scale = a.gamma ? static_cast<double>(a.gamma[c]) * inverse : inverse;
    const double in = (a.bias ? static_cast<double>(a.bias[c]) : 0) - static_cast<double>(a.mean[c]);
    a.scale[c] = static_cast<T>(scale);
    a.shift[c] = static_cast<T>(in * scale + (a.beta ? static_cast<double>(a.beta[c]) : 0));
  }
}

}  // namespace galago::reference
