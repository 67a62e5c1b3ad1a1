// Convolution + bias (+ ReLU (+ 2x2 max pool)), one output after the other.
#pragma once
#include "kernels/reference/maxpool_epilogue.h"
#include "kernels/reference/panels.h"
#include "kernels/reference/scale_and_shift.h"

namespace galago::reference {

template <class T>
void conv_forward(const ConvArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t o = 0; o < a.outputs; o++) {
        const T sum = conv_sum(a, a.src + row * a.src_row + col * a.src_col, o);
        const T value = scale_and_shift(sum, a.scale, a.bias, o);
        a.dst[row * a.dst_row + col * a.dst_col + o] = a.relu ? relu(value) : value;
      }
}

// The gradient of a convolution's input is a convolution of the gradient with the weights turned round.
template <class T>
void conv_backward_input(const ConvArgs<T>& a) {
  conv_forward(a);
}

template <class T>
void conv_relu_maxpool_forward(const ConvArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const int64_t window = row * a.cols + col;
      if (a.winners) clear_winners(a.winners, window, a.outputs);
      for (int64_t o = 0; o < a.outputs; o++) {
        T sums[4];
        for (int q = 0; q < 4; q++)
          sums[q] = conv_sum(a, a.src + (2 * row + q / 2) * a.src_row + (2 * col + q % 2) * a.src_col, o);
        const Winner<T> winner = pool_window(sums, a.bias ? a.bias[o] : T(0));
        a.dst[row * a.dst_row + col * a.dst_col + o] = winner.value;
        if (a.winners) keep_winner(a.winners, window, a.outputs, o, winner);
      }
    }
}

}  // namespace galago::reference
