// Input gradients through 2x2 max pool and ReLU; lanes are input channels. Chains: (window, position, output).
#pragma once

// N taps of one channel block at one position of a window, held in registers while the winners there go by.
template <class T, int N>
INLINE void scatter_position(const PooledGradArgs<T>& a, const uint16_t* winners, int64_t blocks, const T* grad,
                             const T* panel, const int32_t* taps, T* dst) {
  Block<T> acc[N];
  EACH (i, N) acc[i] = load(dst + taps[i]);
  for (int64_t block = 0; block < blocks; block += 4)
    for (uint64_t live = living_winners(winners, block, a.outputs); live; live &= live - 1) {
      const int64_t o = block * kBlock + __builtin_ctzll(live);
      const Block<T> g = broadcast(grad[o]);
      const T* w = panel + o * a.tap_count * kBlock;
      EACH (i, N) acc[i] = fma(g, load(w + i * kBlock), acc[i]);
    }
  EACH (i, N) store(dst + taps[i], acc[i]);
}

template <class T>
void scatter_block(const PooledGradArgs<T>& a, const T* panel, T* grad_src) {
  constexpr int most = Tile<T>::pooled_taps;
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
          if (most >= 13 && left >= 13)
            scatter_position<T, most >= 13 ? 13 : 1>(a, winners, blocks, grad, w, taps, dst), tap += 13;
          else if (most >= 12 && left >= 12)
            scatter_position<T, most >= 12 ? 12 : 1>(a, winners, blocks, grad, w, taps, dst), tap += 12;
          else if (most >= 9 && left >= 9)
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
INLINE void add_winners(Block<T> (&patch)[16], uint64_t live, const T* grad, const T* panel) {
  for (; live; live &= live - 1) {
    const int64_t o = __builtin_ctzll(live);
    const Block<T> g = broadcast(grad[o]);
    const T* w = panel + o * 9 * kBlock;
    EACH (i, 3)
      EACH (j, 3) patch[(i + DY) * 4 + j + DX] = fma(g, load(w + (3 * i + j) * kBlock), patch[(i + DY) * 4 + j + DX]);
  }
}

template <class T, int DY, int DX>
INLINE void add_position(Block<T> (&patch)[16], int64_t outputs, const uint16_t* winners, const T* grad,
                         const T* panel) {
  for (int64_t block = 0; block * kBlock < outputs; block += 4, grad += 4 * kBlock, panel += 4 * kBlock * 9 * kBlock)
    add_winners<T, DY, DX>(patch, living_winners(winners, block, outputs), grad, panel);
}

// Up to 64 outputs, whose winners are a word for each position. All are loaded first: the end of a loop is seldom
// predicted, and the next one starts sooner if it has its word.
template <class T, int Outputs>
INLINE void add_window(Block<T> (&patch)[16], const uint16_t* winners, const T* grad, const T* panel) {
  constexpr int64_t blocks = padded(Outputs) / kBlock;
  uint64_t live[4];
  EACH (q, 4) live[q] = living_winners(winners + q * blocks, 0, Outputs);
  add_winners<T, 0, 0>(patch, live[0], grad, panel);
  add_winners<T, 0, 1>(patch, live[1], grad, panel);
  add_winners<T, 1, 0>(patch, live[2], grad, panel);
  add_winners<T, 1, 1>(patch, live[3], grad, panel);
}

// Outputs: how many there are where that is a constant, or 0.
template <class T, int Outputs>
void scatter_block_3x3(const PooledGradArgs<T>& a, const T* panel, T* grad_src) {
  const int64_t outputs = Outputs ? Outputs : a.outputs, blocks = padded(outputs) / kBlock;
  const uint16_t* winners = a.winners;
  for (int row = 0; row < a.rows; row++) {
    T* dst = grad_src + 2 * row * a.src_row;
    // Only the windows above have reached what this row of windows does: its upper two rows.
    const auto start = [&](int i, int j) {
      return i < 2 && row > 0 ? load(dst + i * a.src_row + j * a.src_col) : zero<T>();
    };
    Block<T> patch[16];
    EACH (i, 4)
      EACH (j, 2) patch[4 * i + j] = start(i, j);
    for (int col = 0; col < a.cols; col++, winners += 4 * blocks, dst += 2 * a.src_col) {
      const T* grad = a.grad + row * a.grad_row + col * a.grad_col;
      EACH (i, 4)
        EACH (j, 2) patch[4 * i + j + 2] = start(i, j + 2);
      if constexpr (Outputs > 0) {
        add_window<T, Outputs>(patch, winners, grad, panel);
      } else {
        add_position<T, 0, 0>(patch, outputs, winners, grad, panel);
        add_position<T, 0, 1>(patch, outputs, winners + blocks, grad, panel);
        add_position<T, 1, 0>(patch, outputs, winners + 2 * blocks, grad, panel);
        add_position<T, 1, 1>(patch, outputs, winners + 3 * blocks, grad, panel);
      }
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
INLINE void scatter_3x3(const PooledGradArgs<T>& a) {
  for (int64_t b = 0; b * kBlock < a.channels; b++) {
    const T* panel = a.weights + b * a.outputs * 9 * kBlock;
    T* grad_src = a.grad_src + b * kBlock;
    switch (a.outputs) {
      case 16: scatter_block_3x3<T, 16>(a, panel, grad_src); break;
      case 32: scatter_block_3x3<T, 32>(a, panel, grad_src); break;
      case 64: scatter_block_3x3<T, 64>(a, panel, grad_src); break;
      default: scatter_block_3x3<T, 0>(a, panel, grad_src);
    }
  }
}

template <class T>
void conv_relu_maxpool_backward_input(const PooledGradArgs<T>& a) {
  if constexpr (Tile<T>::wide && Tile<T>::registers == 1)
    if (a.tap_count == 9 && a.kernel_cols == 3 && a.taps[1] == a.src_col && a.taps[3] == a.src_row) {
      const bool covered = a.grad_src == a.grad_map && (2 * a.cols + 2) * a.src_col == a.src_row &&
                           (2 * a.rows + 2) * a.src_row == a.grad_map_size;
      if (!covered) memset(a.grad_map, 0, sizeof(T) * a.grad_map_size);
      return scatter_3x3(a);
    }
  memset(a.grad_map, 0, sizeof(T) * a.grad_map_size);
  const int64_t panel = (int64_t)a.outputs * a.tap_count * kBlock, blocks = padded(a.channels) / kBlock;
  for (int64_t b = 0; b < blocks; b++) scatter_block(a, a.weights + b * panel, a.grad_src + b * kBlock);
}
