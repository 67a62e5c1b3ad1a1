// The user's samples: uint8, float32 or float64 in, T out. Nothing is rounded but float64 to float32.
#pragma once

template <class T, class Source>
INLINE void convert_map(const LoadArgs<T>& a) {
  const Source* src = (const Source*)a.src;
  // Channels without padding make a row of pixels one long run.
  const bool packed = a.dst_col == a.channels;
  const int64_t cols = packed ? 1 : a.cols, run = packed ? int64_t(a.cols) * a.channels : a.channels;
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < cols; col++) {
      const Source* from = src + (row * a.src_cols + col) * a.channels;
      T* to = a.dst + row * a.dst_row + col * a.dst_col;
      for (int64_t i = 0; i < run; i++) to[i] = T(from[i]);
    }
}

template <class T>
void load_input(const LoadArgs<T>& a) {
  switch (a.type) {
    case InputType::u8: return convert_map<T, uint8_t>(a);
    case InputType::f32: return convert_map<T, float>(a);
    case InputType::f64: return convert_map<T, double>(a);
  }
}
