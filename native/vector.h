/*
 * Vectors of LANES doubles, for the instruction set that the including file is compiled for. Everything that rounds is one of
 * + - * / and fma, which IEEE 754 defines to the last bit, so that all instruction sets give the same numbers.
 *
 * Define LANES before including: 1 (plain), 2 (baseline, NEON), 4 (AVX2) or 8 (AVX-512).
 */
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

/* whole numbers from 0 to 2^52 as doubles */
static inline vec count_of(mask n) {
  return (vec)(n | (mask)all(0x1p52)) - 0x1p52;
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
 * log2 of normal numbers above 0 (smaller ones count as the smallest normal), within 2 ulp, in place. Several vectors at once, step by step,
 * because each is one long chain of operations that wait for each other.
 *
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)), so that no digits cancel near x = 1. With f = m - 1 and s = f / (2 + f), ln m is
 * f - (f^2/2 - s (f^2/2 + R)) where R = 2/3 s^2 + 2/5 s^4 + ...; |s| < 0.172, so the first term left out, 2/23 s^22, is below
 * 2^-59 of s.
 */
static inline void log2_all(vec *x, int count) {
  enum { MOST = 4 };
  const uint64_t sqrt_half = 0x3fe6a09e667f3bcd, bias = 1024ull << 52, exponent = 0xfffull << 52;
  const double inv_ln2 = 0x1.71547652b82fep+0, inv_ln2_low = 0x1.777d0ffda0d24p-56; /* 1/ln 2 in two parts */
  vec k[MOST], f[MOST], s[MOST], s2[MOST], odd[MOST], even[MOST];
  for (int v = 0; v < count; v++) {
    const vec y = pick(x[v] >= 0x1p-1022, x[v], all(0x1p-1022));
    /* the exponent of x / sqrt(1/2), biased by 1024 to stay above 0 */
    const bits shifted = ((bits)y - sqrt_half + bias) & exponent;
    k[v] = count_of((mask)(shifted >> 52)) - 1024;
    f[v] = (vec)((bits)y - shifted + bias) - 1;
    s[v] = f[v] / (f[v] + 2), s2[v] = s[v] * s[v];
    odd[v] = all(2.0 / 21), even[v] = all(2.0 / 19); /* the sum in two shorter chains */
  }
  for (int term = 17; term >= 5; term -= 4)
    for (int v = 0; v < count; v++) {
      const vec s4 = s2[v] * s2[v];
      odd[v] = fused(odd[v], s4, all(2.0 / term)), even[v] = fused(even[v], s4, all(2.0 / (term - 2)));
    }
  for (int v = 0; v < count; v++) {
    const vec r = fused(odd[v], s2[v], even[v]), half = f[v] * f[v] * 0.5;
    const vec ln = f[v] - (half - s[v] * (half + r * s2[v]));
    x[v] = fused(ln, all(inv_ln2), fused(ln, all(inv_ln2_low), k[v]));
  }
}

static inline vec log2_of(vec x) {
  log2_all(&x, 1);
  return x;
}
