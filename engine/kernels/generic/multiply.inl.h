// The heart of every dense kernel: acc[i][j] += sum over k of a[i][k] * b[k][j], k ascending, one FMA each.
#pragma once

template <class T, int R, int B>
INLINE void clear(Block<T> (&acc)[R][B]) {
  EACH (i, R)
    EACH (j, B) acc[i][j] = zero<T>();
}

// acc[i][j] += a[offset[i]] * b[j]
template <class T, int R, int B>
INLINE void add_products(Block<T> (&acc)[R][B], const T* a, const int64_t (&offset)[R], const T* b) {
  Block<T> w[B];
  EACH (j, B) w[j] = load(b + j * kLanes);
  EACH (i, R) {
    const Block<T> x = broadcast(a[offset[i]]);
    EACH (j, B) acc[i][j] = fma(x, w[j], acc[i][j]);
  }
}

// What a product does besides with each row of weights that it reads.
struct Nothing {
  template <class T>
  INLINE void operator()(const T*) const {}
};
// Where weights come from L2, those that are read next, `next` elements further on, come nearer meanwhile. Tiles that
// read the same weights share the work: each of the first fetches one line of every row. One tile alone waits for its
// own weights, and others would only delay them.
struct FetchAhead {
  int64_t ahead;
  FetchAhead(int64_t next, int64_t tile, int64_t tiles, int blocks)
      : ahead(tiles > 1 && tile < blocks ? next + tile * kLanes : 0) {}
  template <class T>
  INLINE void operator()(const T* weights) const {
    __builtin_prefetch(weights + ahead);
  }
};

template <class T, int R, int B, class Besides = Nothing>
INLINE void multiply_add(Block<T> (&acc)[R][B], const T* const (&a)[R], const T* b, int64_t b_row, int64_t count,
                         const Besides& besides = {}) {
  for (int64_t k = 0; k < count; k++, b += b_row) {
    besides(b);
    Block<T> w[B];
    EACH (j, B) w[j] = load(b + j * kLanes);
    EACH (i, R) {
      const Block<T> x = broadcast(a[i][k]);
      EACH (j, B) acc[i][j] = fma(x, w[j], acc[i][j]);
    }
  }
}

// The same with k going over the taps and channels of a convolution.
template <class T, int R, int B>
INLINE void multiply_add_taps(Block<T> (&acc)[R][B], const T* const (&a)[R], const ConvArgs<T>& args, const T* b,
                              int64_t b_row) {
  if (args.channels == 1) {  // one element a tap: the table of taps is the loop
    for (int t = 0; t < args.tap_count; t++, b += b_row) {
      const int64_t k = args.taps[t];
      Block<T> w[B];
      EACH (j, B) w[j] = load(b + j * kLanes);
      EACH (i, R) {
        const Block<T> x = broadcast(a[i][k]);
        EACH (j, B) acc[i][j] = fma(x, w[j], acc[i][j]);
      }
    }
    return;
  }
  for (int t = 0; t < args.tap_count; t++, b += args.channels * b_row) {
    const T* tap[R];
    EACH (i, R) tap[i] = a[i] + args.taps[t];
    multiply_add<T, R, B>(acc, tap, b, b_row, args.channels);
  }
}

// The same convolution with every channel of a tap a tap of its own, where channels are few: a loop over so few would
// cost more than it does. `elements` is room for the taps.
constexpr int kMostElements = 512;
template <class T>
INLINE ConvArgs<T> flat_taps(const ConvArgs<T>& args, int32_t (&elements)[kMostElements]) {
  ConvArgs<T> flat = args;
  if (args.channels >= kLanes || args.tap_count * args.channels > kMostElements) return flat;
  int32_t count = 0;
  for (int tap = 0; tap < args.tap_count; tap++)
    for (int32_t c = 0; c < args.channels; c++) elements[count++] = args.taps[tap] + c;
  flat.taps = elements;
  flat.tap_count = count;
  flat.channels = 1;
  return flat;
}

// The tallest of the tiles R, R - 1, R - 2 rows that wastes least on n rows: the last tile repeats rows to be full.
INLINE int tile_rows(int64_t n, int tallest, int lowest) {
  int best = tallest;
  for (int r = tallest - 1; r >= lowest && r > 0; r--)
    if ((n + r - 1) / r * r < (n + best - 1) / best * best) best = r;
  return best;
}
