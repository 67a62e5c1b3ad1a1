// Block<T>: 16 lanes of T, on every ISA. Kernels are written over blocks only.
//
// A lane is always one output element and never meets its neighbours, so the number of native registers a block is made
// of (one on AVX-512 floats, eight on the portable doubles) cannot change a bit of any result.
#pragma once

constexpr int kLanes = 16;

template <class T>
struct Block {
  using N = Native<T>;
  static constexpr int count = kLanes / N::lanes;
  typename N::Reg r[count];
};

template <class T>
struct Mask {
  using N = Native<T>;
  typename N::Mask m[Block<T>::count];
};

#define EACH_REGISTER EACH (i, Block<T>::count)

template <class T>
INLINE Block<T> broadcast(T x) {
  Block<T> b;
  EACH_REGISTER b.r[i] = Native<T>::broadcast(x);
  return b;
}
template <class T>
INLINE Block<T> zero() {
  return broadcast<T>(T(0));
}
template <class T>
INLINE Block<T> load(const T* p) {
  Block<T> b;
  EACH_REGISTER b.r[i] = Native<T>::load(p + i * Native<T>::lanes);
  return b;
}
template <class T>
INLINE void store(T* p, const Block<T>& b) {
  EACH_REGISTER Native<T>::store(p + i * Native<T>::lanes, b.r[i]);
}
// p + n, made when it is needed: of a row of such pointers the compiler would keep all multiples of n, most of them on
// the stack.
template <class T>
INLINE const T* step(const T* p, int64_t n) {
  p += n;
  __asm__("" : "+r"(p));
  return p;
}
// x, loaded once and kept: compilers would load it again for each of its uses, where loads are what a loop waits for.
template <class R>
INLINE R once(R x) {
#if defined(__x86_64__)
  __asm__("" : "+v"(x));
#elif defined(__aarch64__)
  __asm__("" : "+w"(x));
#endif
  return x;
}
// The first n lanes only; n in 1..16.
template <class T>
INLINE void store_first(T* p, const Block<T>& b, int n) {
  if (n == kLanes) return store(p, b);
  T lanes[kLanes];
  store(lanes, b);
  for (int i = 0; i < n; i++) p[i] = lanes[i];
}
// a * b + c, rounded once.
template <class T>
INLINE Block<T> fma(const Block<T>& a, const Block<T>& b, const Block<T>& c) {
  Block<T> d;
  EACH_REGISTER d.r[i] = Native<T>::fma(a.r[i], b.r[i], c.r[i]);
  return d;
}
template <class T>
INLINE Block<T> operator+(const Block<T>& a, const Block<T>& b) {
  Block<T> c;
  EACH_REGISTER c.r[i] = a.r[i] + b.r[i];
  return c;
}
template <class T>
INLINE Block<T> operator-(const Block<T>& a, const Block<T>& b) {
  Block<T> c;
  EACH_REGISTER c.r[i] = a.r[i] - b.r[i];
  return c;
}
template <class T>
INLINE Block<T> operator*(const Block<T>& a, const Block<T>& b) {
  Block<T> c;
  EACH_REGISTER c.r[i] = a.r[i] * b.r[i];
  return c;
}
template <class T>
INLINE Block<T> operator/(const Block<T>& a, const Block<T>& b) {
  Block<T> c;
  EACH_REGISTER c.r[i] = a.r[i] / b.r[i];
  return c;
}
template <class T>
INLINE Block<T> sqrt(const Block<T>& a) {
  Block<T> c;
  EACH_REGISTER c.r[i] = Native<T>::sqrt(a.r[i]);
  return c;
}

// a > b, false where either is NaN.
template <class T>
INLINE Mask<T> greater(const Block<T>& a, const Block<T>& b) {
  Mask<T> m;
  EACH_REGISTER m.m[i] = Native<T>::greater(a.r[i], b.r[i]);
  return m;
}
// a > b, true where either is NaN.
template <class T>
INLINE Mask<T> greater_or_unordered(const Block<T>& a, const Block<T>& b) {
  Mask<T> m;
  EACH_REGISTER m.m[i] = Native<T>::greater_or_unordered(a.r[i], b.r[i]);
  return m;
}
template <class T>
INLINE Mask<T> unordered(const Block<T>& a, const Block<T>& b) {
  Mask<T> m;
  EACH_REGISTER m.m[i] = Native<T>::unordered(a.r[i], b.r[i]);
  return m;
}
// Neither is NaN.
template <class T>
INLINE Mask<T> ordered(const Block<T>& a, const Block<T>& b) {
  Mask<T> c;
  EACH_REGISTER c.m[i] = Native<T>::ordered(a.r[i], b.r[i]);
  return c;
}
template <class T>
INLINE Mask<T> operator&(const Mask<T>& a, const Mask<T>& b) {
  Mask<T> m;
  EACH_REGISTER m.m[i] = Native<T>::mask_and(a.m[i], b.m[i]);
  return m;
}
template <class T>
INLINE Mask<T> operator|(const Mask<T>& a, const Mask<T>& b) {
  Mask<T> m;
  EACH_REGISTER m.m[i] = Native<T>::mask_or(a.m[i], b.m[i]);
  return m;
}
template <class T>
INLINE Mask<T> operator~(const Mask<T>& a) {
  Mask<T> m;
  EACH_REGISTER m.m[i] = Native<T>::mask_not(a.m[i]);
  return m;
}
template <class T>
INLINE Block<T> select(const Mask<T>& m, const Block<T>& yes, const Block<T>& no) {
  Block<T> c;
  EACH_REGISTER c.r[i] = Native<T>::select(m.m[i], yes.r[i], no.r[i]);
  return c;
}
#ifdef ISA_MASK_REGISTERS
// a, but not b.
template <class T>
INLINE Mask<T> but(const Mask<T>& a, const Mask<T>& b) {
  Mask<T> c;
  EACH_REGISTER c.m[i] = Native<T>::mask_but(a.m[i], b.m[i]);
  return c;
}
#endif
// a where m, else 0.
template <class T>
INLINE Block<T> keep(const Mask<T>& m, const Block<T>& a) {
  Block<T> c;
  EACH_REGISTER c.r[i] = Native<T>::keep(m.m[i], a.r[i]);
  return c;
}
template <class T>
INLINE uint32_t bits(const Mask<T>& m) {
  uint32_t b = 0;
  EACH_REGISTER b |= Native<T>::bits(m.m[i]) << (i * Native<T>::lanes);
  return b;
}
template <class T>
INLINE Mask<T> mask_from_bits(uint32_t b) {
  Mask<T> m;
  EACH_REGISTER m.m[i] = Native<T>::mask(b >> (i * Native<T>::lanes) & ((1u << Native<T>::lanes) - 1));
  return m;
}

// The larger of two numbers. Of NaN, and of zeros of two signs, either may come out.
template <class T>
INLINE Block<T> larger(const Block<T>& a, const Block<T>& b) {
  Block<T> c;
  EACH_REGISTER c.r[i] = Native<T>::larger(a.r[i], b.r[i]);
  return c;
}
// The larger of two, and NaN if either is NaN.
template <class T>
INLINE Block<T> maximum(const Block<T>& a, const Block<T>& b) {
  return select(greater(b, a) | unordered(b, b), b, a);
}
// x where x > 0 or x is NaN, else 0.
template <class T>
INLINE Block<T> relu(const Block<T>& x) {
  const Block<T> none = zero<T>();
  return select(greater_or_unordered(x, none), x, none);
}

// Parts of a block and strided blocks, through memory so that nothing outside is read or written. n in 1..16.
template <class T>
INLINE Block<T> load_first(const T* p, int n) {
  if (n == kLanes) return load(p);
  T lanes[kLanes] = {};
  for (int i = 0; i < n; i++) lanes[i] = p[i];
  return load(lanes);
}
template <class T>
INLINE Block<T> load_strided(const T* p, int64_t stride, int n) {
  T lanes[kLanes] = {};
  for (int i = 0; i < n; i++) lanes[i] = p[i * stride];
  return load(lanes);
}
template <class T>
INLINE void store_strided(T* p, int64_t stride, const Block<T>& b, int n) {
  T lanes[kLanes];
  store(lanes, b);
  for (int i = 0; i < n; i++) p[i * stride] = lanes[i];
}
