// Average pooling of any window, stride and padding: the mean of the cells that are there, summed in window order.
#pragma once

template <class T>
INLINE Block<T> cells_of(const Window& w) {
  return broadcast(T((w.last_row - w.first_row) * (w.last_col - w.first_col)));
}

// Some blocks of channels side by side, whose sums do not wait for each other.
template <class T>
struct PoolMeans {
  template <int B>
  static INLINE void run(int64_t c, const PoolArgs<T>* a, const Window* w, T* dst) {
    Block<T> sums[1][B];
    clear<T, 1, B>(sums);
    for (int y = w->first_row; y < w->last_row; y++)
      for (int x = w->first_col; x < w->last_col; x++) {
        const T* src = a->src + y * a->src_row + x * a->src_col + c;
        EACH (j, B) sums[0][j] = sums[0][j] + load(src + j * kLanes);
      }
    EACH (j, B) store(dst + c + j * kLanes, sums[0][j] / cells_of<T>(*w));
  }
};

template <class T>
void avgpool_forward(const PoolArgs<T>& a) {
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const Window w = window_of(a, row, col);
      by_columns<T, PoolMeans<T>>(padded(a.channels), &a, &w, a.dst + row * a.dst_row + col * a.dst_col);
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
      for (int c = 0; c < a.channels; c += kLanes) {
        const T* grad = a.grad + row * a.grad_row + col * a.grad_col + c;
        const Block<T> share = load(grad) / cells_of<T>(w);
        for (int y = w.first_row; y < w.last_row; y++)
          for (int x = w.first_col; x < w.last_col; x++) {
            T* grad_src = a.grad_src + y * a.src_row + x * a.src_col + c;
            store(grad_src, (apart ? zero<T>() : load(grad_src)) + share);
          }
      }
    }
}
