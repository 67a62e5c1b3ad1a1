// A map copied between layouts.
#pragma once
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

template <class T>
void copy_map(const CopyArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++)
        a.dst[row * a.dst_row + col * a.dst_col + c] = a.src[row * a.src_row + col * a.src_col + c];
}

}  // namespace galago::reference
