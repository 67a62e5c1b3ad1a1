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

// K taps of 16 outputs held in registers while the windows go by.
template <class T, int K>
void gather_thin(const PooledGradArgs<T>& a) {
  const int64_t outputs = padded(a.outputs), blocks = outputs / kBlock, k_count = (int64_t)a.tap_count * a.channels;
  for (int64_t b = 0; b < blocks; b++)
    for (int64_t k = 0; k < k_count; k += K) {
      const T* quad[K];
      T* dst[K];
      EACH (i, K) {  // past the end the last one is made again, to the same bits
        const int64_t ki = k + i < k_count ? k + i : k_count - 1;
        quad[i] = a.quads + 4 * (a.taps[ki / a.channels] + ki % a.channels);
        dst[i] = a.grad_weights + ki * outputs + b * kBlock;
      }
      Block<T> acc[K], bias_sum = a.grad_bias ? load(a.grad_bias + b * kBlock) : zero<T>();
      EACH (i, K) acc[i] = load(dst[i]);
      const uint16_t* winners = a.winners + b;
      for (int row = 0; row < a.rows; row++)
        for (int col = 0; col < a.cols; col++, winners += 4 * blocks) {
          const uint32_t q1 = winners[blocks], q2 = winners[2 * blocks], q3 = winners[3 * blocks];
          const uint32_t live = winners[0] | q1 | q2 | q3;
          const Block<T> g = select(mask_from_bits<T>(live),
                                    load(a.grad + row * a.grad_row + col * a.grad_col + b * kBlock), zero<T>());
          const Index<T> which = index_of(mask_from_bits<T>(q2 | q3), mask_from_bits<T>(q1 | q3));
          const int64_t at = 8 * (row * a.src_row + col * a.src_col);
          bias_sum = bias_sum + g;
          EACH (i, K) acc[i] = fma(g, lookup(quad[i] + at, which), acc[i]);
        }
      EACH (i, K) store(dst[i], acc[i]);
      if (a.grad_bias && k == 0) store(a.grad_bias + b * kBlock, bias_sum);
    }
}

template <class T>
void conv_relu_maxpool_backward_weights_thin(const PooledGradArgs<T>& a) {
  constexpr int few = Tile<T>::thin_taps, more = Tile<T>::more_thin_taps;
  const int64_t k_count = (int64_t)a.tap_count * a.channels;
  make_quads(a);
  if ((k_count + more - 1) / more < (k_count + few - 1) / few) gather_thin<T, more>(a);
  else gather_thin<T, few>(a);
}
