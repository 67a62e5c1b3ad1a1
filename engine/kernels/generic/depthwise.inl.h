// Depthwise convolution: lanes are channels, each with its own small filter.
// Chains: forward and input over taps; weights over output positions in row-major order.
#pragma once

template <class T, int R>
INLINE void depthwise_columns(const DepthwiseArgs<T>& a, const T* src, T* dst, int64_t c) {
  Block<T> acc[R];
  EACH (i, R) acc[i] = zero<T>();
  const int64_t row = padded(a.channels);
  for (int t = 0; t < a.tap_count; t++) {
    const Block<T> w = load(a.weights + (a.tap_order ? a.tap_order[t] : t) * row + c);
    const T* tap = src + a.taps[t];
    EACH (i, R) acc[i] = fma(load(tap + i * a.src_col), w, acc[i]);
  }
  EACH (i, R)
    store(dst + i * a.dst_col,
          scale_and_shift(acc[i], a.scale ? a.scale + c : nullptr, a.bias ? a.bias + c : nullptr, a.relu));
}

template <class T>
void depthwise_forward(const DepthwiseArgs<T>& a) {
  constexpr int R = Tile<T>::run < 8 ? Tile<T>::run : 8;
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t c = 0; c < a.channels; c += kLanes) {
      const T* src = a.src + row * a.src_row + c;
      T* dst = a.dst + row * a.dst_row + c;
      int col = 0;
      for (; col + R <= a.cols; col += R, src += R * a.src_col, dst += R * a.dst_col)
        depthwise_columns<T, R>(a, src, dst, c);
      for (; col < a.cols; col++, src += a.src_col, dst += a.dst_col) depthwise_columns<T, 1>(a, src, dst, c);
    }
}

// The gradient of the input is a depthwise convolution of the gradient, its taps in another order.
template <class T>
void depthwise_backward_input(const DepthwiseArgs<T>& a) {
  depthwise_forward(a);
}

template <class T, int N>
INLINE void depthwise_correlate(const ConvGradArgs<T>& a, int64_t c, int first_tap) {
  const int64_t row_size = padded(a.channels);
  T* weights = a.grad_weights + first_tap * row_size + c;
  Block<T> acc[N];
  EACH (t, N) acc[t] = load(weights + t * row_size);
  for (int64_t row = 0; row < a.rows; row++) {
    const T* src = a.src + row * a.src_row + c;
    const T* grad = a.grad + row * a.grad_row + c;
    for (int col = 0; col < a.cols; col++, src += a.src_col, grad += a.grad_col) {
      const Block<T> g = load(grad);
      EACH (t, N) acc[t] = fma(load(src + a.taps[first_tap + t]), g, acc[t]);
    }
  }
  EACH (t, N) store(weights + t * row_size, acc[t]);
}

template <class T>
void depthwise_backward_weights(const ConvGradArgs<T>& a) {
  constexpr int N = Tile<T>::taps;
  for (int64_t c = 0; c < a.channels; c += kLanes) {
    int tap = 0;
    for (; tap + N <= a.tap_count; tap += N) depthwise_correlate<T, N>(a, c, tap);
    for (; tap < a.tap_count; tap++) depthwise_correlate<T, 1>(a, c, tap);
  }
  add_bias_gradient(a);
}
