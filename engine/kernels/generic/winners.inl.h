// The winners of 2x2 windows, as the fused forward kernels leave them.
//
// An event is a living winner: (window, output, which of the four positions, gradient). Nothing else of a pooled
// convolution's output has a gradient, so the work is a quarter of the dense one times the share of windows that ReLU
// let live.
#pragma once

// The bits of up to four blocks of winners at one position of a window; those past the last output are left out.
INLINE uint64_t living_winners(const uint16_t* winners, int64_t block, int64_t outputs) {
  uint64_t bits = 0;
  const int64_t left = outputs - block * kBlock;
  if (left >= 64) {
    memcpy(&bits, winners + block, sizeof bits);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "winner masks are read as little-endian words"
#endif
    return bits;
  }
  for (int64_t b = 0; b * kBlock < left; b++) bits |= (uint64_t)winners[block + b] << 16 * b;
  return bits & (((uint64_t)1 << left) - 1);
}
