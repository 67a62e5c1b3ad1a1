// Dropout, by Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
//
// 16 counters side by side give the draws of 64 channels of a pixel: channel 16 w + l has word w of counter l.
#pragma once

struct Draws {
  uint32_t word[4][kLanes];
};

INLINE void philox_round(Draws& x, uint32_t key_0, uint32_t key_1) {
  for (int l = 0; l < kLanes; l++) {
    const uint64_t a = uint64_t(0xD2511F53) * x.word[0][l], b = uint64_t(0xCD9E8D57) * x.word[2][l];
    const uint32_t w1 = x.word[1][l], w3 = x.word[3][l];
    x.word[0][l] = uint32_t(b >> 32) ^ w1 ^ key_0;
    x.word[1][l] = uint32_t(b);
    x.word[2][l] = uint32_t(a >> 32) ^ w3 ^ key_1;
    x.word[3][l] = uint32_t(a);
  }
}

// The draws of counters (first + lane, sample, step) under the seed.
INLINE void philox(Draws& x, uint32_t first, uint32_t sample, uint64_t step, uint64_t seed) {
  for (int l = 0; l < kLanes; l++) {
    x.word[0][l] = first + uint32_t(l);
    x.word[1][l] = sample;
    x.word[2][l] = uint32_t(step);
    x.word[3][l] = uint32_t(step >> 32);
  }
  uint32_t key_0 = uint32_t(seed), key_1 = uint32_t(seed >> 32);
  for (int round = 0; round < 10; round++, key_0 += 0x9E3779B9, key_1 += 0xBB67AE85) philox_round(x, key_0, key_1);
}

// Calls Op::run(arguments, the 16 words, source, result) for each block of channels of a map.
template <class Op, class A>
INLINE void each_draw(const A& a) {
  const int64_t groups = (a.channels + 4 * kLanes - 1) / (4 * kLanes);  // of a position
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++) {
      uint32_t counter = uint32_t((row * a.draw_row + col * a.draw_col) * groups * kLanes);
      for (int first = 0; first < a.channels; first += 4 * kLanes, counter += kLanes) {
        Draws draws;
        philox(draws, counter, a.sample, a.step, a.seed);
        const auto* src = a.src.data + row * a.src.row + col * a.src.col + first;
        auto* dst = a.dst.data + row * a.dst.row + col * a.dst.col + first;
        for (int w = 0; w < 4 && first + w * kLanes < a.channels; w++)
          Op::run(a, draws.word[w], src + w * kLanes, dst + w * kLanes);
      }
    }
}

struct Drop {
  template <class T>
  static INLINE void run(const DropoutArgs<T>& a, const uint32_t* words, const T* src, T* dst) {
    uint32_t kept = 0;
    for (int l = 0; l < kLanes; l++) kept |= uint32_t(words[l] >= a.threshold) << l;
    store(dst, select(mask_from_bits<T>(kept), load(src) * broadcast(a.scale), zero<T>()));
  }
};

template <class T>
void dropout(const DropoutArgs<T>& a) {
  each_draw<Drop>(a);
}
