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
    for (uint64_t live = living_winners(winners, block, a.outputs); live; live &= live - 1) {
      const int64_t o = block * kBlock + __builtin_ctzll(live);
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
