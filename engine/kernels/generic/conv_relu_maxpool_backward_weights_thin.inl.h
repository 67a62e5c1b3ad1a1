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

// K taps of B blocks of outputs held in registers while the windows go by.
template <class T, int K, int B>
void gather_thin(const PooledGradArgs<T>& a, int64_t first) {
  const int64_t outputs = padded(a.outputs), blocks = outputs / kBlock, k_count = (int64_t)a.tap_count * a.channels;
  const bool with_bias = a.grad_bias;
  for (int64_t k = 0; k < k_count; k += K) {
    int64_t quad[K];
    T* dst[K];
    EACH (i, K) {  // past the end the last one is made again, to the same bits
      const int64_t ki = k + i < k_count ? k + i : k_count - 1;
      quad[i] = 4 * (a.taps[ki / a.channels] + ki % a.channels);
      dst[i] = a.grad_weights + ki * outputs + first * kBlock;
    }
    Block<T> acc[K][B], bias_sum[B];
    EACH (j, B) bias_sum[j] = with_bias ? load(a.grad_bias + (first + j) * kBlock) : zero<T>();
    EACH (i, K)
      EACH (j, B) acc[i][j] = load(dst[i] + j * kBlock);
    const uint16_t* winners = a.winners + first;
    for (int row = 0; row < a.rows; row++) {
      const T* quads = a.quads + 8 * row * a.src_row;
      const T* grad = a.grad + row * a.grad_row + first * kBlock;
      for (int col = 0; col < a.cols; col++, winners += 4 * blocks, quads += 8 * a.src_col, grad += a.grad_col) {
        Block<T> g[B];
        Index<T> which[B];
        EACH (j, B) {
          const uint32_t q1 = winners[blocks + j], q2 = winners[2 * blocks + j], q3 = winners[3 * blocks + j];
          const uint32_t live = winners[j] | q1 | q2 | q3;
          g[j] = select(mask_from_bits<T>(live), load(grad + j * kBlock), zero<T>());
          which[j] = index_of(mask_from_bits<T>(q2 | q3), mask_from_bits<T>(q1 | q3));
          bias_sum[j] = bias_sum[j] + g[j];
        }
        EACH (i, K)
          EACH (j, B) acc[i][j] = fma(g[j], lookup(quads + quad[i], which[j]), acc[i][j]);
      }
    }
    EACH (i, K)
      EACH (j, B) store(dst[i] + j * kBlock, acc[i][j]);
    if (with_bias && k == 0)
      EACH (j, B) store(a.grad_bias + (first + j) * kBlock, bias_sum[j]);
  }
}

template <class T>
void conv_relu_maxpool_backward_weights_thin(const PooledGradArgs<T>& a) {
  constexpr int K = Tile<T>::thin_taps, B = Tile<T>::thin_blocks;
  const int64_t blocks = padded(a.outputs) / kBlock, last = blocks - blocks % B;
  make_quads(a);
  for (int64_t b = 0; b < last; b += B) gather_thin<T, K, B>(a, b);
  for (int64_t b = last; b < blocks; b++) gather_thin<T, K, 1>(a, b);
}
