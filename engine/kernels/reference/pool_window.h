// Which source cell a place in a pool window is.
#pragma once
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

struct Cell {
  int64_t row, col;
  bool inside;  // not in the padding
};

template <class Args>
Cell cell_of(const Args& a, int64_t row, int64_t col, int64_t pool_row, int64_t pool_col) {
  const int64_t y = row * a.stride_rows - a.pad_top + pool_row, x = col * a.stride_cols - a.pad_left + pool_col;
  return {y, x, y >= 0 && y < a.src_rows && x >= 0 && x < a.src_cols};
}

// Padded channels included.
template <class T>
void clear_source(const PoolGradArgs<T>& a) {
  for (int64_t row = 0; row < a.src_rows; row++)
    for (int64_t col = 0; col < a.src_cols; col++)
      for (int64_t c = 0; c < padded(a.channels); c++) a.grad_src[row * a.src_row + col * a.src_col + c] = 0;
}

}  // namespace galago::reference
