// Weight and bias gradients of a convolution whose outputs all have a gradient. Chains go over output positions.
#pragma once

// Sums of R neighbouring weight rows k x B blocks of outputs over all positions. `source(i)` is what row i reads of the
// first position.
template <class T, int R, int B, class Source>
INLINE void correlate(const ConvGradArgs<T>& a, int64_t first, int64_t k, int64_t k_count, const Source& source) {
  const int64_t outputs = padded(a.outputs);
  T* dst[R];
  EACH (i, R) dst[i] = a.grad_weights + (k + i < k_count ? k + i : k_count - 1) * outputs + first;
  Block<T> acc[R][B];
  EACH (i, R)
    EACH (j, B) acc[i][j] = load(dst[i] + j * kLanes);
  for (int row = 0; row < a.rows; row++) {
    int64_t at = row * a.src_row;
    const T* grad = a.grad + row * a.grad_row + first;
    for (int col = 0; col < a.cols; col++, at += a.src_col, grad += a.grad_col) {
      Block<T> g[B];
      EACH (j, B) g[j] = load(grad + j * kLanes);
      EACH (i, R) {
        const Block<T> x = broadcast(source(i)[at]);
        EACH (j, B) acc[i][j] = fma(x, g[j], acc[i][j]);
      }
    }
  }
  EACH (i, R)
    EACH (j, B) store(dst[i] + j * kLanes, acc[i][j]);
}

template <class T>
struct CorrelateColumns {
  template <int B>
  static void run(int64_t first, const ConvGradArgs<T>* args) {
    constexpr int R = Tile<T>::rows;
    const ConvGradArgs<T>& a = *args;
    const int64_t k_count = (int64_t)a.tap_count * a.channels;
    const auto source = [&](int64_t k) { return a.src + a.taps[k / a.channels] + k % a.channels; };
    // Few outputs leave registers for more rows. If those are channels of one tap, one address does for all.
    constexpr int many = 16 / (B * Tile<T>::registers);
    if (Tile<T>::wide && many > R && a.channels % kLanes == 0) {
      for (int64_t k = 0; k < k_count; k += many) {
        const T* src = source(k);
        correlate<T, (many > R ? many : R), B>(a, first, k, k_count, [src](int i) { return src + i; });
      }
      return;
    }
    for (int64_t k = 0; k < k_count; k += R) {
      const T* src[R];
      EACH (i, R) src[i] = source(k + i < k_count ? k + i : k_count - 1);  // the last one again, to the same bits
      correlate<T, R, B>(a, first, k, k_count, [&src](int i) { return src[i]; });
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

// Some rows at a time, as many as stay in L1 while all weights go by, but 64 positions at least: sums are read and
// written back each time, and go on where they stopped.
template <class T>
void conv_backward_weights(const ConvGradArgs<T>& a) {
  constexpr int64_t l1 = 32768, positions = 64;
  const int64_t row_bytes = (a.src_row + a.cols * a.grad_col) * (int64_t)sizeof(T);
  const int by_cache = (int)(l1 / row_bytes), by_sums = (int)((positions + a.cols - 1) / a.cols);
  const int rows = by_cache > by_sums ? by_cache : by_sums;
  for (int row = 0; row < a.rows; row += rows) {
    ConvGradArgs<T> part = a;
    part.src += row * a.src_row;
    part.grad += row * a.grad_row;
    part.rows = a.rows - row < rows ? a.rows - row : rows;
    by_columns<T, CorrelateColumns<T>>(padded(a.outputs), (const ConvGradArgs<T>*)&part);
  }
  add_bias_gradient(a);
}
