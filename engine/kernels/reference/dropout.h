// Dropout by Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
#pragma once
#include <array>

#include "kernels/args_maps.h"

namespace galago::reference {

inline std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, uint64_t seed) {
  uint32_t key_0 = static_cast<uint32_t>(seed), key_1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0], b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key_0, static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key_1, static_cast<uint32_t>(a)};
    key_0 += 0x9E3779B9;
    key_1 += 0xBB67AE85;
  }
  return counter;
}

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
