// Convolution (+ bias + ReLU + 2x2 max pool) by Winograd's algorithm, tile by tile, and the gradient of its weights:
// kernels/winograd.h. The weights come at the points already; pack_winograd does that.
#pragma once
#include "kernels/reference/maxpool_epilogue.h"
#include "kernels/reference/panels.h"
#include "kernels/reference/scale_and_shift.h"
#include "kernels/reference/winograd_tiling.h"

namespace galago::reference {

// B^T d B of the patch at src, one channel.
template <class W, class T>
void spread_patch(const T* src, int64_t row, int64_t col, T (&v)[W::points][W::points]) {
  constexpr int n = W::points;
  T d[n][n];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) d[i][j] = src[i * row + j * col];
  along_both<n, n>(d, v, [](const auto& from, auto& to) { W::spread(from, to); });
}

// Calls store(row, col, sum) with every sum of output o in an image, those past the border of the map included.
template <class W, class T, class Store>
void winograd_sums(const WinogradArgs<T>& a, int64_t image, int64_t o, const Store& store) {
  constexpr int n = W::points, M = W::outputs;
  const int64_t point_size = winograd_point(a.channels, a.outputs);
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const T* src = a.src + image * a.src_image + M * (row * a.src_row + col * a.src_col);
      T m[n][n] = {}, y[M][M];
      for (int64_t c = 0; c < a.channels; c++) {
        T v[n][n];
        spread_patch<W>(src + c, a.src_row, a.src_col, v);
        for (int p = 0; p < n * n; p++) {
          const T u = panel_weight(a.weights + p * point_size, a.channels, a.outputs, c, o);
          m[p / n][p % n] = std::fma(v[p / n][p % n], u, m[p / n][p % n]);
        }
      }
      along_both<n, M>(m, y, [](const auto& from, auto& to) { W::gather(from, to); });
      for (int i = 0; i < M; i++)
        for (int j = 0; j < M; j++) store(M * row + i, M * col + j, y[i][j]);
    }
}

template <class T>
void conv_winograd_relu_maxpool_forward(const WinogradArgs<T>& a) {
  with_tiling(a.size, a.taps, [&](auto tiling) {
    using W = decltype(tiling);
    const int64_t cols = W::outputs * a.cols;
    for (int64_t image = 0; image < a.images; image++) {
      uint16_t* winners = a.winners ? a.winners + image * a.winners_image : nullptr;
      for (int64_t o = a.first_output; o < std::min(a.last_output, a.outputs); o++) {
        T* sums = a.scratch;
        winograd_sums<W>(a, image, o, [&](int64_t row, int64_t col, T sum) { sums[row * cols + col] = sum; });
        for (int64_t row = 0; row < a.dst_rows; row++)
          for (int64_t col = 0; col < a.dst_cols; col++) {
            const int64_t window = row * a.dst_cols + col;
            const T* y = sums + 2 * (row * cols + col);
            const Winner<T> winner = pool_window({y[0], y[1], y[cols], y[cols + 1]}, a.bias ? a.bias[o] : T(0));
            a.dst[image * a.dst_image + row * a.dst_row + col * a.dst_col + o] = winner.value;
            if (!winners) continue;
            if (o % kBlock == 0)
              for (int64_t position = 0; position < 4; position++)
                winners[(window * 4 + position) * (padded(a.outputs) / kBlock) + o / kBlock] = 0;
            keep_winner(winners, window, a.outputs, o, winner);
          }
      }
    }
  });
}

template <class T>
void conv_winograd_forward(const WinogradArgs<T>& a) {
  with_tiling(a.size, a.taps, [&](auto tiling) {
    for (int64_t image = 0; image < a.images; image++)
      for (int64_t o = a.first_output; o < std::min(a.last_output, a.outputs); o++)
        winograd_sums<decltype(tiling)>(a, image, o, [&](int64_t row, int64_t col, T sum) {
          if (row >= a.dst_rows || col >= a.dst_cols) return;
          const T value = scale_and_shift(sum, a.scale, a.bias, o);
          a.dst[image * a.dst_image + row * a.dst_row + col * a.dst_col + o] = a.relu ? relu(value) : value;
        });
  });
}

// The gradient of the input is a convolution of the gradient with the weights turned round.
template <class T>
void conv_winograd_backward_input(const WinogradArgs<T>& a) {
  conv_winograd_forward(a);
}

// A dY A^T of one tile and output; what lies past the border of the map counts as zero.
template <class W, class T>
void scatter_tile(const WinogradGradArgs<T>& a, int64_t image, int64_t row, int64_t col, int64_t o,
                  T (&z)[W::points][W::points]) {
  constexpr int M = W::outputs;
  T y[M][M] = {};
  for (int64_t i = 0; i < M && M * row + i < a.grad_rows; i++)
    for (int64_t j = 0; j < M && M * col + j < a.grad_cols; j++)
      y[i][j] = a.grad[image * a.grad_image + (M * row + i) * a.grad_row + (M * col + j) * a.grad_col + o];
  along_both<M, W::points>(y, z, [](const auto& from, auto& to) { W::scatter(from, to); });
}

template <class T>
void conv_winograd_backward_weights(const WinogradGradArgs<T>& a) {
  using W = Tiling<4, 3, SixPoints>;
  constexpr int n = W::points, M = W::outputs;
  const int64_t at_once = winograd_tiles_at_once(n * n, a.channels, a.outputs), of_image = int64_t(a.rows) * a.cols;
  for (int64_t first = 0; first < a.count(); first += at_once)
    for (int64_t c = 0; c < a.channels; c++)
      for (int64_t o = 0; o < a.outputs; o++) {
        T u[n][n] = {}, g[3][3];
        for (int64_t tile = first; tile < std::min(first + at_once, a.count()); tile++) {
          const int64_t image = tile / of_image, row = tile % of_image / a.cols, col = tile % a.cols;
          T v[n][n], z[n][n];
          spread_patch<W>(a.src + image * a.src_image + M * (row * a.src_row + col * a.src_col) + c, a.src_row,
                          a.src_col, v);
          scatter_tile<W>(a, image, row, col, o, z);
          for (int p = 0; p < n * n; p++) u[p / n][p % n] = std::fma(v[p / n][p % n], z[p / n][p % n], u[p / n][p % n]);
        }
        along_both<n, 3>(u, g, [](const auto& from, auto& to) { W::unweigh(from, to); });
        for (int tap = 0; tap < 9; tap++)
          a.grad_weights[(tap * a.channels + c) * padded(a.outputs) + o] += g[tap / 3][tap % 3];
      }
  if (!a.grad_bias) return;
  for (int64_t image = 0; image < a.images; image++)
    for (int64_t row = 0; row < a.grad_rows; row++)
      for (int64_t col = 0; col < a.grad_cols; col++)
        for (int64_t o = 0; o < a.outputs; o++)
          a.grad_bias[o] += a.grad[image * a.grad_image + row * a.grad_row + col * a.grad_col + o];
}

}  // namespace galago::reference
