// The sum of two maps (+ ReLU).
#pragma once
#include "kernels/args.h"
#include "kernels/reference/maxpool_epilogue.h"

namespace galago::reference {

template <class T>
void add_maps(const AddArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const T sum = a.a.data[row * a.a.row + col * a.a.col + c] + a.b.data[row * a.b.row + col * a.b.col + c];
        a.dst.data[row * a.dst.row + col * a.dst.col + c] = a.relu ? relu(sum) : sum;
      }
}

}  // namespace galago::reference
