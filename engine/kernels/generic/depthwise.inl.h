// Depthwise convolution: lanes are channels, each with its own small filter. One register of them at a time.
// Chains: forward and input over taps; weights over output positions in row-major order.
#pragma once

// Where the weights of a tap lie.
template <class T>
INLINE const T* depthwise_weights(const DepthwiseArgs<T>& a, int tap) {
  return a.weights + (a.tap_order ? a.tap_order[tap] : tap) * padded(a.channels);
}

// R neighbouring outputs: any taps.
template <class T>
struct AnyTaps {
  using V = Native<T>;
  const DepthwiseArgs<T>& a;
  template <int R>
  INLINE void add(typename V::Reg (&acc)[R], const T* src, int64_t c) const {
    for (int t = 0; t < a.tap_count; t++) {
      const auto w = V::load(depthwise_weights(a, t) + c);
      const T* tap = src + a.taps[t];
      EACH (i, R) acc[i] = V::fma(V::load(tap + i * a.src_col), w, acc[i]);
    }
  }
};

// Three rows of three neighbours, from left to right or, turned, from right to left. The columns of a row are loaded
// once for all outputs that read them; then each tap is added to all outputs, so that a chain's next link waits for
// nothing when its turn comes.
template <class T, int stride, bool turned>
struct Taps3x3 {
  using V = Native<T>;
  const T* weights[9];
  int64_t rows[3], right;
  INLINE explicit Taps3x3(const DepthwiseArgs<T>& a) : right(turned ? a.taps[0] - a.taps[1] : a.taps[1] - a.taps[0]) {
    EACH (t, 9) weights[t] = depthwise_weights(a, t);
    EACH (row, 3) rows[row] = a.taps[3 * row + (turned ? 2 : 0)];
  }
  template <int R>
  INLINE void add(typename V::Reg (&acc)[R], const T* src, int64_t c) const {
    EACH (row, 3) {
      typename V::Reg w[3], x[stride * (R - 1) + 3];
      EACH (t, 3) w[t] = V::load(weights[3 * row + t] + c);
      const T* column = src + rows[row];
      for (auto& value : x) {
        value = once(V::load(column));
        column = step(column, right);
      }
      EACH (t, 3)
        EACH (i, R) acc[i] = V::fma(x[stride * i + (turned ? 2 - t : t)], w[t], acc[i]);
    }
  }
};

template <class T, int R, class Taps>
INLINE void depthwise_columns(const DepthwiseArgs<T>& a, const Taps& taps, const T* src, T* dst) {
  using V = Native<T>;
  for (int64_t block = 0; block < a.channels; block += kLanes) {
    const ScaleAndShift<T> finish(a.scale ? a.scale + block : nullptr, a.bias ? a.bias + block : nullptr, a.relu);
    EACH (part, Block<T>::count) {
      const int64_t c = block + part * V::lanes;
      typename V::Reg acc[R];
      EACH (i, R) acc[i] = V::broadcast(0);
      taps.template add<R>(acc, src + c, c);
      EACH (i, R) V::store(dst + i * a.dst_col + c, finish(acc[i], part));
    }
  }
}

// All channels of some columns at a time: whole stretches of memory. The arguments are this function's own, or the
// compiler would read them again after every store.
template <class T, class Taps>
INLINE void depthwise_map(const DepthwiseArgs<T> a, const Taps taps) {
  constexpr int many = kManyRegisters ? 8 : 4;
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
  if (step == 0) depthwise_map(a, AnyTaps<T>{a});
  else if (a.src_col == step) depthwise_map(a, Taps3x3<T, 1, false>(a));
  else if (a.src_col == 2 * step) depthwise_map(a, Taps3x3<T, 2, false>(a));
  else if (a.src_col == -step) depthwise_map(a, Taps3x3<T, 1, true>(a));
  else depthwise_map(a, AnyTaps<T>{a});
}

// The gradient of the input is a depthwise convolution of the gradient, its taps in another order.
template <class T>
void depthwise_backward_input(const DepthwiseArgs<T>& a) {
  depthwise_forward(a);
}

template <class T, int N>
INLINE void depthwise_correlate(const ConvGradArgs<T>& a, int64_t c, int first_tap) {
  using V = Native<T>;
  const int64_t row_size = padded(a.channels);
  T* weights = a.grad_weights + first_tap * row_size + c;
  typename V::Reg acc[N];
  EACH (t, N) acc[t] = V::load(weights + t * row_size);
  for (int64_t row = 0; row < a.rows; row++) {
    const T* src = a.src + row * a.src_row + c;
    const T* grad = a.grad + row * a.grad_row + c;
    for (int col = 0; col < a.cols; col++, src += a.src_col, grad += a.grad_col) {
      const auto g = V::load(grad);
      EACH (t, N) acc[t] = V::fma(V::load(src + a.taps[first_tap + t]), g, acc[t]);
    }
  }
  EACH (t, N) V::store(weights + t * row_size, acc[t]);
}

template <class T>
void depthwise_backward_weights(const ConvGradArgs<T>& a) {
  for (int64_t c = 0; c < padded(a.channels); c += Native<T>::lanes) {
    int tap = 0;
    for (; tap + 9 <= a.tap_count; tap += 9) depthwise_correlate<T, 9>(a, c, tap);
    for (; tap + 3 <= a.tap_count; tap += 3) depthwise_correlate<T, 3>(a, c, tap);
    for (; tap < a.tap_count; tap++) depthwise_correlate<T, 1>(a, c, tap);
  }
  add_bias_gradient(a);
}
