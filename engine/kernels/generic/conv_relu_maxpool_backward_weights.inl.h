// Weight gradients through 2x2 max pool and ReLU; lanes are input channels. Chains: an output's events in window order.
#pragma once

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
          for (uint64_t live = living_winners(winners, block, a.outputs); live; live &= live - 1) {
            const int64_t o = block * kBlock + __builtin_ctzll(live);
            const int64_t at = o * windows + a.list_sizes[o]++;
            a.list_offsets[at] = offset;
            a.list_values[at] = grad[o];
          }
      }
    }
}

#ifdef ISA_COMPRESSES
// The same 16 outputs x 16 windows at a time: gradients and winners are turned from lanes of outputs to lanes of
// windows, and the living ones moved together.
INLINE void list_events(const PooledGradArgs<float>& a) {
  const int64_t blocks = padded(a.outputs) / kBlock;
  const int32_t windows = a.rows * a.cols, down = (int32_t)a.src_row, right = (int32_t)a.src_col;
  memset(a.list_sizes, 0, sizeof(int32_t) * a.outputs);
  for (int64_t first = 0; first < a.outputs; first += kBlock) {
    const int outputs = a.outputs - first < kBlock ? (int)(a.outputs - first) : kBlock;
    int row = 0, col = 0;
    for (int32_t window = 0; window < windows; window += kLanes) {
      int32_t corner[kLanes] = {};
      Block<float> values[kLanes];
      uint64_t living[4] = {}, lower[4] = {}, righter[4] = {};
      for (int i = 0; i < kLanes; i++) {
        values[i] = zero<float>();
        if (window + i >= windows) continue;
        const uint16_t* winners = a.winners + (int64_t)(window + i) * 4 * blocks + first / kBlock;
        const uint64_t q0 = winners[0], q1 = winners[blocks], q2 = winners[2 * blocks], q3 = winners[3 * blocks];
        const int shift = i % 4 * 16;
        living[i / 4] |= (q0 | q1 | q2 | q3) << shift;
        lower[i / 4] |= (q2 | q3) << shift;
        righter[i / 4] |= (q1 | q3) << shift;
        corner[i] = 2 * (row * down + col * right);
        values[i] = load(a.grad + row * a.grad_row + col * a.grad_col + first);
        if (++col == a.cols) col = 0, row++;
      }
      transpose(values);
      transpose_bits(living);
      transpose_bits(lower);
      transpose_bits(righter);
      EACH (i, kLanes) {
        if (i >= outputs) break;
        const int shift = i % 4 * 16;
        const uint32_t live = living[i / 4] >> shift & 0xffff;
        const int64_t o = first + i, at = o * windows + a.list_sizes[o];
        Offsets offsets = load_offsets(corner);
        offsets = add_where((uint32_t)(lower[i / 4] >> shift), offsets, down);
        offsets = add_where((uint32_t)(righter[i / 4] >> shift), offsets, right);
        store_chosen(a.list_offsets + at, offsets, live);
        store_chosen(a.list_values + at, values[i], live);
        a.list_sizes[o] += __builtin_popcount(live);
      }
    }
  }
}
#endif

// Lanes are outputs here.
template <class T>
void add_bias_gradient(const PooledGradArgs<T>& a) {
  const int64_t blocks = padded(a.outputs) / kBlock;
  for (int64_t b = 0; b < blocks; b++) {
    const int64_t left = a.outputs - b * kBlock;
    T* dst = a.grad_bias + b * kBlock;
    Block<T> sum = load_first(dst, left < kLanes ? (int)left : kLanes);
    const uint16_t* winners = a.winners + b;
    for (int row = 0; row < a.rows; row++)
      for (int col = 0; col < a.cols; col++, winners += 4 * blocks) {
        const uint32_t live = winners[0] | winners[blocks] | winners[2 * blocks] | winners[3 * blocks];
        const Block<T> grad = load(a.grad + row * a.grad_row + col * a.grad_col + b * kBlock);
        sum = select(mask_from_bits<T>(live), sum + grad, sum);
      }
    store_first(dst, sum, left < kLanes ? (int)left : kLanes);
  }
}

// What one output's events add to R kernel rows of its weight gradient, L neighbouring blocks of each: held in
// registers while the events go by.
template <class T, int R, int L>
INLINE void gather_events(const T* const (&src)[3], const int32_t* offsets, const T* values, int count, T* grad_weights,
                          int64_t row) {
  Block<T> acc[R][L];
  EACH (i, R)
    EACH (j, L) acc[i][j] = load(grad_weights + i * row + j * kLanes);
  each_offset(offsets, count, [&](int e, int64_t offset) {
    const Block<T> g = broadcast(values[e]);
    EACH (i, R)
      EACH (j, L) acc[i][j] = fma(g, load(src[i] + offset + j * kLanes), acc[i][j]);
  });
  EACH (i, R)
    EACH (j, L) store(grad_weights + i * row + j * kLanes, acc[i][j]);
}

// The same for all outputs, `filter` apart. A function of its own: in a larger one, offsets would go through the stack.
template <class T, int R, int L>
__attribute__((noinline)) void gather_outputs(const PooledGradArgs<T>& a, const T* const (&src)[3], T* grad_weights,
                                              int64_t row, int64_t filter) {
  const int64_t windows = (int64_t)a.rows * a.cols;
  for (int64_t o = 0; o < a.outputs; o++)
    gather_events<T, R, L>(src, a.list_offsets + o * windows, a.list_values + o * windows, a.list_sizes[o],
                           grad_weights + o * filter, row);
}

// The same with the number of blocks, 1 to L, made a constant.
template <class T, int R, int L>
void gather_blocks(int64_t blocks, const PooledGradArgs<T>& a, const T* const (&src)[3], T* grad_weights, int64_t row,
                   int64_t filter) {
  if constexpr (L > 1)
    if (blocks < L) return gather_blocks<T, R, L - 1>(blocks, a, src, grad_weights, row, filter);
  gather_outputs<T, R, L>(a, src, grad_weights, row, filter);
}

// R rows in as few walks as can be, of even lengths.
template <class T, int R>
void gather_rows(int64_t blocks, const PooledGradArgs<T>& a, const T* const (&src)[3], T* grad_weights,
                 int64_t filter) {
  constexpr int longest = Tile<T>::run / R;
  int64_t b = 0;
  for (int64_t walks = (blocks + longest - 1) / longest; walks > 0; walks--) {
    const int64_t length = (blocks - b + walks - 1) / walks;
    const T* const x[3] = {src[0] + b * kLanes, src[1] + b * kLanes, src[2] + b * kLanes};
    gather_blocks<T, R, longest>(length, a, x, grad_weights + b * kLanes, blocks * kLanes, filter);
    b += length;
  }
}

template <class T>
void gather_band(const PooledGradArgs<T>& a) {
  list_events(a);
  if (a.grad_bias) add_bias_gradient(a);
  const int taps_a_run = a.contiguous_taps ? a.kernel_cols : 1, runs = a.tap_count / taps_a_run;
  const int64_t run = taps_a_run * (padded(a.channels) / kBlock), filter = runs * run * kLanes;  // run: blocks
  const int most = at_least_at_most(1, 3, (int)(Tile<T>::run / run));                            // rows a walk
  for (int i = 0; i < runs;) {
    const int rows = runs - i < most ? runs - i : most;
    const T* src[3];
    for (int r = 0; r < 3; r++) src[r] = a.src + a.taps[(i + (r < rows ? r : 0)) * taps_a_run];
    T* grad_weights = a.grad_weights + i * run * kLanes;
    if (rows == 3) gather_rows<T, 3>(run, a, src, grad_weights, filter);
    else if (rows == 2) gather_rows<T, 2>(run, a, src, grad_weights, filter);
    else gather_rows<T, 1>(run, a, src, grad_weights, filter);
    i += rows;
  }
}

// Window rows at a time. What the events of a band read should stay in an L1 cache of 48 KB while all outputs go by;
// but all sums are loaded and stored for each band, so it has some windows in any case.
template <class T>
int band_rows(const PooledGradArgs<T>& a) {
  constexpr int64_t cached = 40960, least_windows = 32;
  const int64_t src_rows = cached / (int64_t)(sizeof(T) * a.src_row), halo = a.tap_count / a.kernel_cols - 1;
  const int64_t most = (src_rows - halo) / 2, least = (least_windows + a.cols - 1) / a.cols;
  return (int)(most > least ? most : least);
}

template <class T>
void conv_relu_maxpool_backward_weights(const PooledGradArgs<T>& a) {
  const int64_t winners_row = a.cols * 4 * padded(a.outputs) / kBlock;
  const int most = band_rows(a), bands = (a.rows + most - 1) / most;
  PooledGradArgs<T> band = a;
  for (int row = 0, left = bands; left > 0; row += band.rows, left--) {
    band.rows = (a.rows - row + left - 1) / left;
    band.src = a.src + 2 * row * a.src_row;
    band.winners = a.winners + row * winners_row;
    band.grad = a.grad + row * a.grad_row;
    gather_band(band);
  }
}
