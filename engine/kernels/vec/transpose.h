// Rows turned into columns, for numbers and for bits. Nothing is computed, so nothing can round.
#pragma once

// Lane j of register i goes to lane i of register j. Rows i and i + n/2 interleaved, log2(n) times, is a transposition.
template <class N, int L = N::lanes>
INLINE void transpose_registers(typename N::Reg (&rows)[L]) {
  if constexpr (requires { N::transpose(rows); }) return N::transpose(rows);
  else
    EACH (step, __builtin_ctz(L)) {
      typename N::Reg next[L];
      EACH (k, L / 2) {
        next[2 * k] = N::interleave_low(rows[k], rows[k + L / 2]);
        next[2 * k + 1] = N::interleave_high(rows[k], rows[k + L / 2]);
      }
      EACH (k, L) rows[k] = next[k];
    }
}

// The same of blocks. Only the first `count` are looked at; the others are zero.
template <int count = kLanes, class T>
INLINE void transpose(Block<T> (&rows)[kLanes]) {
  using N = Native<T>;
  constexpr int L = N::lanes, C = Block<T>::count;
  Block<T> columns[kLanes];
  EACH (i, C)
    EACH (j, C) {
      typename N::Reg tile[L];
      EACH (k, L) tile[k] = i * L + k < count ? rows[i * L + k].r[j] : N::broadcast(0);
      if (i * L < count) transpose_registers<N>(tile);
      EACH (k, L) columns[j * L + k].r[i] = tile[k];
    }
  EACH (i, kLanes) rows[i] = columns[i];
}

// 16 rows of 16 bits, four rows a word: bit j of row i goes to bit i of row j. Halves of halves change places.
INLINE void transpose_bits(uint64_t (&x)[4]) {
  EACH (i, 2) {
    const uint64_t eight = (x[i] >> 8 ^ x[i + 2]) & 0x00ff00ff00ff00ff;
    x[i] ^= eight << 8;
    x[i + 2] ^= eight;
  }
  EACH (i, 2) {
    const uint64_t four = (x[2 * i] >> 4 ^ x[2 * i + 1]) & 0x0f0f0f0f0f0f0f0f;
    x[2 * i] ^= four << 4;
    x[2 * i + 1] ^= four;
  }
  EACH (i, 4) {
    const uint64_t two = (x[i] ^ x[i] >> 30) & 0x00000000cccccccc;
    x[i] ^= two ^ two << 30;
    const uint64_t one = (x[i] ^ x[i] >> 15) & 0x0000aaaa0000aaaa;
    x[i] ^= one ^ one << 15;
  }
}
