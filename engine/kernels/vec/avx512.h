// AVX-512 (F, VL, DQ, BW): 16 floats or 8 doubles a register, masks in registers of their own.
#pragma once
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define ISA_COMPRESSES      // has vcompressps; see vec/chosen.h
#define ISA_MASK_REGISTERS  // see generic/maxpool_epilogue.inl.h

template <class T>
struct Native;

template <>
struct Native<float> {
  typedef __m512 Reg;
  typedef int32_t Int __attribute__((vector_size(64)));
  typedef __mmask16 Mask;
  static constexpr int lanes = 16;

  static INLINE Reg broadcast(float x) { return _mm512_set1_ps(x); }
  static INLINE Reg load(const float* p) { return _mm512_loadu_ps(p); }
  static INLINE void store(float* p, Reg r) { _mm512_storeu_ps(p, r); }
  static INLINE Reg fma(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }
  static INLINE Reg sqrt(Reg a) { return _mm512_sqrt_ps(a); }
  static INLINE Reg larger(Reg a, Reg b) { return _mm512_max_ps(a, b); }
  static INLINE Mask greater(Reg a, Reg b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
  static INLINE Mask greater_or_unordered(Reg a, Reg b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ); }
  static INLINE Mask unordered(Reg a, Reg b) { return _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q); }
  static INLINE Mask ordered(Reg a, Reg b) { return _mm512_cmp_ps_mask(a, b, _CMP_ORD_Q); }
  static INLINE Mask mask_and(Mask a, Mask b) { return (Mask)(a & b); }
  static INLINE Mask mask_or(Mask a, Mask b) { return (Mask)(a | b); }
  static INLINE Mask mask_not(Mask a) { return (Mask)~a; }
  static INLINE Mask mask_but(Mask a, Mask b) { return _kandn_mask16(b, a); }
  static INLINE Reg select(Mask m, Reg yes, Reg no) { return _mm512_mask_mov_ps(no, m, yes); }
  static INLINE Reg keep(Mask m, Reg a) { return _mm512_maskz_mov_ps(m, a); }
  static INLINE uint32_t bits(Mask m) { return m; }
  static INLINE Mask mask(uint32_t b) { return (Mask)b; }
  typedef __m512i Index;
  // Broadcasting numbers from plain registers, as set1 under a mask does, is two operations on AMD's.
  static INLINE Index index(Mask row, Mask col) {
    const __m512i below = _mm512_maskz_mov_epi32(row, _mm512_set1_epi32(2));
    return _mm512_mask_or_epi32(below, col, below, _mm512_set1_epi32(1));
  }
  // Of lanes 0 to 3 alone: to broadcast the quad first would take a shuffle of its own on AMD's.
  static INLINE Reg lookup(const float* quad, Index i) {
    return _mm512_permutexvar_ps(i, _mm512_castps128_ps512(_mm_loadu_ps(quad)));
  }
  static INLINE Reg interleave_low(Reg a, Reg b) {
    return _mm512_permutex2var_ps(a, _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), b);
  }
  static INLINE Reg interleave_high(Reg a, Reg b) {
    return _mm512_permutex2var_ps(a, _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
                                  b);
  }
};

template <>
struct Native<double> {
  typedef __m512d Reg;
  typedef int64_t Int __attribute__((vector_size(64)));
  typedef __mmask8 Mask;
  static constexpr int lanes = 8;

  static INLINE Reg broadcast(double x) { return _mm512_set1_pd(x); }
  static INLINE Reg load(const double* p) { return _mm512_loadu_pd(p); }
  static INLINE void store(double* p, Reg r) { _mm512_storeu_pd(p, r); }
  static INLINE Reg fma(Reg a, Reg b, Reg c) { return _mm512_fmadd_pd(a, b, c); }
  static INLINE Reg sqrt(Reg a) { return _mm512_sqrt_pd(a); }
  static INLINE Reg larger(Reg a, Reg b) { return _mm512_max_pd(a, b); }
  static INLINE Mask greater(Reg a, Reg b) { return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ); }
  static INLINE Mask greater_or_unordered(Reg a, Reg b) { return _mm512_cmp_pd_mask(a, b, _CMP_NLE_UQ); }
  static INLINE Mask unordered(Reg a, Reg b) { return _mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q); }
  static INLINE Mask ordered(Reg a, Reg b) { return _mm512_cmp_pd_mask(a, b, _CMP_ORD_Q); }
  static INLINE Mask mask_and(Mask a, Mask b) { return (Mask)(a & b); }
  static INLINE Mask mask_or(Mask a, Mask b) { return (Mask)(a | b); }
  static INLINE Mask mask_not(Mask a) { return (Mask)~a; }
  static INLINE Mask mask_but(Mask a, Mask b) { return _kandn_mask8(b, a); }
  static INLINE Reg select(Mask m, Reg yes, Reg no) { return _mm512_mask_mov_pd(no, m, yes); }
  static INLINE Reg keep(Mask m, Reg a) { return _mm512_maskz_mov_pd(m, a); }
  static INLINE uint32_t bits(Mask m) { return m; }
  static INLINE Mask mask(uint32_t b) { return (Mask)b; }
  typedef __m512i Index;
  static INLINE Index index(Mask row, Mask col) {
    const __m512i below = _mm512_maskz_mov_epi64(row, _mm512_set1_epi64(2));
    return _mm512_mask_or_epi64(below, col, below, _mm512_set1_epi64(1));
  }
  static INLINE Reg lookup(const double* quad, Index i) {
    return _mm512_permutexvar_pd(i, _mm512_castpd256_pd512(_mm256_loadu_pd(quad)));
  }
  static INLINE Reg interleave_low(Reg a, Reg b) {
    return _mm512_permutex2var_pd(a, _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), b);
  }
  static INLINE Reg interleave_high(Reg a, Reg b) {
    return _mm512_permutex2var_pd(a, _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15), b);
  }
};
