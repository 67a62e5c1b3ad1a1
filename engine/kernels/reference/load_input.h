// The user's samples, converted to T and placed inside their halo.
#pragma once
#include <cstdint>

#include "kernels/args.h"

namespace galago::reference {

template <class T, class Source>
void convert_map(const LoadArgs<T>& a, const Source* src) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++)
        a.dst[row * a.dst_row + col * a.dst_col + c] = T(src[(row * a.src_cols + col) * a.channels + c]);
}

template <class T>
void load_input(const LoadArgs<T>& a) {
  switch (a.type) {
    case InputType::u8: return convert_map(a, static_cast<const uint8_t*>(a.src));
    case InputType::f32: return convert_map(a, static_cast<const float*>(a.src));
    case InputType::f64: return convert_map(a, static_cast<const double*>(a.src));
  }
}

}  // namespace galago::reference
