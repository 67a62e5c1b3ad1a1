// What happens to the four sums of a 2x2 window before they leave the registers: max, bias, ReLU, winners.
#pragma once

// Each of four positions gets the bits it wins, in words `position` apart.
template <class Word>
INLINE void store_winner_bits(Word* winners, int64_t position, uint32_t living, uint32_t lower, uint32_t right_above,
                              uint32_t right_below) {
  const uint32_t up = living & ~lower, down = living & lower;
  winners[0] = (Word)(up & ~right_above);
  winners[position] = (Word)(up & right_above);
  winners[2 * position] = (Word)(down & ~right_below);
  winners[3 * position] = (Word)(down & right_below);
}

// What compares say of a window, 16 outputs at once: which have a living winner, whether it is in the lower row, and
// in which column it is if it is in the upper or in the lower one.
template <class T>
INLINE void store_winners(uint16_t* winners, int64_t blocks, const Mask<T>& living, const Mask<T>& lower,
                          const Mask<T>& right_above, const Mask<T>& right_below) {
#ifdef ISA_MASK_REGISTERS  // a compare combines with a mask for nothing, and masks are stored as they are
  const Mask<T> down = living & lower, up = but(living, down);
  const Mask<T> up_right = up & right_above, down_right = down & right_below;
  winners[0] = (uint16_t)bits(but(up, up_right));
  winners[blocks] = (uint16_t)bits(up_right);
  winners[2 * blocks] = (uint16_t)bits(but(down, down_right));
  winners[3 * blocks] = (uint16_t)bits(down_right);
#else  // in plain registers: the ports of the vector ones are what this waits for
  const uint32_t live = bits(living), low = bits(lower), right_up = bits(right_above), right_down = bits(right_below);
  store_winner_bits(winners, blocks, live, low, right_up, right_down);
#endif
}

// max(v + bias) = max(v) + bias exactly, since rounding is monotone. The first maximum in row-major order wins.
// NaN: maxima and compares give up on it, so any NaN among the four is put back at the end.
template <class T>
INLINE void store_pooled(const Block<T>& v0, const Block<T>& v1, const Block<T>& v2, const Block<T>& v3,
                         const Block<T>& bias, T* dst, uint16_t* winners, int64_t blocks) {
  const Block<T> above = larger(v1, v0), below = larger(v3, v2);
  const Mask<T> numbers = ordered(v0, v1) & ordered(v2, v3);
  const Block<T> value = select(numbers, larger(below, above), broadcast<T>(T(__builtin_nanf("")))) + bias;
  const Mask<T> living = greater_or_unordered(value, zero<T>());
  store(dst, keep(living, value));
  if (winners) store_winners(winners, blocks, living, greater(below, above), greater(v1, v0), greater(v3, v2));
}
