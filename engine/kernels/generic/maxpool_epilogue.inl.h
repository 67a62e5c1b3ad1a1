// What happens to the four sums of a 2x2 window before they leave the registers: max, bias, ReLU, winners.
#pragma once

// max(v + bias) = max(v) + bias exactly, since rounding is monotone. The first maximum in row-major order wins.
// NaN: compares give up on it, so any NaN among the four is put back at the end.
template <class T>
INLINE void store_pooled(const Block<T>& v0, const Block<T>& v1, const Block<T>& v2, const Block<T>& v3,
                         const Block<T>& bias, T* dst, uint16_t* winners, int64_t blocks) {
  const Mask<T> right_above = greater(v1, v0), right_below = greater(v3, v2);
  const Block<T> above = select(right_above, v1, v0), below = select(right_below, v3, v2);
  const Mask<T> lower = greater(below, above);
  const Mask<T> nan = unordered(v0, v1) | unordered(v2, v3);
  const Block<T> value = select(nan, broadcast<T>(T(__builtin_nanf(""))), select(lower, below, above)) + bias;
  const Mask<T> living = greater_or_unordered(value, zero<T>());
  const Block<T> result = select(living, value, zero<T>());
  store(dst, result);
  if (!winners) return;
  // In plain registers: the ports of the vector ones are what this waits for.
  const uint32_t live = bits(living), low = bits(lower), right_up = bits(right_above), right_down = bits(right_below);
  const uint32_t up = live & ~low, down = live & low;
  winners[0] = (uint16_t)(up & ~right_up);
  winners[blocks] = (uint16_t)(up & right_up);
  winners[2 * blocks] = (uint16_t)(down & ~right_down);
  winners[3 * blocks] = (uint16_t)(down & right_down);
}
