// The bit patterns of a block, as unsigned words: what exp, log and signs are made of.
#pragma once

template <class T>
struct Word;
template <>
struct Word<float> {
  typedef uint32_t type;
};
template <>
struct Word<double> {
  typedef uint64_t type;
};
template <class T>
struct Bits {
  typedef typename Word<T>::type Words __attribute__((vector_size(sizeof(typename Native<T>::Reg))));
  Words r[Block<T>::count];
};
template <class T>
INLINE Bits<T> to_bits(const Block<T>& a) {
  Bits<T> b;
  EACH_REGISTER b.r[i] = (typename Bits<T>::Words)a.r[i];
  return b;
}
template <class T>
INLINE Block<T> from_bits(const Bits<T>& a) {
  Block<T> b;
  EACH_REGISTER b.r[i] = (typename Native<T>::Reg)a.r[i];
  return b;
}
template <class T>
INLINE Bits<T> broadcast_bits(typename Word<T>::type x) {
  Bits<T> b;
  EACH_REGISTER b.r[i] = typename Bits<T>::Words{} + x;
  return b;
}
template <class T>
INLINE Bits<T> operator&(const Bits<T>& a, const Bits<T>& b) {
  Bits<T> c;
  EACH_REGISTER c.r[i] = a.r[i] & b.r[i];
  return c;
}
template <class T>
INLINE Bits<T> operator|(const Bits<T>& a, const Bits<T>& b) {
  Bits<T> c;
  EACH_REGISTER c.r[i] = a.r[i] | b.r[i];
  return c;
}
template <class T>
INLINE Bits<T> operator+(const Bits<T>& a, const Bits<T>& b) {
  Bits<T> c;
  EACH_REGISTER c.r[i] = a.r[i] + b.r[i];
  return c;
}
template <class T>
INLINE Bits<T> operator-(const Bits<T>& a, const Bits<T>& b) {
  Bits<T> c;
  EACH_REGISTER c.r[i] = a.r[i] - b.r[i];
  return c;
}
template <class T>
INLINE Bits<T> operator<<(const Bits<T>& a, int n) {
  Bits<T> c;
  EACH_REGISTER c.r[i] = a.r[i] << n;
  return c;
}
template <class T>
INLINE Bits<T> operator>>(const Bits<T>& a, int n) {
  Bits<T> c;
  EACH_REGISTER c.r[i] = a.r[i] >> n;
  return c;
}
template <class T>
INLINE Bits<T> operator~(const Bits<T>& a) {
  Bits<T> c;
  EACH_REGISTER c.r[i] = ~a.r[i];
  return c;
}
template <class T>
INLINE Block<T> abs(const Block<T>& a) {
  return from_bits(to_bits(a) & ~to_bits(broadcast(T(-0.0))));
}
// A magnitude without a sign, given the sign of another block.
template <class T>
INLINE Block<T> with_sign_of(const Block<T>& magnitude, const Block<T>& sign) {
  return from_bits(to_bits(magnitude) | (to_bits(sign) & to_bits(broadcast(T(-0.0)))));
}
