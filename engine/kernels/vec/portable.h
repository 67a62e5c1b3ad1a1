// Vectors of 16 bytes for any CPU, by the compiler's vector extension alone: the "scalar" ISA.
//
// The engine's promise is the same bits everywhere, so a CPU without FMA has to round a * b + c once as well.
// For float the exact product fits a double; the sum is rounded to odd there, which makes the second rounding to
// float correct (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008). For double, libm's fma.
#pragma once
#include <stddef.h>
#include <stdint.h>

template <class T>
struct Native;

template <>
struct Native<float> {
  typedef float Reg __attribute__((vector_size(16)));
  typedef int32_t Int __attribute__((vector_size(16)));
  typedef Int Mask;
  typedef double Wide __attribute__((vector_size(32)));
  typedef int64_t WideInt __attribute__((vector_size(32)));
  static constexpr int lanes = 4;

  static INLINE Reg broadcast(float x) { return Reg{x, x, x, x}; }
  static INLINE Reg load(const float* p) {
    Reg r;
    __builtin_memcpy(&r, p, sizeof r);
    return r;
  }
  static INLINE void store(float* p, Reg r) { __builtin_memcpy(p, &r, sizeof r); }
  static INLINE Reg fma(Reg a, Reg b, Reg c) {
    Wide product = __builtin_convertvector(a, Wide) * __builtin_convertvector(b, Wide);
    Wide addend = __builtin_convertvector(c, Wide);
    Wide sum = product + addend;
    Wide part = sum - product;
    Wide error = (product - (sum - part)) + (addend - part);
    WideInt bits = (WideInt)sum;
    WideInt inexact = (WideInt)(error != 0) & (WideInt)(error == error);
    WideInt even = (bits & 1) - 1;
    WideInt towards_error = (((WideInt)error ^ bits) >> 63) | 1;
    bits += inexact & even & towards_error;
    return __builtin_convertvector((Wide)bits, Reg);
  }
  static INLINE Reg sqrt(Reg a) {
    Reg r = a;
    for (int i = 0; i < lanes; i++) r[i] = __builtin_sqrtf(a[i]);
    return r;
  }
  static INLINE Mask greater(Reg a, Reg b) { return a > b; }
  static INLINE Mask greater_or_unordered(Reg a, Reg b) { return ~(a <= b); }
  static INLINE Mask ordered(Reg a, Reg b) { return (a == a) & (b == b); }
  static INLINE Mask unordered(Reg a, Reg b) { return ~ordered(a, b); }
  static INLINE Mask mask_and(Mask a, Mask b) { return a & b; }
  static INLINE Mask mask_or(Mask a, Mask b) { return a | b; }
  static INLINE Mask mask_not(Mask a) { return ~a; }
  static INLINE Reg select(Mask m, Reg yes, Reg no) { return (Reg)((m & (Int)yes) | (~m & (Int)no)); }
  static INLINE Reg keep(Mask m, Reg a) { return (Reg)(m & (Int)a); }
  static INLINE Reg larger(Reg a, Reg b) { return select(a > b, a, b); }
  static INLINE uint32_t bits(Mask m) { return (uint32_t)((m[0] & 1) | (m[1] & 2) | (m[2] & 4) | (m[3] & 8)); }
  static INLINE Mask mask(uint32_t b) {
    return Mask{-(int32_t)(b & 1), -(int32_t)(b >> 1 & 1), -(int32_t)(b >> 2 & 1), -(int32_t)(b >> 3 & 1)};
  }
  struct Index {
    Mask row, col;
  };
  static INLINE Index index(Mask row, Mask col) { return Index{row, col}; }
  static INLINE Reg lookup(const float* quad, Index i) {
    const Reg upper = select(i.col, broadcast(quad[1]), broadcast(quad[0]));
    const Reg lower = select(i.col, broadcast(quad[3]), broadcast(quad[2]));
    return select(i.row, lower, upper);
  }
  static INLINE Reg interleave_low(Reg a, Reg b) { return Reg{a[0], b[0], a[1], b[1]}; }
  static INLINE Reg interleave_high(Reg a, Reg b) { return Reg{a[2], b[2], a[3], b[3]}; }
};

template <>
struct Native<double> {
  typedef double Reg __attribute__((vector_size(16)));
  typedef int64_t Int __attribute__((vector_size(16)));
  typedef Int Mask;
  static constexpr int lanes = 2;

  static INLINE Reg broadcast(double x) { return Reg{x, x}; }
  static INLINE Reg load(const double* p) {
    Reg r;
    __builtin_memcpy(&r, p, sizeof r);
    return r;
  }
  static INLINE void store(double* p, Reg r) { __builtin_memcpy(p, &r, sizeof r); }
  static INLINE Reg fma(Reg a, Reg b, Reg c) {
    return Reg{__builtin_fma(a[0], b[0], c[0]), __builtin_fma(a[1], b[1], c[1])};
  }
  static INLINE Reg sqrt(Reg a) { return Reg{__builtin_sqrt(a[0]), __builtin_sqrt(a[1])}; }
  static INLINE Mask greater(Reg a, Reg b) { return a > b; }
  static INLINE Mask greater_or_unordered(Reg a, Reg b) { return ~(a <= b); }
  static INLINE Mask ordered(Reg a, Reg b) { return (a == a) & (b == b); }
  static INLINE Mask unordered(Reg a, Reg b) { return ~ordered(a, b); }
  static INLINE Mask mask_and(Mask a, Mask b) { return a & b; }
  static INLINE Mask mask_or(Mask a, Mask b) { return a | b; }
  static INLINE Mask mask_not(Mask a) { return ~a; }
  static INLINE Reg select(Mask m, Reg yes, Reg no) { return (Reg)((m & (Int)yes) | (~m & (Int)no)); }
  static INLINE Reg keep(Mask m, Reg a) { return (Reg)(m & (Int)a); }
  static INLINE Reg larger(Reg a, Reg b) { return select(a > b, a, b); }
  static INLINE uint32_t bits(Mask m) { return (uint32_t)((m[0] & 1) | (m[1] & 2)); }
  static INLINE Mask mask(uint32_t b) { return Mask{-(int64_t)(b & 1), -(int64_t)(b >> 1 & 1)}; }
  struct Index {
    Mask row, col;
  };
  static INLINE Index index(Mask row, Mask col) { return Index{row, col}; }
  static INLINE Reg lookup(const double* quad, Index i) {
    const Reg upper = select(i.col, broadcast(quad[1]), broadcast(quad[0]));
    const Reg lower = select(i.col, broadcast(quad[3]), broadcast(quad[2]));
    return select(i.row, lower, upper);
  }
  static INLINE Reg interleave_low(Reg a, Reg b) { return Reg{a[0], b[0]}; }
  static INLINE Reg interleave_high(Reg a, Reg b) { return Reg{a[1], b[1]}; }
};
