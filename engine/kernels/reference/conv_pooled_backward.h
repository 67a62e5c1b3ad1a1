// Gradients through 2x2 max pool and ReLU into the convolution before them.
//
// Of each window and output only the winner has a gradient, and only if ReLU let it live. That gradient is the one of
// the pooled output; it meets the convolution at the winner's position.
#pragma once
#include "kernels/reference/maxpool_epilogue.h"

namespace galago::reference {

// What tap 0 of the convolution reads for a position of a window, from the start of src.
template <class T>
int64_t winner_offset(const PooledGradArgs<T>& a, int64_t row, int64_t col, int position) {
  return (2 * row + position / 2) * a.src_row + (2 * col + position % 2) * a.src_col;
}

// grad_weights[o][tap][channel] += gradient * what the winner's tap read; chains go over windows.
template <class T>
void conv_relu_maxpool_backward_weights(const PooledGradArgs<T>& a) {
  const int64_t channels = padded(a.channels);
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t o = 0; o < a.outputs; o++)
        for (int q = 0; q < 4; q++) {
          if (!wins(a.winners, row * a.cols + col, a.outputs, o, q)) continue;
          const T g = a.grad[row * a.grad_row + col * a.grad_col + o];
          const T* src = a.src + winner_offset(a, row, col, q);
          if (a.grad_bias) a.grad_bias[o] += g;
          for (int64_t tap = 0; tap < a.tap_count; tap++)
            for (int64_t c = 0; c < a.channels; c++) {
              T& sum = a.grad_weights[(o * a.tap_count + tap) * channels + c];
              sum = std::fma(g, src[a.taps[tap] + c], sum);
            }
        }
}

// The same for few input channels: grad_weights[tap, channel][o]. A dead window adds 0 times its first position.
template <class T>
void conv_relu_maxpool_backward_weights_thin(const PooledGradArgs<T>& a) {
  const int64_t outputs = padded(a.outputs);
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t o = 0; o < a.outputs; o++) {
        T g = 0;
        int position = 0;
        for (int q = 0; q < 4; q++)
          if (wins(a.winners, row * a.cols + col, a.outputs, o, q)) {
            g = a.grad[row * a.grad_row + col * a.grad_col + o];
            position = q;
          }
        const T* src = a.src + winner_offset(a, row, col, position);
        if (a.grad_bias) a.grad_bias[o] += g;
        for (int64_t tap = 0; tap < a.tap_count; tap++)
          for (int64_t c = 0; c < a.channels; c++) {
            T& sum = a.grad_weights[(tap * a.channels + c) * outputs + o];
            sum = std::fma(g, src[a.taps[tap] + c], sum);
          }
      }
}

// grad_src[what the winner's tap read] += gradient * weight, from zero; chains go over (window, position, output).
template <class T>
void conv_relu_maxpool_backward_input(const PooledGradArgs<T>& a) {
  std::fill_n(a.grad_map, a.grad_map_size, T(0));
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int q = 0; q < 4; q++)
        for (int64_t o = 0; o < a.outputs; o++) {
          if (!wins(a.winners, row * a.cols + col, a.outputs, o, q)) continue;
          const T g = a.grad[row * a.grad_row + col * a.grad_col + o];
          T* grad_src = a.grad_src + winner_offset(a, row, col, q);
          for (int64_t tap = 0; tap < a.tap_count; tap++)
            for (int64_t c = 0; c < a.channels; c++) {
              const int64_t panel = c / kBlock * a.outputs + o;  // [channel block][output][tap][16]
              T& sum = grad_src[a.taps[tap] + c];
              sum = std::fma(g, a.weights[(panel * a.tap_count + tap) * kBlock + c % kBlock], sum);
            }
        }
}

}  // namespace galago::reference
