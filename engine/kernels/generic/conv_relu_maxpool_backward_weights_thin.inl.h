// Weight gradients through 2x2 max pool and ReLU where there are few input channels; lanes are outputs. Chains: windows
// in order, of which dead ones add zero.
#pragma once

// A lane picks its winner's pixel out of the four of the window: they lie side by side in `quads`, one quad for each
// element of src.
template <class T>
void make_quads(const PooledGradArgs<T>& a) {
  const int64_t last = a.src_row + a.src_col, count = a.src_span - last;
  for (int64_t i = 0; i < count; i++) {
    T* quad = a.quads + 4 * i;
    quad[0] = a.src[i];
    quad[1] = a.src[i + a.src_col];
    quad[2] = a.src[i + a.src_row];
    quad[3] = a.src[i + last];
  }
}

// K taps of R registers of outputs held while the windows go by.
template <class T, int K, int R>
void gather_thin(const PooledGradArgs<T>& a, int64_t first) {
  using N = Native<T>;
  using Reg = typename N::Reg;
  constexpr int L = N::lanes;
  const int64_t outputs = padded(a.outputs), k_count = (int64_t)a.tap_count * a.channels;
  const int64_t position = outputs / 8;                  // bytes of winners
  const int within_byte = L < 8 ? (int)(first % 8) : 0;  // known where it can be
  const bool with_bias = a.grad_bias;
  for (int64_t k = 0; k < k_count; k += K) {
    int64_t quad[K];
    T* dst[K];
    EACH (i, K) {  // past the end the last one is made again, to the same bits
      const int64_t ki = k + i < k_count ? k + i : k_count - 1;
      quad[i] = 4 * (a.taps[ki / a.channels] + ki % a.channels);
      dst[i] = a.grad_weights + ki * outputs + first;
    }
    Reg acc[K][R], bias_sum[R];
    EACH (j, R) bias_sum[j] = with_bias ? N::load(a.grad_bias + first + j * L) : N::broadcast(T(0));
    EACH (i, K)
      EACH (j, R) acc[i][j] = N::load(dst[i] + j * L);
    const uint8_t* winners = (const uint8_t*)a.winners + first / 8;
    for (int row = 0; row < a.rows; row++) {
      const T* quads = a.quads + 8 * row * a.src_row;
      const T* grad = a.grad + row * a.grad_row + first;
      for (int col = 0; col < a.cols; col++, winners += 4 * position, quads += 8 * a.src_col, grad += a.grad_col) {
        const uint8_t* below = winners + 2 * position;
        Reg g[R];
        typename N::Index which[R];
        EACH (j, R) {
          const int lane = within_byte + j * L;
          const auto q0 = Flags<T>::load(winners, lane), q1 = Flags<T>::load(winners + position, lane);
          const auto q2 = Flags<T>::load(below, lane), q3 = Flags<T>::load(below + position, lane);
          g[j] = N::keep((q0 | q1 | q2 | q3).mask(), N::load(grad + j * L));
          which[j] = Flags<T>::index(q2 | q3, q1 | q3);
          bias_sum[j] = bias_sum[j] + g[j];
        }
        EACH (i, K)
          EACH (j, R) acc[i][j] = N::fma(g[j], N::lookup(quads + quad[i], which[j]), acc[i][j]);
      }
    }
    EACH (i, K)
      EACH (j, R) N::store(dst[i] + j * L, acc[i][j]);
    if (with_bias && k == 0)
      EACH (j, R) N::store(a.grad_bias + first + j * L, bias_sum[j]);
  }
}

template <class T>
void conv_relu_maxpool_backward_weights_thin(const PooledGradArgs<T>& a) {
  constexpr int K = Tile<T>::thin_taps, R = Tile<T>::thin_registers, L = Native<T>::lanes;
  const int64_t outputs = padded(a.outputs), last = outputs - outputs % (R * L);
  make_quads(a);
  for (int64_t first = 0; first < last; first += R * L) gather_thin<T, K, R>(a, first);
  for (int64_t first = last; first < outputs; first += L) gather_thin<T, K, 1>(a, first);
}
