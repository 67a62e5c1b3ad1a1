// Weight and bias gradients of a convolution whose outputs all have a gradient. Chains go over output positions.
#pragma once

template <class T>
struct CorrelateColumns {
  template <int B>
  static void run(int64_t first, const ConvGradArgs<T>* args) {
    constexpr int R = Tile<T>::rows;
    const ConvGradArgs<T>& a = *args;
    const int64_t k_count = (int64_t)a.tap_count * a.channels, outputs = padded(a.outputs);
    for (int64_t k = 0; k < k_count; k += R) {
      int64_t offset[R];
      T* dst[R];
      EACH (i, R) {  // past the end the last one is made again, to the same bits
        const int64_t ki = k + i < k_count ? k + i : k_count - 1;
        offset[i] = a.taps[ki / a.channels] + ki % a.channels;
        dst[i] = a.grad_weights + ki * outputs + first;
      }
      Block<T> acc[R][B];
      EACH (i, R)
        EACH (j, B) acc[i][j] = load(dst[i] + j * kLanes);
      for (int row = 0; row < a.rows; row++) {
        const T* src = a.src + row * a.src_row;
        const T* grad = a.grad + row * a.grad_row + first;
        for (int col = 0; col < a.cols; col++, src += a.src_col, grad += a.grad_col)
          add_products<T, R, B>(acc, src, offset, grad);
      }
      EACH (i, R)
        EACH (j, B) store(dst[i] + j * kLanes, acc[i][j]);
    }
  }
};

template <class T>
INLINE void add_bias_gradient(const ConvGradArgs<T>& a) {
  if (!a.grad_bias) return;
  for (int64_t o = 0; o < a.outputs; o += kLanes) {
    Block<T> sum = load(a.grad_bias + o);
    for (int row = 0; row < a.rows; row++)
      for (int col = 0; col < a.cols; col++) sum = sum + load(a.grad + row * a.grad_row + col * a.grad_col + o);
    const int64_t left = a.outputs - o;
    store_first(a.grad_bias + o, sum, left < kLanes ? (int)left : kLanes);
  }
}

template <class T>
void conv_backward_weights(const ConvGradArgs<T>& a) {
  by_columns<T, CorrelateColumns<T>>(padded(a.outputs), &a);
  add_bias_gradient(a);
}
