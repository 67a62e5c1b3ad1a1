// Gradients through 2x2 max pool and ReLU into the convolution before them.
//
// An event is a living winner: (window, output, which of the four positions, gradient). Nothing else of the
// convolution's output has a gradient, so the work is a quarter of the dense one times the share of windows that ReLU
// let live. Chains: weights, over events in window order; input, over (window, position, output).
#pragma once

// The bits of up to four blocks of winners at one position of a window.
INLINE uint64_t living_winners(const uint16_t* winners, int64_t block, int64_t blocks) {
  uint64_t bits = 0;
  if (block + 4 <= blocks) {
    memcpy(&bits, winners + block, sizeof bits);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "winner masks are read as little-endian words"
#endif
  } else {
    for (int64_t b = block; b < blocks; b++) bits |= (uint64_t)winners[b] << 16 * (b - block);
  }
  return bits;
}

// ---- weights, lanes are input channels ----

// Sorts the events by output: where each reads src, and its gradient.
template <class T>
void list_events(const PooledGradArgs<T>& a) {
  const int64_t blocks = padded(a.outputs) / kBlock, windows = (int64_t)a.rows * a.cols;
  const int64_t step[4] = {0, a.src_col, a.src_row, a.src_row + a.src_col};
  memset(a.list_sizes, 0, sizeof(int32_t) * a.outputs);
  const uint16_t* winners = a.winners;
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const T* grad = a.grad + row * a.grad_row + col * a.grad_col;
      for (int q = 0; q < 4; q++, winners += blocks) {
        const int32_t offset = (int32_t)(2 * (row * a.src_row + col * a.src_col) + step[q]);
        for (int64_t block = 0; block < blocks; block += 4)
          for (uint64_t live = living_winners(winners, block, blocks); live; live &= live - 1) {
            const int64_t o = block * kBlock + __builtin_ctzll(live);
            if (o >= a.outputs) break;  // padded outputs
            const int64_t at = o * windows + a.list_sizes[o]++;
            a.list_offsets[at] = offset;
            a.list_values[at] = grad[o];
          }
      }
    }
}

// L neighbouring blocks of one output's weight gradient, held in registers while its events go by.
template <class T, int L>
INLINE void gather_events(const T* src, const int32_t* offsets, const T* values, int count, T* grad_weights) {
  Block<T> acc[L];
  EACH (j, L) acc[j] = load(grad_weights + j * kLanes);
  for (int e = 0; e < count; e++) {
    const T* x = src + offsets[e];
    const Block<T> g = broadcast(values[e]);
    EACH (j, L) acc[j] = fma(g, load(x + j * kLanes), acc[j]);
  }
  EACH (j, L) store(grad_weights + j * kLanes, acc[j]);
}

template <class T>
void gather_run(const T* src, const int32_t* offsets, const T* values, int count, T* grad_weights, int64_t blocks) {
  constexpr int longest = Tile<T>::run;
  for (int64_t b = 0; b < blocks;) {
    const T* x = src + b * kLanes;
    T* w = grad_weights + b * kLanes;
    const int64_t left = blocks - b;
    if (longest >= 12 && left >= 12) gather_events<T, longest >= 12 ? 12 : 1>(x, offsets, values, count, w), b += 12;
    else if (longest >= 6 && left >= 6) gather_events<T, longest >= 6 ? 6 : 1>(x, offsets, values, count, w), b += 6;
    else if (left >= 3) gather_events<T, 3>(x, offsets, values, count, w), b += 3;
    else gather_events<T, 1>(x, offsets, values, count, w), b += 1;
  }
}

template <class T>
void conv_relu_maxpool_backward_weights(const PooledGradArgs<T>& a) {
  list_events(a);
  const int64_t windows = (int64_t)a.rows * a.cols, tap_blocks = padded(a.channels) / kBlock;
  const int taps_a_run = a.contiguous_taps ? a.kernel_cols : 1;
  const int64_t run_blocks = taps_a_run * tap_blocks;
  T* grad_weights = a.grad_weights;
  for (int o = 0; o < a.outputs; o++) {
    const int32_t* offsets = a.list_offsets + o * windows;
    const T* values = a.list_values + o * windows;
    const int count = a.list_sizes[o];
    if (a.grad_bias) {
      T sum = a.grad_bias[o];
      for (int e = 0; e < count; e++) sum += values[e];
      a.grad_bias[o] = sum;
    }
    for (int tap = 0; tap < a.tap_count; tap += taps_a_run, grad_weights += run_blocks * kBlock)
      gather_run(a.src + a.taps[tap], offsets, values, count, grad_weights, run_blocks);
  }
}

// ---- weights where there are few input channels, lanes are outputs ----

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

template <class T>
void conv_relu_maxpool_backward_weights_thin(const PooledGradArgs<T>& a) {
  constexpr int K = Tile<T>::taps;
  make_quads(a);
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

// ---- input, lanes are input channels ----

// N taps of one channel block at one position of a window, held in registers while the winners there go by.
template <class T, int N>
INLINE void scatter_position(const PooledGradArgs<T>& a, const uint16_t* winners, int64_t blocks, const T* grad,
                             const T* panel, const int32_t* taps, T* dst) {
  Block<T> acc[N];
  EACH (i, N) acc[i] = load(dst + taps[i]);
  for (int64_t block = 0; block < blocks; block += 4)
    for (uint64_t live = living_winners(winners, block, blocks); live; live &= live - 1) {
      const int64_t o = block * kBlock + __builtin_ctzll(live);
      if (o >= a.outputs) break;
      const Block<T> g = broadcast(grad[o]);
      const T* w = panel + o * a.tap_count * kBlock;
      EACH (i, N) acc[i] = fma(g, load(w + i * kBlock), acc[i]);
    }
  EACH (i, N) store(dst + taps[i], acc[i]);
}

template <class T>
void scatter_block(const PooledGradArgs<T>& a, const T* panel, T* grad_src) {
  constexpr int most = Tile<T>::taps;
  const int64_t blocks = padded(a.outputs) / kBlock;
  const int64_t step[4] = {0, a.src_col, a.src_row, a.src_row + a.src_col};
  const uint16_t* winners = a.winners;
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const T* grad = a.grad + row * a.grad_row + col * a.grad_col;
      for (int q = 0; q < 4; q++, winners += blocks) {
        T* dst = grad_src + 2 * (row * a.src_row + col * a.src_col) + step[q];
        for (int tap = 0; tap < a.tap_count;) {
          const int left = a.tap_count - tap;
          const T* w = panel + tap * kBlock;
          const int32_t* taps = a.taps + tap;
          if (most >= 9 && left >= 9)
            scatter_position<T, most >= 9 ? 9 : 1>(a, winners, blocks, grad, w, taps, dst), tap += 9;
          else if (most >= 6 && left >= 6)
            scatter_position<T, most >= 6 ? 6 : 1>(a, winners, blocks, grad, w, taps, dst), tap += 6;
          else if (left >= 3) scatter_position<T, 3>(a, winners, blocks, grad, w, taps, dst), tap += 3;
          else scatter_position<T, 1>(a, winners, blocks, grad, w, taps, dst), tap += 1;
        }
      }
    }
}

// 3x3 taps side by side: the 4x4 patch of a window stays in 16 registers, its right half goes on to the next window.
// The position is a constant of each loop, so every register index is static.
template <class T, int DY, int DX>
INLINE void add_position(Block<T> (&patch)[16], const PooledGradArgs<T>& a, const uint16_t* winners, int64_t blocks,
                         const T* grad, const T* panel) {
  for (int64_t block = 0; block < blocks; block += 4)
    for (uint64_t live = living_winners(winners, block, blocks); live; live &= live - 1) {
      const int64_t o = block * kBlock + __builtin_ctzll(live);
      if (o >= a.outputs) break;
      const Block<T> g = broadcast(grad[o]);
      const T* w = panel + o * 9 * kBlock;
      EACH (i, 3)
        EACH (j, 3) patch[(i + DY) * 4 + j + DX] = fma(g, load(w + (3 * i + j) * kBlock), patch[(i + DY) * 4 + j + DX]);
    }
}

template <class T>
void scatter_block_3x3(const PooledGradArgs<T>& a, const T* panel, T* grad_src) {
  const int64_t blocks = padded(a.outputs) / kBlock;
  const uint16_t* winners = a.winners;
  for (int row = 0; row < a.rows; row++) {
    T* dst = grad_src + 2 * row * a.src_row;
    Block<T> patch[16];
    EACH (i, 4)
      EACH (j, 2) patch[4 * i + j] = load(dst + i * a.src_row + j * a.src_col);
    for (int col = 0; col < a.cols; col++, winners += 4 * blocks, dst += 2 * a.src_col) {
      const T* grad = a.grad + row * a.grad_row + col * a.grad_col;
      EACH (i, 4)
        EACH (j, 2) patch[4 * i + j + 2] = load(dst + i * a.src_row + (j + 2) * a.src_col);
      add_position<T, 0, 0>(patch, a, winners, blocks, grad, panel);
      add_position<T, 0, 1>(patch, a, winners + blocks, blocks, grad, panel);
      add_position<T, 1, 0>(patch, a, winners + 2 * blocks, blocks, grad, panel);
      add_position<T, 1, 1>(patch, a, winners + 3 * blocks, blocks, grad, panel);
      EACH (i, 4)
        EACH (j, 2) {
          store(dst + i * a.src_row + j * a.src_col, patch[4 * i + j]);
          patch[4 * i + j] = patch[4 * i + j + 2];
        }
    }
    EACH (i, 4)
      EACH (j, 2) store(dst + i * a.src_row + j * a.src_col, patch[4 * i + j]);
  }
}

template <class T>
void conv_relu_maxpool_backward_input(const PooledGradArgs<T>& a) {
  const int64_t panel = (int64_t)a.outputs * a.tap_count * kBlock, blocks = padded(a.channels) / kBlock;
  const bool patch = Tile<T>::wide && Tile<T>::registers == 1 && a.tap_count == 9 && a.kernel_cols == 3 &&
                     a.taps[1] == a.src_col && a.taps[3] == a.src_row;
  for (int64_t b = 0; b < blocks; b++) {
    const T* weights = a.weights + b * panel;
    T* grad_src = a.grad_src + b * kBlock;
    if (patch) scatter_block_3x3(a, weights, grad_src);
    else scatter_block(a, weights, grad_src);
  }
}
