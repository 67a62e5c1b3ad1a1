// A map copied between its padded layout and the compact rows that Flatten wants.
#pragma once

template <class T>
void copy_map(const CopyArgs<T>& a) {
  const bool packed = a.src_col == a.channels && a.dst_col == a.channels;
  const int64_t cols = packed ? 1 : a.cols, run = packed ? int64_t(a.cols) * a.channels : a.channels;
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < cols; col++) {
      const T* from = a.src + row * a.src_row + col * a.src_col;
      T* to = a.dst + row * a.dst_row + col * a.dst_col;
      for (int64_t i = 0; i < run; i++) to[i] = from[i];
    }
}
