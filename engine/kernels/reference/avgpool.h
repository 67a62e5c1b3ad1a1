// Average pooling: the mean of the cells of a window that are not padding.
#pragma once
#include "kernels/reference/pool_window.h"

namespace galago::reference {

template <class Args>
int64_t cells_inside(const Args& a, int64_t row, int64_t col) {
  int64_t count = 0;
  for (int64_t i = 0; i < a.pool_rows; i++)
    for (int64_t j = 0; j < a.pool_cols; j++) count += cell_of(a, row, col, i, j).inside;
  return count;
}

template <class T>
void avgpool_forward(const PoolArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        T sum = 0;
        for (int64_t i = 0; i < a.pool_rows; i++)
          for (int64_t j = 0; j < a.pool_cols; j++) {
            const Cell cell = cell_of(a, row, col, i, j);
            if (cell.inside) sum += a.src[cell.row * a.src_row + cell.col * a.src_col + c];
          }
        a.dst[row * a.dst_row + col * a.dst_col + c] = sum / T(cells_inside(a, row, col));
      }
}

template <class T>
void avgpool_backward(const PoolGradArgs<T>& a) {
  clear_source(a);
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const T share = a.grad[row * a.grad_row + col * a.grad_col + c] / T(cells_inside(a, row, col));
        for (int64_t i = 0; i < a.pool_rows; i++)
          for (int64_t j = 0; j < a.pool_cols; j++) {
            const Cell cell = cell_of(a, row, col, i, j);
            if (cell.inside) a.grad_src[cell.row * a.src_row + cell.col * a.src_col + c] += share;
          }
      }
}

}  // namespace galago::reference
