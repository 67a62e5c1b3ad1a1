// Max pooling: the first maximum of a window, or its first NaN. Padding never wins.
#pragma once
#include <cmath>

#include "kernels/reference/pool_window.h"

namespace galago::reference {

template <class T>
void maxpool_forward(const PoolArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        T best = 0;
        int64_t winner = -1;
        for (int64_t i = 0; i < a.pool_rows; i++)
          for (int64_t j = 0; j < a.pool_cols; j++) {
            const Cell cell = cell_of(a, row, col, i, j);
            if (!cell.inside) continue;
            const T value = a.src[cell.row * a.src_row + cell.col * a.src_col + c];
            if (winner >= 0 && (std::isnan(best) || value <= best)) continue;
            best = value;
            winner = i * a.pool_cols + j;
          }
        a.dst[row * a.dst_row + col * a.dst_col + c] = best;
        if (a.winners) a.winners[(row * a.cols + col) * padded(a.channels) + c] = uint16_t(winner);
      }
}

// The winner gets the gradient of its window; windows are added in row-major order.
template <class T>
void maxpool_backward(const PoolGradArgs<T>& a) {
  clear_source(a);
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const int64_t winner = a.winners[(row * a.cols + col) * padded(a.channels) + c];
        const Cell cell = cell_of(a, row, col, winner / a.pool_cols, winner % a.pool_cols);
        a.grad_src[cell.row * a.src_row + cell.col * a.src_col + c] += a.grad[row * a.grad_row + col * a.grad_col + c];
      }
}

}  // namespace galago::reference
