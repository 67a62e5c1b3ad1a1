// A loop over offsets in memory that loads of blocks take their addresses from: f(i, offset) for each.
//
// AMD's Zen 5 does 2.0 multiply-adds of memory a cycle at addresses that it computes, but 1.5 where each event's
// address waits for an offset loaded before, be it in the cache and loaded three events ahead. So 16 offsets at a time
// are loaded into a vector register, and moved from there one by one.
#pragma once

#ifdef ISA_COMPRESSES

// Whole sixteens are read, up to 15 offsets past the last one.
template <class F>
INLINE void each_offset(const int32_t* offsets, int count, F f) {
  for (int i = 0; i < count;) {
    Offsets left = load_offsets(offsets + i);
    for (const int end = count - i < 16 ? count : i + 16; i < end; i++) {
      f(i, first_offset(left));
      left = without_first(left);
    }
  }
}

#else

template <class F>
INLINE void each_offset(const int32_t* offsets, int count, F f) {
  for (int i = 0; i < count; i++) f(i, offsets[i]);
}

#endif
