// Depthwise convolution: lanes are channels, each with its own small filter.
// Chains: forward and input over taps; weights over output positions in row-major order.
#pragma once

template <class T>
INLINE Block<T> depthwise_weight(const DepthwiseArgs<T>& a, int tap, int64_t c) {
  return load(a.weights + (a.tap_order ? a.tap_order[tap] : tap) * padded(a.channels) + c);
}

// R neighbouring outputs of 16 channels: any taps.
struct AnyTaps {
  template <int R, class T>
  INLINE void add(Block<T> (&acc)[R], const DepthwiseArgs<T>& a, const T* src, int64_t c) const {
    for (int t = 0; t < a.tap_count; t++) {
      const Block<T> w = depthwise_weight(a, t, c);
      const T* tap = src + a.taps[t];
      EACH (i, R) acc[i] = fma(load(tap + i * a.src_col), w, acc[i]);
    }
  }
};

// Three rows of three neighbours, from left to right or, turned, from right to left. Each column is loaded once for all
// outputs that read it, in the order in which an output's chain meets it.
template <int stride, bool turned>
struct Taps3x3 {
  template <int R, class T>
  INLINE void add(Block<T> (&acc)[R], const DepthwiseArgs<T>& a, const T* src, int64_t c) const {
    constexpr int columns = stride * (R - 1) + 3;
    const int64_t right = turned ? a.taps[0] - a.taps[1] : a.taps[1] - a.taps[0];
    for (int row = 0; row < 3; row++) {
      Block<T> w[3];
      EACH (t, 3) w[t] = depthwise_weight(a, 3 * row + t, c);
      const T* first = src + a.taps[3 * row + (turned ? 2 : 0)];
      EACH (j, columns) {
        const int column = turned ? columns - 1 - j : j;
        const Block<T> x = load(first + column * right);
        EACH (t, 3) {
          const int from = column - (turned ? 2 - t : t);
          if (from >= 0 && from % stride == 0 && from / stride < R)
            acc[from / stride] = fma(x, w[t], acc[from / stride]);
        }
      }
    }
  }
};

template <class T, int R, class Taps>
INLINE void depthwise_columns(const DepthwiseArgs<T>& a, const Taps& taps, const T* src, T* dst) {
  for (int64_t c = 0; c < a.channels; c += kLanes) {
    Block<T> acc[R];
    EACH (i, R) acc[i] = zero<T>();
    taps.template add<R, T>(acc, a, src + c, c);
    EACH (i, R)
      store(dst + i * a.dst_col + c,
            scale_and_shift(acc[i], a.scale ? a.scale + c : nullptr, a.bias ? a.bias + c : nullptr, a.relu));
  }
}

// All channels of some columns at a time: whole stretches of memory.
template <class T, class Taps>
INLINE void depthwise_map(const DepthwiseArgs<T>& a, const Taps& taps) {
  constexpr int many = Tile<T>::wide ? 8 : 4;
  for (int64_t row = 0; row < a.rows; row++) {
    const T* src = a.src + row * a.src_row;
    T* dst = a.dst + row * a.dst_row;
    int left = a.cols;
    for (; left >= many; left -= many, src += many * a.src_col, dst += many * a.dst_col)
      depthwise_columns<T, many>(a, taps, src, dst);
    for (; left >= 4; left -= 4, src += 4 * a.src_col, dst += 4 * a.dst_col) depthwise_columns<T, 4>(a, taps, src, dst);
    for (; left > 0; left--, src += a.src_col, dst += a.dst_col) depthwise_columns<T, 1>(a, taps, src, dst);
  }
}

// How far a step to the next tap goes where the taps are three rows of three neighbours; otherwise 0.
INLINE int64_t step_of_3x3(const int32_t* taps, int count) {
  if (count != 9) return 0;
  const int64_t step = taps[1] - taps[0];
  for (int t = 0; t < 9; t += 3)
    if (taps[t + 1] - taps[t] != step || taps[t + 2] - taps[t + 1] != step) return 0;
  return step;
}

template <class T>
void depthwise_forward(const DepthwiseArgs<T>& a) {
  const int64_t step = step_of_3x3(a.taps, a.tap_count);
  if (step == 0) depthwise_map(a, AnyTaps());
  else if (a.src_col == step) depthwise_map(a, Taps3x3<1, false>());
  else if (a.src_col == 2 * step) depthwise_map(a, Taps3x3<2, false>());
  else if (a.src_col == -step) depthwise_map(a, Taps3x3<1, true>());
  else depthwise_map(a, AnyTaps());
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
