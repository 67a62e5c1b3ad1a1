// Dropout by Philox.
#pragma once
#include <array>

#include "base/philox.h"
#include "kernels/args_maps.h"

namespace galago::reference {

// Channel c of a pixel draws word c / 16 % 4 of the counter that counts 16 for every pixel's 64 channels, plus c % 16.
template <class T>
uint32_t draw(const DrawArgs<T>& a, int64_t row, int64_t col, int64_t c) {
  const int64_t counters = (a.channels + 63) / 64 * 16;  // of a pixel
  const int64_t counter = (row * a.draw_row + col * a.draw_col) * counters + c / 64 * 16 + c % 16;
  const std::array<uint32_t, 4> words = philox(
      {static_cast<uint32_t>(counter), a.sample, static_cast<uint32_t>(a.step), static_cast<uint32_t>(a.step >> 32)},
      a.seed);
  return words[static_cast<size_t>(c / 16 % 4)];
}

template <class T>
void dropout(const DropoutArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int64_t c = 0; c < a.channels; c++) {
        const T value = a.src.data[row * a.src.row + col * a.src.col + c];
        a.dst.data[row * a.dst.row + col * a.dst.col + c] =
            draw(a, row, col, c) >= a.threshold ? value * a.scale : T(0);
      }
}

}  // namespace galago::reference
