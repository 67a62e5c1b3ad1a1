// AVX2 and FMA: 8 floats or 4 doubles a register.
#pragma once
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define ISA_BLOCKS_ON_STACK  // when passed to a function, as structs of two registers are; see vec/math.h

template <class T>
struct Native;
template <class T>
struct Flags;

template <>
struct Native<float> {
  typedef __m256 Reg;
  typedef int32_t Int __attribute__((vector_size(32)));
  typedef __m256 Mask;
  static constexpr int lanes = 8;

  static INLINE Reg broadcast(float x) { return _mm256_set1_ps(x); }
  static INLINE Reg load(const float* p) { return _mm256_loadu_ps(p); }
  static INLINE void store(float* p, Reg r) { _mm256_storeu_ps(p, r); }
  static INLINE Reg fma(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }
  static INLINE Reg sqrt(Reg a) { return _mm256_sqrt_ps(a); }
  static INLINE Reg larger(Reg a, Reg b) { return _mm256_max_ps(a, b); }
  static INLINE Mask greater(Reg a, Reg b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
  static INLINE Mask greater_or_unordered(Reg a, Reg b) { return _mm256_cmp_ps(a, b, _CMP_NLE_UQ); }
  static INLINE Mask unordered(Reg a, Reg b) { return _mm256_cmp_ps(a, b, _CMP_UNORD_Q); }
  static INLINE Mask ordered(Reg a, Reg b) { return _mm256_cmp_ps(a, b, _CMP_ORD_Q); }
  static INLINE Mask mask_and(Mask a, Mask b) { return _mm256_and_ps(a, b); }
  static INLINE Mask mask_or(Mask a, Mask b) { return _mm256_or_ps(a, b); }
  static INLINE Mask mask_not(Mask a) { return (Mask) ~(Int)a; }
  static INLINE Reg select(Mask m, Reg yes, Reg no) { return _mm256_blendv_ps(no, yes, m); }
  static INLINE Reg keep(Mask m, Reg a) { return _mm256_and_ps(m, a); }
  static INLINE uint32_t bits(Mask m) { return (uint32_t)_mm256_movemask_ps(m); }
  static INLINE Mask mask(uint32_t b) {
    const __m256i lane_bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)b), lane_bit), lane_bit));
  }
  typedef __m256i Index;
  static INLINE Reg lookup(const float* quad, Index i) {
    return _mm256_permutevar_ps(_mm256_broadcast_ps((const __m128*)quad), i);
  }
  // Squares of 4x4 within the halves of registers, then the halves change places.
  static INLINE void transpose(Reg (&rows)[8]) {
    Reg next[8];
    EACH (step, 2) {
      EACH (k, 4) {
        const int of = k / 2 * 4 + k % 2;
        next[of + k % 2] = _mm256_unpacklo_ps(rows[of], rows[of + 2]);
        next[of + k % 2 + 1] = _mm256_unpackhi_ps(rows[of], rows[of + 2]);
      }
      EACH (k, 8) rows[k] = next[k];
    }
    EACH (k, 4) {
      rows[k] = _mm256_permute2f128_ps(next[k], next[k + 4], 0x20);
      rows[k + 4] = _mm256_permute2f128_ps(next[k], next[k + 4], 0x31);
    }
  }
};

// The bits of all lanes in each byte, which a load does for nothing; a number would come from plain registers.
template <>
struct Flags<float> {
  __m256i bytes;
  static INLINE Flags load(const uint8_t* row, int lane) { return {_mm256_set1_epi8((char)row[lane / 8])}; }
  INLINE Flags operator|(Flags b) const { return {_mm256_or_si256(bytes, b.bytes)}; }
  INLINE __m256 mask() const {
    const __m256i lane_bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(bytes, lane_bit), lane_bit));
  }
  // A lane's bit of `row` goes to bit 1, out of the byte above the lowest, and that of `col` to bit 0.
  static INLINE Native<float>::Index index(Flags row, Flags col) {
    const __m256i high = _mm256_srlv_epi32(row.bytes, _mm256_setr_epi32(7, 8, 9, 10, 11, 12, 13, 14));
    const __m256i low = _mm256_srlv_epi32(col.bytes, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    return _mm256_or_si256(_mm256_and_si256(high, _mm256_set1_epi32(2)), _mm256_and_si256(low, _mm256_set1_epi32(1)));
  }
};

template <>
struct Native<double> {
  typedef __m256d Reg;
  typedef int64_t Int __attribute__((vector_size(32)));
  typedef __m256d Mask;
  static constexpr int lanes = 4;

  static INLINE Reg broadcast(double x) { return _mm256_set1_pd(x); }
  static INLINE Reg load(const double* p) { return _mm256_loadu_pd(p); }
  static INLINE void store(double* p, Reg r) { _mm256_storeu_pd(p, r); }
  static INLINE Reg fma(Reg a, Reg b, Reg c) { return _mm256_fmadd_pd(a, b, c); }
  static INLINE Reg sqrt(Reg a) { return _mm256_sqrt_pd(a); }
  static INLINE Reg larger(Reg a, Reg b) { return _mm256_max_pd(a, b); }
  static INLINE Mask greater(Reg a, Reg b) { return _mm256_cmp_pd(a, b, _CMP_GT_OQ); }
  static INLINE Mask greater_or_unordered(Reg a, Reg b) { return _mm256_cmp_pd(a, b, _CMP_NLE_UQ); }
  static INLINE Mask unordered(Reg a, Reg b) { return _mm256_cmp_pd(a, b, _CMP_UNORD_Q); }
  static INLINE Mask ordered(Reg a, Reg b) { return _mm256_cmp_pd(a, b, _CMP_ORD_Q); }
  static INLINE Mask mask_and(Mask a, Mask b) { return _mm256_and_pd(a, b); }
  static INLINE Mask mask_or(Mask a, Mask b) { return _mm256_or_pd(a, b); }
  static INLINE Mask mask_not(Mask a) { return (Mask) ~(Int)a; }
  static INLINE Reg select(Mask m, Reg yes, Reg no) { return _mm256_blendv_pd(no, yes, m); }
  static INLINE Reg keep(Mask m, Reg a) { return _mm256_and_pd(m, a); }
  static INLINE uint32_t bits(Mask m) { return (uint32_t)_mm256_movemask_pd(m); }
  static INLINE Mask mask(uint32_t b) {
    const __m256i lane_bit = _mm256_setr_epi64x(1, 2, 4, 8);
    return _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x((int)b), lane_bit), lane_bit));
  }
  struct Index {
    Mask row, col;
  };
  static INLINE Index index(Mask row, Mask col) { return Index{row, col}; }
  static INLINE Reg lookup(const double* quad, Index i) {
    const __m256i col = _mm256_castpd_si256(i.col);
    const Reg upper = _mm256_permutevar_pd(_mm256_broadcast_pd((const __m128d*)quad), col);
    const Reg lower = _mm256_permutevar_pd(_mm256_broadcast_pd((const __m128d*)(quad + 2)), col);
    return _mm256_blendv_pd(upper, lower, i.row);
  }
  static INLINE void transpose(Reg (&rows)[4]) {
    Reg next[4];
    EACH (k, 2) {
      next[2 * k] = _mm256_unpacklo_pd(rows[2 * k], rows[2 * k + 1]);
      next[2 * k + 1] = _mm256_unpackhi_pd(rows[2 * k], rows[2 * k + 1]);
    }
    EACH (k, 2) {
      rows[k] = _mm256_permute2f128_pd(next[k], next[k + 2], 0x20);
      rows[k + 2] = _mm256_permute2f128_pd(next[k], next[k + 2], 0x31);
    }
  }
};
