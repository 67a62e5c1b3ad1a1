// 3x3 convolution (+ bias + ReLU + 2x2 max pool) by Winograd's F(2x2,3x3): the four outputs of a tile as
//
//   Y = A^T [ sum over channels of (G g G^T) * (B^T d B) ] A
//
//          | 1  0 -1  0 |         | 1    0    0  |
//   B^T =  | 0  1  1  0 |    G =  | 1/2  1/2 1/2 |    A^T =  | 1  1  1  0 |
//          | 0 -1  1  0 |         | 1/2 -1/2 1/2 |           | 0  1 -1 -1 |
//          | 0  1  0 -1 |         | 0    0    1  |
//
// with the 4x4 patch d of the source and the 3x3 weights g (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016). The weights come transformed; pack_winograd does that.
#pragma once
#include "kernels/reference/maxpool_epilogue.h"
#include "kernels/reference/panels.h"
#include "kernels/reference/scale_and_shift.h"

namespace galago::reference {

// B^T applied to one column or row of a patch.
template <class T>
void transform_four(T (&x)[4]) {
  const T d0 = x[0], d1 = x[1], d2 = x[2], d3 = x[3];
  x[0] = d0 - d2;
  x[1] = d1 + d2;
  x[2] = d2 - d1;
  x[3] = d1 - d3;
}

// B^T d B of the patch at src, one channel.
template <class T>
void transform_patch(const WinogradArgs<T>& a, const T* src, T (&v)[4][4]) {
  for (int j = 0; j < 4; j++) {
    T column[4];
    for (int i = 0; i < 4; i++) column[i] = src[i * a.src_row + j * a.src_col];
    transform_four(column);
    for (int i = 0; i < 4; i++) v[i][j] = column[i];
  }
  for (int i = 0; i < 4; i++) transform_four(v[i]);
}

// A^T m A.
template <class T>
void transform_back(const T (&m)[4][4], T (&y)[4]) {
  T above[4], below[4];
  for (int j = 0; j < 4; j++) {
    above[j] = (m[0][j] + m[1][j]) + m[2][j];
    below[j] = (m[1][j] - m[2][j]) - m[3][j];
  }
  y[0] = (above[0] + above[1]) + above[2];
  y[1] = (above[1] - above[2]) - above[3];
  y[2] = (below[0] + below[1]) + below[2];
  y[3] = (below[1] - below[2]) - below[3];
}

// The four sums of output o in the tile whose patch starts at src.
template <class T>
void winograd_tile(const WinogradArgs<T>& a, const T* src, int64_t o, T (&y)[4]) {
  const int64_t point_size = a.channels * padded(a.outputs);
  T m[4][4] = {};
  for (int64_t c = 0; c < a.channels; c++) {
    T v[4][4];
    transform_patch(a, src + c, v);
    for (int p = 0; p < 16; p++) {
      const T u = panel_weight(a.weights + p * point_size, a.channels, a.outputs, c, o);
      m[p / 4][p % 4] = std::fma(v[p / 4][p % 4], u, m[p / 4][p % 4]);
    }
  }
  transform_back(m, y);
}

template <class T>
void conv_winograd_relu_maxpool_forward(const WinogradArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const int64_t window = row * a.cols + col;
      if (a.winners) clear_winners(a.winners, window, a.outputs);
      for (int64_t o = 0; o < a.outputs; o++) {
        T y[4];
        winograd_tile(a, a.src + 2 * (row * a.src_row + col * a.src_col), o, y);
        const Winner<T> winner = pool_window(y, a.bias ? a.bias[o] : T(0));
        a.dst[row * a.dst_row + col * a.dst_col + o] = winner.value;
        if (a.winners) keep_winner(a.winners, window, a.outputs, o, winner);
      }
    }
}

// Output (row, col) is one of the four of its tile.
template <class T>
void conv_winograd_forward(const WinogradArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t o = 0; o < a.outputs; o++) {
        T y[4];
        winograd_tile(a, a.src + row / 2 * 2 * a.src_row + col / 2 * 2 * a.src_col, o, y);
        const T value = scale_and_shift(y[row % 2 * 2 + col % 2], a.scale, a.bias, o);
        a.dst[row * a.dst_row + col * a.dst_col + o] = a.relu ? relu(value) : value;
      }
}

// The gradient of the input is a convolution of the gradient with the weights turned round.
template <class T>
void conv_winograd_backward_input(const WinogradArgs<T>& a) {
  conv_winograd_forward(a);
}

}  // namespace galago::reference
