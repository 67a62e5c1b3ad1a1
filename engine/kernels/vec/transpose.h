// Rows turned into columns, for numbers and for bits. Nothing is computed, so nothing can round.
#pragma once

// Lane j of block i goes to lane i of block j. Rows i and i + n/2 interleaved, log2(n) times, is a transposition.
template <class T>
INLINE void transpose(Block<T> (&rows)[kLanes]) {
  using N = Native<T>;
  constexpr int L = N::lanes, C = Block<T>::count;
  Block<T> columns[kLanes];
  EACH (i, C)
    EACH (j, C) {
      typename N::Reg tile[L], next[L];
      EACH (k, L) tile[k] = rows[i * L + k].r[j];
      EACH (step, L == 2 ? 1 : L == 4 ? 2 : L == 8 ? 3 : 4) {
        EACH (k, L / 2) {
          next[2 * k] = N::interleave_low(tile[k], tile[k + L / 2]);
          next[2 * k + 1] = N::interleave_high(tile[k], tile[k + L / 2]);
        }
        EACH (k, L) tile[k] = next[k];
      }
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
