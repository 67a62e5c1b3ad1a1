// Filters and pools of pictures: lanes are neighbouring numbers of a row, so a picture needs no padding of its
// channels.
#pragma once

constexpr int kFilterBlocks = 4;  // chains side by side, enough to cover the latency of a multiply-add

template <class T>
INLINE Block<T> finished(const WindowArgs<T>& a, Block<T> x) {
  if (a.kind == Merge::add) x = a.divide ? x / broadcast(a.scale) : x * broadcast(a.scale);
  const Block<T> low = broadcast(a.low), high = broadcast(a.high);
  x = select(greater(low, x), low, x);
  return select(greater(x, high), high, x);
}

template <class T>
struct WindowColumns {
  template <int B>
  static INLINE void run(int64_t col, const WindowArgs<T>* a, const T* src, T* dst) {
    Block<T> acc[B];
    const T* from = src + col;
    if (a->kind == Merge::add) {
      EACH (j, B) acc[j] = zero<T>();
      for (int64_t t = 0; t < a->tap_count; t++) {
        const Block<T> weight = broadcast(a->weights[t]);
        EACH (j, B) acc[j] = fma(load(from + a->taps[t] + j * kLanes), weight, acc[j]);
      }
    } else {
      EACH (j, B) acc[j] = load(from + a->taps[0] + j * kLanes);
      for (int64_t t = 1; t < a->tap_count; t++)
        EACH (j, B) acc[j] = merged(a->kind, acc[j], load(from + a->taps[t] + j * kLanes));
    }
    EACH (j, B) store(dst + col + j * kLanes, finished(*a, acc[j]));
  }
};

template <class T>
void filter_rows(const WindowArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    by_columns<T, WindowColumns<T>>(padded(a.cols), &a, a.src + row * a.src_row, a.dst + row * a.dst_row);
}

template <class T, class To>
INLINE void store_run(const T* src, To* dst, int64_t n) {
  for (int64_t i = 0; i < n; i++) dst[i] = To(src[i]);
}

template <class T, class To>
INLINE void store_as(const PixelArgs<T>& a, To* dst) {
  if (a.step == 1) return store_run(a.src, dst, a.pixels * a.channels);
  for (int64_t p = 0; p < a.pixels; p++) store_run(a.src + p * a.step * a.channels, dst + p * a.channels, a.channels);
}

// A byte by way of an integer: what a NaN becomes is then the same on every CPU, as NaN is made 0 first.
struct Byte {
  uint8_t value;
  template <class T>
  INLINE explicit Byte(T x) : value(uint8_t(int32_t(x == x ? x : T(0)))) {}
};

template <class T>
void store_pixels(const PixelArgs<T>& a) {
  if (a.bytes) store_as(a, (Byte*)a.dst);
  else store_as(a, (T*)a.dst);
}
