// Of 16 numbers the chosen ones, stored side by side: bit i of `chosen` stands for number i. Nothing else is written.
// Only where an instruction does it; elsewhere kernels loop over the bits instead, which is quicker than to imitate it.
#pragma once
#ifdef ISA_COMPRESSES

typedef __m512i Offsets;
INLINE Offsets load_offsets(const int32_t* p) { return _mm512_loadu_si512(p); }
INLINE Offsets add_where(uint32_t lanes, Offsets a, int32_t n) {
  return _mm512_mask_add_epi32(a, (__mmask16)lanes, a, _mm512_set1_epi32(n));
}
INLINE int64_t first_offset(Offsets a) { return _mm_cvtsi128_si32(_mm512_castsi512_si128(a)); }
// The first goes to the end.
INLINE Offsets without_first(Offsets a) { return _mm512_alignr_epi32(a, a, 1); }
INLINE void store_chosen(int32_t* p, Offsets a, uint32_t chosen) {
  const __mmask16 filled = (__mmask16)((1u << __builtin_popcount(chosen)) - 1);
  _mm512_mask_storeu_epi32(p, filled, _mm512_maskz_compress_epi32((__mmask16)chosen, a));
}
INLINE void store_chosen(float* p, const Block<float>& a, uint32_t chosen) {
  const __mmask16 filled = (__mmask16)((1u << __builtin_popcount(chosen)) - 1);
  _mm512_mask_storeu_ps(p, filled, _mm512_maskz_compress_ps((__mmask16)chosen, a.r[0]));
}

#endif
