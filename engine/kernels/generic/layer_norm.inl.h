// Layer normalization: the channels of each position by their own mean and variance. Sums go over the channels of 16
// positions side by side, so that lanes stay apart.
#pragma once

// Mean, and one over the deviation, of some positions of a row.
template <class T>
struct ChannelMoments {
  T mean[kLanes], inverse[kLanes];
};

template <class T>
INLINE ChannelMoments<T> channel_moments(const LayerNormArgs<T>& a, const T* src, int n) {
  const Block<T> count = broadcast(T(a.channels));
  Block<T> sum = zero<T>(), squares = zero<T>();
  for (int64_t c = 0; c < a.channels; c++) sum = sum + load_strided(src + c, a.src.col, n);
  const Block<T> mean = sum / count;
  for (int64_t c = 0; c < a.channels; c++) {
    const Block<T> off = load_strided(src + c, a.src.col, n) - mean;
    squares = fma(off, off, squares);
  }
  ChannelMoments<T> found;
  store(found.mean, mean);
  store(found.inverse, broadcast(T(1)) / sqrt(squares / count + broadcast(a.epsilon)));
  return found;
}

template <class T>
INLINE Block<T> gamma_of(const LayerNormArgs<T>& a, int64_t channel) {
  return a.gamma ? load(a.gamma + channel) : broadcast(T(1));
}

// Calls Op::run(arguments, row, first column, how many columns) for up to 16 positions at a time.
template <class Op, class T>
INLINE void each_positions(const LayerNormArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col += kLanes)
      Op::run(a, row, col, a.cols - col < kLanes ? int(a.cols - col) : kLanes);
}

struct NormalizeChannels {
  template <class T>
  static INLINE void run(const LayerNormArgs<T>& a, int64_t row, int64_t col, int n) {
    const T* src = a.src.data + row * a.src.row + col * a.src.col;
    T* dst = a.dst.data + row * a.dst.row + col * a.dst.col;
    const ChannelMoments<T> m = channel_moments(a, src, n);
    for (int i = 0; i < n; i++, src += a.src.col, dst += a.dst.col)
      for (int64_t c = 0; c < a.channels; c += kLanes) {
        const Block<T> value = (load(src + c) - broadcast(m.mean[i])) * broadcast(m.inverse[i]);
        store(dst + c, fma(value, gamma_of(a, c), a.beta ? load(a.beta + c) : zero<T>()));
      }
  }
};

struct ChannelGradients {
  template <class T>
  static INLINE void run(const LayerNormArgs<T>& a, int64_t row, int64_t col, int n) {
    const T* src = a.src.data + row * a.src.row + col * a.src.col;
    const T* grad = a.grad.data + row * a.grad.row + col * a.grad.col;
    T* grad_src = a.grad_src.data + row * a.grad_src.row + col * a.grad_src.col;
    const ChannelMoments<T> m = channel_moments(a, src, n);
    const Block<T> mean = load(m.mean), inverse = load(m.inverse), count = broadcast(T(a.channels));
    Block<T> sum = zero<T>(), products = zero<T>();
    for (int64_t c = 0; c < a.channels; c++) {
      const Block<T> g = load_strided(grad + c, a.grad.col, n) * broadcast(a.gamma ? a.gamma[c] : T(1));
      sum = sum + g;
      products = fma(g, (load_strided(src + c, a.src.col, n) - mean) * inverse, products);
    }
    T level[kLanes], slope[kLanes];
    store(level, sum / count);
    store(slope, products / count);
    for (int i = 0; i < n; i++, src += a.src.col, grad += a.grad.col, grad_src += a.grad_src.col)
      for (int64_t c = 0; c < a.channels; c += kLanes) {
        const Block<T> value = (load(src + c) - broadcast(m.mean[i])) * broadcast(m.inverse[i]);
        const Block<T> g = load(grad + c) * gamma_of(a, c) - broadcast(level[i]);
        store(grad_src + c, (g - value * broadcast(slope[i])) * broadcast(m.inverse[i]));
      }
  }
};

struct GammaAndBetaGradients {
  template <class T>
  static INLINE void run(const LayerNormArgs<T>& a, int64_t row, int64_t col, int n) {
    const T* src = a.src.data + row * a.src.row + col * a.src.col;
    const T* grad = a.grad.data + row * a.grad.row + col * a.grad.col;
    const ChannelMoments<T> m = channel_moments(a, src, n);
    for (int i = 0; i < n; i++, src += a.src.col, grad += a.grad.col)
      for (int64_t c = 0; c < a.channels; c += kLanes) {
        const Block<T> value = (load(src + c) - broadcast(m.mean[i])) * broadcast(m.inverse[i]), g = load(grad + c);
        if (a.grad_gamma) store(a.grad_gamma + c, fma(g, value, load(a.grad_gamma + c)));
        if (a.grad_beta) store(a.grad_beta + c, load(a.grad_beta + c) + g);
      }
  }
};

template <class T>
void layer_norm_forward(const LayerNormArgs<T>& a) {
  each_positions<NormalizeChannels>(a);
}
template <class T>
void layer_norm_backward_input(const LayerNormArgs<T>& a) {
  each_positions<ChannelGradients>(a);
}
template <class T>
void layer_norm_backward_weights(const LayerNormArgs<T>& a) {
  each_positions<GammaAndBetaGradients>(a);
}
