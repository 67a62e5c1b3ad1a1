// Depthwise convolution and its gradients, one channel after the other.
#pragma once
#include <cmath>

#include "kernels/args.h"
#include "kernels/reference/maxpool_epilogue.h"
#include "kernels/reference/scale_and_shift.h"

namespace galago::reference {

template <class T>
void depthwise_forward(const DepthwiseArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        T sum = 0;
        for (int64_t tap = 0; tap < a.tap_count; tap++) {
          const T w = a.weights[(a.tap_order ? a.tap_order[tap] : tap) * padded(a.channels) + c];
          sum = std::fma(a.src[row * a.src_row + col * a.src_col + a.taps[tap] + c], w, sum);
        }
        const T value = scale_and_shift(sum, a.scale, a.bias, c);
        a.dst[row * a.dst_row + col * a.dst_col + c] = a.relu ? relu(value) : value;
      }
}

// The gradient of the input is a depthwise convolution of the gradient, its taps in another order.
template <class T>
void depthwise_backward_input(const DepthwiseArgs<T>& a) {
  depthwise_forward(a);
}

template <class T>
void depthwise_backward_weights(const ConvGradArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const T grad = a.grad[row * a.grad_row + col * a.grad_col + c];
        if (a.grad_bias) a.grad_bias[c] += grad;
        for (int64_t tap = 0; tap < a.tap_count; tap++) {
          T& sum = a.grad_weights[tap * padded(a.channels) + c];
          sum = std::fma(a.src[row * a.src_row + col * a.src_col + a.taps[tap] + c], grad, sum);
        }
      }
}

}  // namespace galago::reference
