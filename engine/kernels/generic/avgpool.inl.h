// Average pooling of any window, stride and padding: the mean of the cells that are there, summed in window order.
#pragma once

// Cells of a window. Most are 2x2, and a compiler that knows it unrolls them and multiplies instead of dividing.
// Those of max pools, which also know their places, would take it 15 to 25 % more time.
struct CellCount {
  int rows, cols;
};
constexpr CellCount k2x2 = {2, 2};
INLINE CellCount cell_count(const Window& w) { return {w.last_row - w.first_row, w.last_col - w.first_col}; }
INLINE bool is_2x2(const CellCount& n) { return n.rows == 2 && n.cols == 2; }

// Some blocks of channels side by side, whose sums do not wait for each other.
template <class T>
struct PoolMeans {
  template <int B>
  static INLINE void run(int64_t c, const PoolArgs<T>* a, CellCount cells, const T* src, T* dst) {
    Block<T> sums[1][B];
    clear<T, 1, B>(sums);
    for (int y = 0; y < cells.rows; y++)
      for (int x = 0; x < cells.cols; x++) {
        const T* cell = src + y * a->src_row + x * a->src_col + c;
        EACH (j, B) sums[0][j] = sums[0][j] + load(cell + j * kLanes);
      }
    EACH (j, B) store(dst + c + j * kLanes, sums[0][j] / broadcast(T(cells.rows * cells.cols)));
  }
};

template <class T>
void avgpool_forward(const PoolArgs<T>& a) {
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const Window w = window_of(a, row, col);
      const CellCount cells = cell_count(w);
      const T* src = a.src + w.first_row * a.src_row + w.first_col * a.src_col;
      T* dst = a.dst + row * a.dst_row + col * a.dst_col;
      if (is_2x2(cells)) by_columns<T, PoolMeans<T>>(padded(a.channels), &a, k2x2, src, dst);
      else by_columns<T, PoolMeans<T>>(padded(a.channels), &a, cells, src, dst);
    }
}

// `alone`: no other window has these cells.
template <class T>
INLINE void avgpool_window_backward(const PoolGradArgs<T>& a, CellCount cells, bool alone, const T* grad, T* grad_src) {
  for (int c = 0; c < a.channels; c += kLanes) {
    const Block<T> share = load(grad + c) / broadcast(T(cells.rows * cells.cols));
    for (int y = 0; y < cells.rows; y++)
      for (int x = 0; x < cells.cols; x++) {
        T* cell = grad_src + y * a.src_row + x * a.src_col + c;
        store(cell, (alone ? zero<T>() : load(cell)) + share);
      }
  }
}

// Each source element sums its share of the windows it lies in, in row-major order.
template <class T>
void avgpool_backward(const PoolGradArgs<T>& a) {
  const bool apart = windows_apart(a);
  if (apart) clear_source(a, a.rows * a.pool_rows, a.cols * a.pool_cols);
  else clear_source(a, 0, 0);
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const Window w = window_of(a, row, col);
      const CellCount cells = cell_count(w);
      const T* grad = a.grad + row * a.grad_row + col * a.grad_col;
      T* grad_src = a.grad_src + w.first_row * a.src_row + w.first_col * a.src_col;
      if (apart && is_2x2(cells)) avgpool_window_backward<T>(a, k2x2, true, grad, grad_src);
      else avgpool_window_backward<T>(a, cells, apart, grad, grad_src);
    }
}
