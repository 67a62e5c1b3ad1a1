// NEON (Advanced SIMD of AArch64): 4 floats or 2 doubles in each of 32 registers. Every AArch64 CPU has it, with FMA.
#pragma once
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

template <class T>
struct Native;

template <>
struct Native<float> {
  typedef float32x4_t Reg;
  typedef uint32x4_t Mask;
  static constexpr int lanes = 4;

  static INLINE Reg broadcast(float x) { return vdupq_n_f32(x); }
  static INLINE Reg load(const float* p) { return vld1q_f32(p); }
  static INLINE void store(float* p, Reg r) { vst1q_f32(p, r); }
  static INLINE Reg fma(Reg a, Reg b, Reg c) { return vfmaq_f32(c, a, b); }
  static INLINE Reg sqrt(Reg a) { return vsqrtq_f32(a); }
  static INLINE Reg larger(Reg a, Reg b) { return vmaxq_f32(a, b); }
  static INLINE Mask greater(Reg a, Reg b) { return vcgtq_f32(a, b); }
  static INLINE Mask greater_or_unordered(Reg a, Reg b) { return vmvnq_u32(vcleq_f32(a, b)); }
  static INLINE Mask ordered(Reg a, Reg b) { return vandq_u32(vceqq_f32(a, a), vceqq_f32(b, b)); }
  static INLINE Mask unordered(Reg a, Reg b) { return vmvnq_u32(ordered(a, b)); }
  static INLINE Mask mask_and(Mask a, Mask b) { return vandq_u32(a, b); }
  static INLINE Mask mask_or(Mask a, Mask b) { return vorrq_u32(a, b); }
  static INLINE Mask mask_not(Mask a) { return vmvnq_u32(a); }
  static INLINE Reg select(Mask m, Reg yes, Reg no) { return vbslq_f32(m, yes, no); }
  static INLINE Reg keep(Mask m, Reg a) { return vreinterpretq_f32_u32(vandq_u32(m, vreinterpretq_u32_f32(a))); }
  static INLINE Mask lane_bits() { return Mask{1, 2, 4, 8}; }
  static INLINE Reg interleave_low(Reg a, Reg b) { return vzip1q_f32(a, b); }
  static INLINE Reg interleave_high(Reg a, Reg b) { return vzip2q_f32(a, b); }
  static INLINE uint32_t bits(Mask m) { return vaddvq_u32(vandq_u32(m, lane_bits())); }
  static INLINE Mask mask(uint32_t b) { return vtstq_u32(vdupq_n_u32(b), lane_bits()); }
  // For each byte of a register, which byte of the quad.
  typedef uint8x16_t Index;
  static INLINE Index index(Mask row, Mask col) {
    const Mask place = vorrq_u32(vandq_u32(row, vdupq_n_u32(0x08080808)), vandq_u32(col, vdupq_n_u32(0x04040404)));
    return vreinterpretq_u8_u32(vorrq_u32(place, vdupq_n_u32(0x03020100)));
  }
  static INLINE Reg lookup(const float* quad, Index i) {
    return vreinterpretq_f32_u8(vqtbl1q_u8(vreinterpretq_u8_f32(vld1q_f32(quad)), i));
  }
};

template <>
struct Native<double> {
  typedef float64x2_t Reg;
  typedef uint64x2_t Mask;
  static constexpr int lanes = 2;

  static INLINE Reg broadcast(double x) { return vdupq_n_f64(x); }
  static INLINE Reg load(const double* p) { return vld1q_f64(p); }
  static INLINE void store(double* p, Reg r) { vst1q_f64(p, r); }
  static INLINE Reg fma(Reg a, Reg b, Reg c) { return vfmaq_f64(c, a, b); }
  static INLINE Reg sqrt(Reg a) { return vsqrtq_f64(a); }
  static INLINE Reg larger(Reg a, Reg b) { return vmaxq_f64(a, b); }
  static INLINE Mask greater(Reg a, Reg b) { return vcgtq_f64(a, b); }
  static INLINE Mask greater_or_unordered(Reg a, Reg b) { return mask_not(vcleq_f64(a, b)); }
  static INLINE Mask ordered(Reg a, Reg b) { return vandq_u64(vceqq_f64(a, a), vceqq_f64(b, b)); }
  static INLINE Mask unordered(Reg a, Reg b) { return mask_not(ordered(a, b)); }
  static INLINE Mask mask_and(Mask a, Mask b) { return vandq_u64(a, b); }
  static INLINE Mask mask_or(Mask a, Mask b) { return vorrq_u64(a, b); }
  static INLINE Mask mask_not(Mask a) { return ~a; }
  static INLINE Reg select(Mask m, Reg yes, Reg no) { return vbslq_f64(m, yes, no); }
  static INLINE Reg keep(Mask m, Reg a) { return vreinterpretq_f64_u64(vandq_u64(m, vreinterpretq_u64_f64(a))); }
  static INLINE Mask lane_bits() { return Mask{1, 2}; }
  static INLINE Reg interleave_low(Reg a, Reg b) { return vzip1q_f64(a, b); }
  static INLINE Reg interleave_high(Reg a, Reg b) { return vzip2q_f64(a, b); }
  static INLINE uint32_t bits(Mask m) { return (uint32_t)vaddvq_u64(vandq_u64(m, lane_bits())); }
  static INLINE Mask mask(uint32_t b) { return vtstq_u64(vdupq_n_u64(b), lane_bits()); }
  // For each byte of a register, which byte of the quad, which is two registers long.
  typedef uint8x16_t Index;
  static INLINE Index index(Mask row, Mask col) {
    const Mask place = vorrq_u64(vandq_u64(row, vdupq_n_u64(0x1010101010101010)),  //
                                 vandq_u64(col, vdupq_n_u64(0x0808080808080808)));
    return vreinterpretq_u8_u64(vorrq_u64(place, vdupq_n_u64(0x0706050403020100)));
  }
  static INLINE Reg lookup(const double* quad, Index i) {
    const uint8x16x2_t bytes = {vreinterpretq_u8_f64(vld1q_f64(quad)), vreinterpretq_u8_f64(vld1q_f64(quad + 2))};
    return vreinterpretq_f64_u8(vqtbl2q_u8(bytes, i));
  }
};
