// Max pooling of any window, stride and padding. The first maximum in window order wins; the first NaN wins over all.
#pragma once

// The place of a winner in its window, one a lane, has 16 bits, in memory and as a T. Added to 2^mantissa they are its
// lowest bits.
template <class T>
INLINE void store_places(uint16_t* p, const Block<T>& places) {
  constexpr int L = Native<T>::lanes;
  typedef uint16_t Places __attribute__((vector_size(2 * L)));
  const Bits<T> words = to_bits(places + broadcast(Format<T>::two_to_mantissa));
  EACH_REGISTER {
    const Places narrow = __builtin_convertvector(words.r[i], Places);
    memcpy(p + i * L, &narrow, sizeof narrow);
  }
}
template <class T>
INLINE Block<T> load_places(const uint16_t* p) {
  constexpr int L = Native<T>::lanes;
  typedef uint16_t Places __attribute__((vector_size(2 * L)));
  Bits<T> words;
  EACH_REGISTER {
    Places narrow;
    memcpy(&narrow, p + i * L, sizeof narrow);
    words.r[i] = __builtin_convertvector(narrow, typename Bits<T>::Words);
  }
  const Block<T> offset = broadcast(Format<T>::two_to_mantissa);
  return from_bits(words | to_bits(offset)) - offset;
}

// Cells of a window from its first one, which has this place in it.
struct Cells {
  int rows, cols, first_place, pool_cols;
};
template <class Args>
INLINE Cells cells_of_window(const Args& a, const Window& w) {
  return {w.last_row - w.first_row, w.last_col - w.first_col,
          (w.first_row - w.top) * a.pool_cols + w.first_col - w.left, a.pool_cols};
}
// Most windows are these, and a compiler that knows it unrolls them.
INLINE bool is_whole_2x2(const Cells& cells) {
  return cells.rows == 2 && cells.cols == 2 && cells.pool_cols == 2 && cells.first_place == 0;
}
constexpr Cells kWhole2x2 = {2, 2, 0, 2};

template <class T>
INLINE void maxpool_window(const PoolArgs<T>& a, const Cells& cells, const T* src, T* dst, uint16_t* winners) {
  for (int c = 0; c < a.channels; c += kLanes) {
    Block<T> best = load(src + c), winner = broadcast(T(cells.first_place));
    for (int y = 0; y < cells.rows; y++)
      for (int x = y == 0; x < cells.cols; x++) {
        const Block<T> value = load(src + y * a.src_row + x * a.src_col + c);
        const Mask<T> wins = greater_or_unordered(value, best) & ~unordered(best, best);
        best = select(wins, value, best);
        winner = select(wins, broadcast(T(cells.first_place + y * cells.pool_cols + x)), winner);
      }
    store(dst + c, best);
    if (winners) store_places(winners + c, winner);
  }
}

template <class T>
void maxpool_forward(const PoolArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const Window w = window_of(a, (int)row, (int)col);
      const T* src = a.src + w.first_row * a.src_row + w.first_col * a.src_col;
      T* dst = a.dst + row * a.dst_row + col * a.dst_col;
      uint16_t* winners = a.winners ? a.winners + (row * a.cols + col) * padded(a.channels) : nullptr;
      const Cells cells = cells_of_window(a, w);
      if (is_whole_2x2(cells)) maxpool_window<T>(a, kWhole2x2, src, dst, winners);
      else maxpool_window<T>(a, cells, src, dst, winners);
    }
}

// `alone`: no other window has these cells.
template <class T>
INLINE void maxpool_window_backward(const PoolGradArgs<T>& a, const Cells& cells, bool alone, const T* grads,
                                    const uint16_t* winners, T* grad_src) {
  for (int c = 0; c < a.channels; c += kLanes) {
    const Block<T> grad = load(grads + c), winner = load_places<T>(winners + c);
    for (int y = 0; y < cells.rows; y++)
      for (int x = 0; x < cells.cols; x++) {
        const Block<T> place = broadcast(T(cells.first_place + y * cells.pool_cols + x));
        const Mask<T> lost = greater(winner, place) | greater(place, winner);
        T* cell = grad_src + y * a.src_row + x * a.src_col + c;
        store(cell, (alone ? zero<T>() : load(cell)) + select(lost, zero<T>(), grad));
      }
  }
}

// Each source element sums the gradients of the windows it won, in row-major order.
template <class T>
void maxpool_backward(const PoolGradArgs<T>& a) {
  const bool apart = windows_apart(a);
  if (apart) clear_source(a, a.rows * a.pool_rows, a.cols * a.pool_cols);
  else clear_source(a, 0, 0);
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const Window w = window_of(a, (int)row, (int)col);
      const T* grads = a.grad + row * a.grad_row + col * a.grad_col;
      const uint16_t* winners = a.winners + (row * a.cols + col) * padded(a.channels);
      T* grad_src = a.grad_src + w.first_row * a.src_row + w.first_col * a.src_col;
      const Cells cells = cells_of_window(a, w);
      if (apart && is_whole_2x2(cells)) maxpool_window_backward<T>(a, kWhole2x2, true, grads, winners, grad_src);
      else maxpool_window_backward<T>(a, cells, apart, grads, winners, grad_src);
    }
}
