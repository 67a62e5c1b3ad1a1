// Bits of the lanes of one native register: what masks and indices are made from.
#pragma once

// As a plain number, where the vector file has nothing better.
template <class T>
struct Flags {
  using N = Native<T>;
  uint32_t bits;
  // Of a row of bits, eight lanes a byte, those from `lane` on.
  static INLINE Flags load(const uint8_t* row, int lane) {
    if constexpr (N::lanes == 16) {
      uint16_t word;
      memcpy(&word, row + lane / 8, sizeof word);
      return {word};
    } else {
      return {(uint32_t)row[lane / 8] >> lane % 8 & ((1u << N::lanes) - 1)};
    }
  }
  INLINE Flags operator|(Flags b) const { return {bits | b.bits}; }
  INLINE typename N::Mask mask() const { return N::mask(bits); }
  // For each lane, which of four neighbouring numbers: 2 * row + col.
  static INLINE typename N::Index index(Flags row, Flags col) { return N::index(row.mask(), col.mask()); }
};
