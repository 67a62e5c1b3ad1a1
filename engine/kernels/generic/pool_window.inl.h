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
