/*
 * Vectors of LANES doubles, for the instruction set of the including file. Every operation that
 * rounds is one of + - * /, the square root and fma. IEEE 754 defines these to the last bit, so all
 * instruction sets give the same numbers.
 *
 * Define LANES before including: 1 (plain), 2 (baseline, NEON), 4 (AVX2) or 8 (AVX-512).
 */
#ifndef FMANDEL_SIMD_VECTOR_H
#define FMANDEL_SIMD_VECTOR_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "simd/fma.h"

typedef double vec __attribute__((vector_size(8 * LANES)));
/* a lane is all ones or all zeros, or an integer */
typedef int64_t ivec __attribute__((vector_size(8 * LANES)));
typedef uint64_t bits __attribute__((vector_size(8 * LANES)));

static inline vec load(const double *p) {
  vec a;
  memcpy(&a, p, sizeof a);
  return a;
}

static inline void store(double *p, vec a) {
  memcpy(p, &a, sizeof a);
}

static inline vec splat(double value) {
  return value - (vec){0};
}

/* a where the mask is set, otherwise b */
static inline vec vselect64(ivec m, vec a, vec b) {
#if LANES == 4
  return (vec)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)m);
#else
  return (vec)((m & (ivec)a) | (~m & (ivec)b));
#endif
}

/* one bit a lane, lane 0 lowest */
static inline unsigned mask_bits(ivec m) {
#if LANES == 8
  return _mm512_movepi64_mask((__m512i)m);
#elif LANES == 4
  return (unsigned)_mm256_movemask_pd((__m256d)m);
#elif LANES == 2 && defined(__x86_64__)
  return (unsigned)_mm_movemask_pd((__m128d)m);
#else
  unsigned set = 0;
  for (int i = 0; i < LANES; i++) set |= (unsigned)(m[i] & 1) << i;
  return set;
#endif
}

#if LANES == 2 && defined(__x86_64__)
/* the baseline is for processors that lack the instruction */
#include "simd/exact_fma.h"
#endif

/* a b + c, rounded once. */
static inline vec vfma(vec a, vec b, vec c) {
#if LANES == 8
  return (vec)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif LANES == 4
  return (vec)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif LANES == 2 && defined(__aarch64__)
  return (vec)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#elif LANES == 2 && defined(__x86_64__)
  return exact_fma(a, b, c);
#else
  for (int i = 0; i < LANES; i++) c[i] = fma(a[i], b[i], c[i]);
  return c;
#endif
}

/* z <- z^2 + c */
static inline void square_add(vec *zr, vec *zi, vec cr, vec ci) {
#if LANES == 2 && defined(__x86_64__)
  exact_square_add(zr, zi, cr, ci);
#else
  const vec t = vfma(*zr, *zr, cr), i = *zi;
  *zi = vfma(*zr + *zr, i, ci);
  *zr = vfma(-i, i, t);
#endif
}

/*
 * The result of comparing vectors: a mask or, if the processor has registers for them, one bit a
 * lane, which costs a third.
 */
#if LANES == 8
typedef __mmask8 vmask;
static inline vmask less_equal(vec a, vec b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LE_OQ); }
static inline vmask greater(vec a, vec b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GT_OQ); }
static inline vmask not_equal(vec a, vec b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_NEQ_UQ); }
static inline unsigned vmask_bits(vmask t) { return t; }
static inline vec vselect(vmask t, vec a, vec b) { return (vec)_mm512_mask_blend_pd(t, (__m512d)b, (__m512d)a); }
#else
typedef ivec vmask;
static inline vmask less_equal(vec a, vec b) { return a <= b; }
static inline vmask greater(vec a, vec b) { return a > b; }
static inline vmask not_equal(vec a, vec b) { return a != b; }
static inline unsigned vmask_bits(vmask t) { return mask_bits(t); }
static inline vec vselect(vmask t, vec a, vec b) { return vselect64(t, a, b); }
#endif

static inline vmask greater64(ivec a, ivec b) {
#if LANES == 8
  return _mm512_cmpgt_epi64_mask((__m512i)a, (__m512i)b);
#else
  return a > b;
#endif
}
static inline ivec vselect_int(vmask t, ivec a, ivec b) { return (ivec)vselect(t, (vec)a, (vec)b); }

/* a, plus one where the mask is set */
static inline ivec add_one_where(vmask t, ivec a) {
#if LANES == 8
  return (ivec)_mm512_mask_sub_epi64((__m512i)a, t, (__m512i)a, _mm512_set1_epi64(-1));
#else
  return a - t;
#endif
}

/* of numbers, none of them NaN */
static inline vec vmax(vec a, vec b) {
#if LANES == 8
  return (vec)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif LANES == 4
  return (vec)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
  return vselect64(a > b, a, b);
#endif
}
static inline vec vmin(vec a, vec b) {
#if LANES == 8
  return (vec)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif LANES == 4
  return (vec)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
  return vselect64(a < b, a, b);
#endif
}

static inline vec vsqrt(vec a) {
#if LANES == 8
  return (vec)_mm512_sqrt_pd((__m512d)a);
#elif LANES == 4
  return (vec)_mm256_sqrt_pd((__m256d)a);
#elif LANES == 2 && defined(__x86_64__)
  return (vec)_mm_sqrt_pd((__m128d)a);
#elif LANES == 2 && defined(__aarch64__)
  return (vec)vsqrtq_f64((float64x2_t)a);
#else
  for (int i = 0; i < LANES; i++) a[i] = sqrt(a[i]);
  return a;
#endif
}

static inline vec vabs(vec a) { return (vec)((ivec)a & INT64_MAX); }

/* turns LANES rows of LANES numbers into columns */
static inline void transpose(vec *a) {
#if LANES == 8
  __m512d b[8], c[8];
  for (int i = 0; i < 8; i += 2) {
    b[i] = _mm512_unpacklo_pd((__m512d)a[i], (__m512d)a[i + 1]), b[i + 1] = _mm512_unpackhi_pd((__m512d)a[i], (__m512d)a[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int k = i; k < i + 2; k++) {
      c[k] = _mm512_shuffle_f64x2(b[k], b[k + 2], 0x88), c[k + 2] = _mm512_shuffle_f64x2(b[k], b[k + 2], 0xdd);
    }
  for (int i = 0; i < 4; i++) {
    a[i] = (vec)_mm512_shuffle_f64x2(c[i], c[i + 4], 0x88), a[i + 4] = (vec)_mm512_shuffle_f64x2(c[i], c[i + 4], 0xdd);
  }
#elif LANES == 4
  const __m256d b0 = _mm256_unpacklo_pd((__m256d)a[0], (__m256d)a[1]), b1 = _mm256_unpackhi_pd((__m256d)a[0], (__m256d)a[1]);
  const __m256d b2 = _mm256_unpacklo_pd((__m256d)a[2], (__m256d)a[3]), b3 = _mm256_unpackhi_pd((__m256d)a[2], (__m256d)a[3]);
  a[0] = (vec)_mm256_permute2f128_pd(b0, b2, 0x20), a[1] = (vec)_mm256_permute2f128_pd(b1, b3, 0x20);
  a[2] = (vec)_mm256_permute2f128_pd(b0, b2, 0x31), a[3] = (vec)_mm256_permute2f128_pd(b1, b3, 0x31);
#else
  for (int i = 1; i < LANES; i++)
    for (int k = 0; k < i; k++) {
      const double x = a[i][k];
      a[i][k] = a[k][i], a[k][i] = x;
    }
#endif
}

/* moves the lanes of the set to the front; the lanes behind them are undefined */
static inline vec compact_lanes(unsigned set, vec a) {
#if LANES == 8
  return (vec)_mm512_maskz_compress_pd((__mmask8)set, (__m512d)a);
#elif LANES == 4
  /* the lanes of the set in order, as pairs of floats */
#define PAIR(lane) 2 * (lane), 2 * (lane) + 1
#define FOUR(a, b, c, d) {PAIR(a), PAIR(b), PAIR(c), PAIR(d)}
  static const _Alignas(32) int32_t order[16][8] = {
      FOUR(0, 0, 0, 0), FOUR(0, 0, 0, 0), FOUR(1, 0, 0, 0), FOUR(0, 1, 0, 0), FOUR(2, 0, 0, 0), FOUR(0, 2, 0, 0),
      FOUR(1, 2, 0, 0), FOUR(0, 1, 2, 0), FOUR(3, 0, 0, 0), FOUR(0, 3, 0, 0), FOUR(1, 3, 0, 0), FOUR(0, 1, 3, 0),
      FOUR(2, 3, 0, 0), FOUR(0, 2, 3, 0), FOUR(1, 2, 3, 0), FOUR(0, 1, 2, 3),
  };
#undef FOUR
#undef PAIR
  return (vec)_mm256_permutevar8x32_ps((__m256)a, _mm256_load_si256((const __m256i *)order[set]));
#elif LANES == 2
  return set == 2 ? (vec){a[1], a[1]} : a;
#else
  (void)set;
  return a;
#endif
}

/* the lanes of the set, and 0 elsewhere */
static inline vec masked(unsigned set, vec a) {
#if LANES == 8
  return (vec)_mm512_maskz_mov_pd((__mmask8)set, (__m512d)a);
#else
  for (int lane = 0; lane < LANES; lane++)
    if (!(set >> lane & 1)) a[lane] = 0;
  return a;
#endif
}

/* stores the lowest byte of each lane */
static inline void store_bytes(uint8_t *p, ivec a) {
#if LANES == 8
  _mm_storel_epi64((__m128i *)p, _mm512_cvtepi64_epi8((__m512i)a));
#else
  for (int lane = 0; lane < LANES; lane++) p[lane] = (uint8_t)a[lane];
#endif
}

/* stores only the lanes of the set */
static inline void store_masked(double *p, unsigned set, vec a) {
#if LANES == 8
  _mm512_mask_storeu_pd(p, (__mmask8)set, (__m512d)a);
#else
  if (set == (1u << LANES) - 1) store(p, a);
  else
    for (; set; set &= set - 1) p[__builtin_ctz(set)] = a[__builtin_ctz(set)];
#endif
}

#endif
