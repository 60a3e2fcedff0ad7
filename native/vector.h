/*
 * Vectors of LANES doubles, for the instruction set that the including file is compiled for. Everything that rounds is one of
 * + - * / and fma, which IEEE 754 defines to the last bit, so that all instruction sets give the same numbers.
 *
 * Define LANES before including: 1 (plain), 2 (baseline, NEON), 4 (AVX2) or 8 (AVX-512).
 */
#ifndef FMANDEL_VECTOR_H
#define FMANDEL_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef double vec __attribute__((vector_size(8 * LANES)));
typedef int64_t mask __attribute__((vector_size(8 * LANES))); /* all ones or all zeros a lane, or whole numbers */
typedef uint64_t bits __attribute__((vector_size(8 * LANES)));

static inline vec load(const double *p) {
  vec a;
  memcpy(&a, p, sizeof a);
  return a;
}

static inline void store(double *p, vec a) {
  memcpy(p, &a, sizeof a);
}

static inline vec all(double value) {
  return value - (vec){0};
}

/* a where the mask is set, b elsewhere */
static inline vec pick(mask m, vec a, vec b) {
#if LANES == 4
  return (vec)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)m);
#else
  return (vec)((m & (mask)a) | (~m & (mask)b));
#endif
}

/*
 * a b + c, rounded once. Processors of the baseline may lack the instruction: there libm's fma is right everywhere, and fast where
 * the C library finds the instruction at run time.
 */
static inline vec fused(vec a, vec b, vec c) {
#if LANES == 8
  return (vec)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif LANES == 4
  return (vec)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif LANES == 2 && defined(__aarch64__)
  return (vec)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
  for (int i = 0; i < LANES; i++) c[i] = fma(a[i], b[i], c[i]);
  return c;
#endif
}

/* a bit a lane, lane 0 lowest */
static inline unsigned lanes_of(mask m) {
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

/*
 * What a comparison of vectors gives: a mask, or where the processor has registers for them a bit a lane, at a third of the price.
 */
#if LANES == 8
typedef __mmask8 truth;
static inline truth at_most(vec a, vec b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LE_OQ); }
static inline truth above(vec a, vec b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GT_OQ); }
static inline truth unlike(vec a, vec b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_NEQ_UQ); }
static inline unsigned set_of(truth t) { return t; }
static inline vec choose(truth t, vec a, vec b) { return (vec)_mm512_mask_blend_pd(t, (__m512d)b, (__m512d)a); }
#else
typedef mask truth;
static inline truth at_most(vec a, vec b) { return a <= b; }
static inline truth above(vec a, vec b) { return a > b; }
static inline truth unlike(vec a, vec b) { return a != b; }
static inline unsigned set_of(truth t) { return lanes_of(t); }
static inline vec choose(truth t, vec a, vec b) { return pick(t, a, b); }
#endif

static inline truth more(mask a, mask b) {
#if LANES == 8
  return _mm512_cmpgt_epi64_mask((__m512i)a, (__m512i)b);
#else
  return a > b;
#endif
}
static inline mask choose_whole(truth t, mask a, mask b) { return (mask)choose(t, (vec)a, (vec)b); }

/* a, and one more where it is true */
static inline mask one_more(truth t, mask a) {
#if LANES == 8
  return (mask)_mm512_mask_sub_epi64((__m512i)a, t, (__m512i)a, _mm512_set1_epi64(-1));
#else
  return a - t;
#endif
}

/* of numbers, none of them NaN */
static inline vec larger(vec a, vec b) {
#if LANES == 8
  return (vec)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif LANES == 4
  return (vec)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
  return pick(a > b, a, b);
#endif
}
static inline vec smaller(vec a, vec b) {
#if LANES == 8
  return (vec)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif LANES == 4
  return (vec)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
  return pick(a < b, a, b);
#endif
}

static inline vec magnitude(vec a) { return (vec)((mask)a & INT64_MAX); }

/* LANES rows of LANES numbers become columns */
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

/* the lanes of the set, moved to the front; what comes behind them is anything */
static inline vec pack(unsigned set, vec a) {
#if LANES == 8
  return (vec)_mm512_maskz_compress_pd((__mmask8)set, (__m512d)a);
#elif LANES == 4
  /* the set's lanes in order, as pairs of floats */
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
static inline vec some(unsigned set, vec a) {
#if LANES == 8
  return (vec)_mm512_maskz_mov_pd((__mmask8)set, (__m512d)a);
#else
  for (int lane = 0; lane < LANES; lane++)
    if (!(set >> lane & 1)) a[lane] = 0;
  return a;
#endif
}

/* stores the lowest byte of each lane */
static inline void store_bytes(uint8_t *p, mask a) {
#if LANES == 8
  _mm_storel_epi64((__m128i *)p, _mm512_cvtepi64_epi8((__m512i)a));
#else
  for (int lane = 0; lane < LANES; lane++) p[lane] = (uint8_t)a[lane];
#endif
}

/* stores the lanes of the set alone */
static inline void store_some(double *p, unsigned set, vec a) {
#if LANES == 8
  _mm512_mask_storeu_pd(p, (__mmask8)set, (__m512d)a);
#else
  if (set == (1u << LANES) - 1) store(p, a);
  else
    for (; set; set &= set - 1) p[__builtin_ctz(set)] = a[__builtin_ctz(set)];
#endif
}

/*
 * log2 of normal numbers above 0 (smaller ones count as the smallest normal), within 4 ulp, in place. Several vectors at once, step by step,
 * because each is one long chain of operations that wait for each other.
 *
 * x = 2^k m with m from 0.734375 on, which lies in one of 16 cells; each has an approximate inverse of 12 bits, so that r = inverse m - 1 is exact but for
 * 2^-58 and below 2^-5 in size. Then log2 x = k - log2(inverse) + r q(r), with q = log2(1 + r) / r as a polynomial, off by 2^-56 of itself. In the
 * cell about 1 the inverse is 1, so that no digits cancel there. A division in the table's place took longer (bench/results.md).
 */
typedef struct {
  double inverse, log; /* of the inverse's inverse */
} cell;
static const _Alignas(64) cell CELLS[16] = {
    {0x1.556p+0, -0x1.a92dc0ee349a9p-2},  {0x1.47ap+0, -0x1.6c717aa4da7e8p-2},  {0x1.3b2p+0, -0x1.32f9a249095a4p-2},
    {0x1.2f6p+0, -0x1.f5acbefbb7f8bp-3},  {0x1.24ap+0, -0x1.8b13fd1976c50p-3},  {0x1.1a8p+0, -0x1.2309065d29791p-3},
    {0x1.112p+0, -0x1.7ea36a7eb1373p-4},  {0x1.084p+0, -0x1.76dcf723ab46ap-5},  {1, 0},
    {0x1.e1ep-1, 0x1.665684ff81085p-4},   {0x1.c72p-1, 0x1.5bea8e6f6d659p-3},   {0x1.af2p-1, 0x1.fbfb2152ea4c9p-3},
    {0x1.99ap-1, 0x1.49906fa396a0ep-2},   {0x1.862p-1, 0x1.919ece40d488dp-2},   {0x1.746p-1, 0x1.d669b36b069f8p-2},
    {0x1.642p-1, 0x1.0c2a487293f20p-1},
};

/* both numbers of a cell, by the lowest four bits of a lane */
static inline void cell_of(mask number, vec *inverse, vec *log) {
#if LANES == 8
  const __m512d a = _mm512_load_pd(&CELLS[0].inverse), b = _mm512_load_pd(&CELLS[4].inverse);
  const __m512d c = _mm512_load_pd(&CELLS[8].inverse), d = _mm512_load_pd(&CELLS[12].inverse);
  const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
  *inverse = (vec)_mm512_permutex2var_pd(_mm512_permutex2var_pd(a, even, b), (__m512i)number, _mm512_permutex2var_pd(c, even, d));
  *log = (vec)_mm512_permutex2var_pd(_mm512_permutex2var_pd(a, odd, b), (__m512i)number, _mm512_permutex2var_pd(c, odd, d));
#elif LANES == 4
  const __m256i at = _mm256_slli_epi64(_mm256_and_si256((__m256i)number, _mm256_set1_epi64x(15)), 1);
  *inverse = (vec)_mm256_i64gather_pd(&CELLS[0].inverse, at, 8), *log = (vec)_mm256_i64gather_pd(&CELLS[0].log, at, 8);
#else
  *inverse = *log = (vec){0};
  for (int lane = 0; lane < LANES; lane++) {
    const cell *const its = &CELLS[number[lane] & 15];
    (*inverse)[lane] = its->inverse, (*log)[lane] = its->log;
  }
#endif
}

static inline void log2_all(vec *x, int count) {
  enum { MOST = 4 };
  const uint64_t lowest = 0x3fe7800000000000, bias = 1024ull << 52, mantissa = (1ull << 52) - 1; /* 1 in the middle of its cell */
  static const double Q[9] = {0x1.71547652b82fep+0,  -0x1.71547652b82dfp-1, 0x1.ec709dc3a0dc0p-2, -0x1.7154765397dcap-2, 0x1.2776c4ffd860ap-2,
                              -0x1.ec7082d3debc2p-3, 0x1.a618476635e51p-3,  -0x1.71eec5285907cp-3, 0x1.466e4231e4d1fp-3};
  vec whole[MOST], r[MOST], even[MOST], odd[MOST];
  for (int v = 0; v < count; v++) {
    const vec y = choose(at_most(all(0x1p-1022), x[v]), x[v], all(0x1p-1022));
    /* the exponent of x / lowest, biased by 1024 to stay above 0, and the place above it */
    const bits t = (bits)y + (bias - lowest);
    vec inverse, log;
    cell_of((mask)(t >> 48), &inverse, &log);
    r[v] = fused((vec)((t & mantissa) + lowest), inverse, all(-1));
    whole[v] = ((vec)(t >> 52 | (bits)all(0x1p52)) - (0x1p52 + 1024)) + log;
    even[v] = all(Q[8]), odd[v] = all(Q[7]); /* the sum in two shorter chains */
  }
  for (int term = 6; term >= 0; term -= 2)
    for (int v = 0; v < count; v++) {
      const vec r2 = r[v] * r[v];
      even[v] = fused(even[v], r2, all(Q[term]));
      if (term > 0) odd[v] = fused(odd[v], r2, all(Q[term - 1]));
    }
  for (int v = 0; v < count; v++) x[v] = fused(r[v], fused(odd[v], r[v], even[v]), whole[v]);
}

static inline vec log2_of(vec x) {
  log2_all(&x, 1);
  return x;
}

#endif
