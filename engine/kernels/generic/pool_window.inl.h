// The cells of one pool window that lie inside the source: what lies in the padding is not there. Padding is smaller
// than the window, so there is always one.
#pragma once

struct Window {
  int first_row, last_row, first_col, last_col;  // inside the source
  int top, left;                                 // of the whole window: negative in the padding
};

template <class Args>
INLINE Window window_of(const Args& a, int row, int col) {
  const int top = row * a.stride_rows - a.pad_top, left = col * a.stride_cols - a.pad_left;
  const int bottom = top + a.pool_rows, right = left + a.pool_cols;
  Window w;
  w.first_row = top < 0 ? 0 : top;
  w.last_row = bottom < a.src_rows ? bottom : a.src_rows;
  w.first_col = left < 0 ? 0 : left;
  w.last_col = right < a.src_cols ? right : a.src_cols;
  w.top = top;
  w.left = left;
  return w;
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

// Whether every source element lies in at most one window.
template <class Args>
INLINE bool windows_apart(const Args& a) {
  return a.stride_rows == a.pool_rows && a.stride_cols == a.pool_cols && a.pad_top + a.pad_left == 0;
}

// Gradients of windows are added to their source, so it starts from zero, padded channels included; but for some first
// rows and columns, which are written anyway.
template <class T>
INLINE void clear_source(const PoolGradArgs<T>& a, int64_t written_rows, int64_t written_cols) {
  for (int64_t row = 0; row < a.src_rows; row++)
    for (int64_t col = row < written_rows ? written_cols : 0; col < a.src_cols; col++)
      for (int c = 0; c < a.channels; c += kLanes) store(a.grad_src + row * a.src_row + col * a.src_col + c, zero<T>());
}
