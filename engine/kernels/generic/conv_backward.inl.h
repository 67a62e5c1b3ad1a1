// Weight and bias gradients of a convolution whose outputs all have a gradient. Chains go over output positions.
#pragma once

template <class T, int B>
void correlate_columns(const ConvGradArgs<T>& a, int64_t first, int64_t outputs) {
  constexpr int R = Tile<T>::rows;
  const int64_t k_count = (int64_t)a.tap_count * a.channels;
  for (int64_t k = 0; k < k_count; k += R) {
    int64_t offset[R];
    T* dst[R];
    UNROLL(8) for (int i = 0; i < R; i++) {  // past the end the last one is made again, to the same bits
      const int64_t ki = k + i < k_count ? k + i : k_count - 1;
      offset[i] = a.taps[ki / a.channels] + ki % a.channels;
      dst[i] = a.grad_weights + ki * outputs + first;
    }
    Block<T> acc[R][B];
    UNROLL(8) for (int i = 0; i < R; i++) UNROLL(8) for (int j = 0; j < B; j++) acc[i][j] = load(dst[i] + j * kLanes);
    for (int row = 0; row < a.rows; row++) {
      const T* src = a.src + row * a.src_row;
      const T* grad = a.grad + row * a.grad_row + first;
      for (int col = 0; col < a.cols; col++, src += a.src_col, grad += a.grad_col) {
        Block<T> g[B];
        UNROLL(8) for (int j = 0; j < B; j++) g[j] = load(grad + j * kLanes);
        UNROLL(8) for (int i = 0; i < R; i++) {
          const Block<T> x = broadcast(src[offset[i]]);
          UNROLL(8) for (int j = 0; j < B; j++) acc[i][j] = fma(x, g[j], acc[i][j]);
        }
      }
    }
    UNROLL(8) for (int i = 0; i < R; i++) UNROLL(8) for (int j = 0; j < B; j++) store(dst[i] + j * kLanes, acc[i][j]);
  }
}

template <class T>
void conv_backward_weights(const ConvGradArgs<T>& a) {
  const int64_t outputs = padded(a.outputs);
  for (int64_t o = 0; o < outputs;) {
    const int64_t blocks = (outputs - o) / kLanes;
    if (Tile<T>::blocks >= 4 && blocks >= 4) correlate_columns<T, 4>(a, o, outputs), o += 4 * kLanes;
    else if (Tile<T>::blocks >= 2 && blocks >= 2) correlate_columns<T, 2>(a, o, outputs), o += 2 * kLanes;
    else correlate_columns<T, 1>(a, o, outputs), o += kLanes;
  }
  if (!a.grad_bias) return;
  for (int64_t o = 0; o < outputs; o += kLanes) {
    Block<T> sum = load(a.grad_bias + o);
    for (int row = 0; row < a.rows; row++)
      for (int col = 0; col < a.cols; col++) sum = sum + load(a.grad + row * a.grad_row + col * a.grad_col + o);
    const int64_t left = a.outputs - o;
    store_first(a.grad_bias + o, sum, left < kLanes ? (int)left : kLanes);
  }
}
