// Weight and bias gradients of a convolution whose outputs all have a gradient.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

// grad_weights[tap, channel][o] += what the tap read * gradient; chains go over output positions.
template <class T>
void conv_backward_weights(const ConvGradArgs<T>& a) {
  const int64_t outputs = padded(a.outputs);
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const T* src = a.src + row * a.src_row + col * a.src_col;
      const T* grad = a.grad + row * a.grad_row + col * a.grad_col;
      for (int64_t o = 0; o < a.outputs; o++) {
        if (a.grad_bias) a.grad_bias[o] += grad[o];
        for (int64_t tap = 0; tap < a.tap_count; tap++)
          for (int64_t c = 0; c < a.channels; c++) {
            T& sum = a.grad_weights[(tap * a.channels + c) * outputs + o];
            sum = std::fma(src[a.taps[tap] + c], grad[o], sum);
          }
      }
    }
}

}  // namespace galago::reference
