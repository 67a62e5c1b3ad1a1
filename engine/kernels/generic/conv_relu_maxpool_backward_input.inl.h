// Input gradients through 2x2 max pool and ReLU; lanes are input channels, one register of them at a time. Chains:
// (window, position, output).
#pragma once

// N taps at one position of a window, held in registers while the winners there go by.
template <class T, int N>
INLINE void scatter_position(const PooledGradArgs<T>& a, const uint16_t* winners, int64_t blocks, const T* grad,
                             const T* panel, const int32_t* taps, T* dst) {
  using V = Native<T>;
  typename V::Reg acc[N];
  EACH (i, N) acc[i] = V::load(dst + taps[i]);
  for (int64_t block = 0; block < blocks; block += 4)
    for (uint64_t live = living_winners(winners, block, a.outputs); live; live &= live - 1) {
      const int64_t o = block * kBlock + __builtin_ctzll(live);
      const auto g = V::broadcast(grad[o]);
      const T* w = panel + o * a.tap_count * V::lanes;
      EACH (i, N) acc[i] = V::fma(g, V::load(w + i * V::lanes), acc[i]);
    }
  EACH (i, N) V::store(dst + taps[i], acc[i]);
}

template <class T>
void scatter(const PooledGradArgs<T>& a, const T* panel, T* grad_src) {
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
          const T* w = panel + tap * Native<T>::lanes;
          const int32_t* taps = a.taps + tap;
          if (left >= 13) scatter_position<T, 13>(a, winners, blocks, grad, w, taps, dst), tap += 13;
          else if (left >= 12) scatter_position<T, 12>(a, winners, blocks, grad, w, taps, dst), tap += 12;
          else if (left >= 9) scatter_position<T, 9>(a, winners, blocks, grad, w, taps, dst), tap += 9;
          else if (left >= 6) scatter_position<T, 6>(a, winners, blocks, grad, w, taps, dst), tap += 6;
          else if (left >= 3) scatter_position<T, 3>(a, winners, blocks, grad, w, taps, dst), tap += 3;
          else scatter_position<T, 1>(a, winners, blocks, grad, w, taps, dst), tap += 1;
        }
      }
    }
}

// 3x3 taps side by side. A window reaches a patch of 4x4 elements, which stay in registers while its winners go by; the
// right half of the patch goes on to the next window.

// Where the patch of a window lies in the map. Only the windows above have reached what a row of windows does: the
// upper two rows.
template <class T>
struct PatchPlace {
  T* corner;
  int64_t row, col;
  bool reached;
  INLINE T* operator()(int i, int j) const { return corner + i * row + j * col; }
  INLINE auto start(int i, int j) const {
    return i < 2 && reached ? Native<T>::load((*this)(i, j)) : Native<T>::broadcast(0);
  }
};

template <class T, bool whole = kManyRegisters>
struct Patch;

// All of it, where there are registers enough.
template <class T>
struct Patch<T, true> {
  using V = Native<T>;
  using Place = PatchPlace<T>;
  typename V::Reg sums[16];
  INLINE auto& at(int i, int j) { return sums[4 * i + j]; }
  INLINE void begin(const Place& place) {  // a row of windows
    EACH (i, 4)
      EACH (j, 2) at(i, j) = place.start(i, j);
  }
  INLINE void enter(const Place& place) {  // a window
    EACH (i, 4)
      EACH (j, 2) at(i, j + 2) = place.start(i, j + 2);
  }
  INLINE void turn(const Place&) {}        // from the upper to the lower positions
  INLINE void leave(const Place& place) {  // a window
    EACH (i, 4)
      EACH (j, 2) V::store(place(i, j), at(i, j)), at(i, j) = at(i, j + 2);
  }
  INLINE void end(const Place& place) {  // a row of windows
    EACH (i, 4)
      EACH (j, 2) V::store(place(i, j), at(i, j));
  }
};

// Three rows of it: the last one takes the place of the first one when the upper positions are done. Only the two
// between stay in registers from window to window.
template <class T>
struct Patch<T, false> {
  using V = Native<T>;
  using Place = PatchPlace<T>;
  typename V::Reg sums[12];
  INLINE auto& at(int i, int j) { return sums[4 * (i % 3) + j]; }
  INLINE void begin(const Place& place) {
    EACH (j, 2) {
      V::store(place(0, j), place.start(0, j));
      at(1, j) = place.start(1, j);
      at(2, j) = place.start(2, j);
      V::store(place(3, j), place.start(3, j));
    }
  }
  INLINE void enter(const Place& place) {
    EACH (j, 2) at(0, j) = V::load(place(0, j));
    EACH (i, 3)
      EACH (j, 2) at(i, j + 2) = place.start(i, j + 2);
  }
  INLINE void turn(const Place& place) {
    EACH (j, 4) V::store(place(0, j), at(0, j));
    EACH (j, 2) at(3, j) = V::load(place(3, j)), at(3, j + 2) = place.start(3, j + 2);
  }
  INLINE void leave(const Place& place) {
    EACH (j, 2) {
      V::store(place(1, j), at(1, j)), at(1, j) = at(1, j + 2);
      V::store(place(2, j), at(2, j)), at(2, j) = at(2, j + 2);
    }
    EACH (j, 4) V::store(place(3, j), at(3, j));
  }
  INLINE void end(const Place& place) {
    EACH (j, 2) V::store(place(1, j), at(1, j)), V::store(place(2, j), at(2, j));
  }
};

// The position is a constant, so every register index is static.
template <class T, int DY, int DX>
INLINE void add_winners(Patch<T>& patch, uint64_t live, const T* grad, const T* panel) {
  using V = Native<T>;
  for (; live; live &= live - 1) {
    const int64_t o = __builtin_ctzll(live);
    const auto g = V::broadcast(grad[o]);
    const T* w = panel + o * 9 * V::lanes;
    EACH (i, 3)
      EACH (j, 3) {
        auto& sum = patch.at(i + DY, j + DX);
        sum = V::fma(g, V::load(w + (3 * i + j) * V::lanes), sum);
      }
  }
}

// Both positions in one row of a window.
template <class T, int DY>
INLINE void add_row(Patch<T>& patch, int64_t outputs, const uint16_t* winners, const T* grad, const T* panel) {
  constexpr int64_t step = 4 * kBlock, row = 9 * Native<T>::lanes;
  const int64_t blocks = padded(outputs) / kBlock;
  for (int64_t o = 0; o < outputs; o += step)
    add_winners<T, DY, 0>(patch, living_winners(winners, o / kBlock, outputs), grad + o, panel + o * row);
  for (int64_t o = 0; o < outputs; o += step)
    add_winners<T, DY, 1>(patch, living_winners(winners + blocks, o / kBlock, outputs), grad + o, panel + o * row);
}

// Outputs: how many there are where that is a constant, or 0. Up to 64 have a word of winners for each position. All
// four are loaded first: the end of a loop is seldom predicted, and the next one starts sooner if it has its word.
template <class T, int Outputs>
void scatter_3x3(const PooledGradArgs<T>& a, const T* panel, T* grad_src) {
  const int64_t outputs = Outputs ? Outputs : a.outputs, blocks = padded(outputs) / kBlock;
  const uint16_t* winners = a.winners;
  for (int row = 0; row < a.rows; row++) {
    PatchPlace<T> place{grad_src + 2 * row * a.src_row, a.src_row, a.src_col, row > 0};
    Patch<T> patch;
    patch.begin(place);
    for (int col = 0; col < a.cols; col++, winners += 4 * blocks, place.corner += 2 * a.src_col) {
      const T* grad = a.grad + row * a.grad_row + col * a.grad_col;
      patch.enter(place);
      if constexpr (Outputs > 0) {
        uint64_t live[4];
        EACH (q, 4) live[q] = living_winners(winners + q * blocks, 0, Outputs);
        add_winners<T, 0, 0>(patch, live[0], grad, panel);
        add_winners<T, 0, 1>(patch, live[1], grad, panel);
        patch.turn(place);
        add_winners<T, 1, 0>(patch, live[2], grad, panel);
        add_winners<T, 1, 1>(patch, live[3], grad, panel);
      } else {
        add_row<T, 0>(patch, outputs, winners, grad, panel);
        patch.turn(place);
        add_row<T, 1>(patch, outputs, winners + 2 * blocks, grad, panel);
      }
      patch.leave(place);
    }
    patch.end(place);
  }
}

// All registers of a channel block, one after the other.
template <class T>
INLINE void scatter_block(const PooledGradArgs<T>& a, const T* panel, T* grad_src, bool side_by_side) {
  constexpr int lanes = Native<T>::lanes;
  for (int64_t c = 0; c < kBlock; c += lanes, panel += (int64_t)a.outputs * a.tap_count * lanes, grad_src += lanes) {
    if (!side_by_side) scatter(a, panel, grad_src);
    else if (a.outputs == 16) scatter_3x3<T, 16>(a, panel, grad_src);
    else if (a.outputs == 32) scatter_3x3<T, 32>(a, panel, grad_src);
    else if (a.outputs == 64) scatter_3x3<T, 64>(a, panel, grad_src);
    else scatter_3x3<T, 0>(a, panel, grad_src);
  }
}

template <class T>
void conv_relu_maxpool_backward_input(const PooledGradArgs<T>& a) {
  const bool side_by_side = a.tap_count == 9 && a.kernel_cols == 3 && a.taps[1] == a.src_col && a.taps[3] == a.src_row;
  const bool covered = side_by_side && a.grad_src == a.grad_map && (2 * a.cols + 2) * a.src_col == a.src_row &&
                       (2 * a.rows + 2) * a.src_row == a.grad_map_size;
  if (!covered) memset(a.grad_map, 0, sizeof(T) * a.grad_map_size);
  const int64_t panel = (int64_t)a.outputs * a.tap_count * kBlock, blocks = padded(a.channels) / kBlock;
  for (int64_t b = 0; b < blocks; b++) scatter_block(a, a.weights + b * panel, a.grad_src + b * kBlock, side_by_side);
}
