// Filters and pools of pictures: each output from its window, in the order of the taps.
#pragma once
#include <cmath>
#include <cstdint>

#include "kernels/args_windows.h"
#include "kernels/reference/merge_maps.h"

namespace galago::reference {

template <class T>
T window_value(const WindowArgs<T>& a, const T* src) {
  if (a.kind != Merge::add) {
    T value = src[a.taps[0]];
    for (int64_t t = 1; t < a.tap_count; t++) value = merged(a.kind, value, src[a.taps[t]]);
    return value;
  }
  T sum = 0;
  for (int64_t t = 0; t < a.tap_count; t++) sum = std::fma(src[a.taps[t]], a.weights[t], sum);
  return a.divide ? sum / a.scale : sum * a.scale;
}

template <class T>
void filter_rows(const WindowArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      const T value = window_value(a, a.src + row * a.src_row + col);
      a.dst[row * a.dst_row + col] = value < a.low ? a.low : value > a.high ? a.high : value;
    }
}

template <class T>
void store_pixels(const PixelArgs<T>& a) {
  for (int64_t p = 0; p < a.pixels; p++)
    for (int64_t c = 0; c < a.channels; c++) {
      const T x = a.src[p * a.step * a.channels + c];
      const int64_t place = p * a.channels + c;
      if (a.bytes) static_cast<uint8_t*>(a.dst)[place] = x == x ? static_cast<uint8_t>(x) : 0;
      else static_cast<T*>(a.dst)[place] = x;
    }
}

}  // namespace galago::reference
