// Every position of a map a weighted sum of a rectangle of another one.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args_images.h"

namespace galago::reference {

template <class T>
void resize(const ResizeArgs<T>& a) {
  const AxisWeights &rows = a.by_row, &cols = a.by_col;
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++)
      for (int c = 0; c < a.channels; c++) {
        T sum =
            static_cast<T>(a.fill * (rows.outside[row] + cols.outside[col] - rows.outside[row] * cols.outside[col]));
        for (int r = rows.starts[row]; r < rows.starts[row + 1]; r++)
          for (int k = cols.starts[col]; k < cols.starts[col + 1]; k++) {
            const int64_t src_row = rows.first[row] + r - rows.starts[row];
            const int64_t src_col = cols.first[col] + k - cols.starts[col];
            sum = std::fma(static_cast<T>(rows.weights[r] * cols.weights[k]),
                           a.src.data[src_row * a.src.row + src_col * a.src.col + c], sum);
          }
        a.dst.data[row * a.dst.row + col * a.dst.col + c] = sum;
      }
}

}  // namespace galago::reference
