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

// What a product does besides with each k.
struct Nothing {
  INLINE void operator()() {}
  INLINE void skip(int64_t) {}
};
// Where weights come from L2, the panel that is read next comes nearer meanwhile, evenly: its rows are `width` long,
// and this one's are gone through `passes` times. Where that is too seldom for all of it, what is needed now would only
// be delayed.
template <class T>
struct FetchAhead {
  static constexpr int most = Tile<T>::blocks > 1 ? 2 : 1;  // blocks at a time
  const T* next;
  int64_t step;

  FetchAhead(const T* next, int64_t width, int64_t passes) : next(next), step((width + passes - 1) / passes) {}
  INLINE bool often_enough() const { return step <= most * kLanes; }
  INLINE void operator()() {
    EACH (i, most) __builtin_prefetch(next + i * kLanes);
    next += step;
  }
  INLINE void skip(int64_t count) { next += count * step; }
};

template <class T, int R, int B, class Besides = Nothing>
INLINE void multiply_add(Block<T> (&acc)[R][B], const T* const (&a)[R], const T* b, int64_t b_row, int64_t count,
                         Besides besides = {}) {
  for (int64_t k = 0; k < count; k++, b += b_row) {
    besides();
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

// n rows make as few tiles as can be, whose heights are as even as can be: a low one has too few chains side by side.
template <class T>
INLINE int64_t tiles_of_rows(int64_t n) {
  return (n + Tile<T>::rows - 1) / Tile<T>::rows;
}
template <class Op, int R, class... Arguments>
INLINE void with_rows(int rows, Arguments... arguments) {
  if constexpr (R > 1)
    if (rows < R) return with_rows<Op, R - 1>(rows, arguments...);
  Op::template run<R>(arguments...);
}
// Calls Op::run<R>(first row, arguments ...) for each tile of R rows.
template <class T, class Op, class... Arguments>
INLINE void by_rows(int n, Arguments... arguments) {
  int first = 0;
  for (int tiles = (int)tiles_of_rows<T>(n); tiles > 0; tiles--) {
    const int rows = (n - first + tiles - 1) / tiles;
    with_rows<Op, Tile<T>::rows>(rows, (int64_t)first, arguments...);
    first += rows;
  }
}
