/* The logarithm to base 2 of vectors. */
#ifndef FMANDEL_SIMD_LOG2_H
#define FMANDEL_SIMD_LOG2_H

#include "simd/vector.h"

/*
 * log2 of normal numbers above 0, in place, within 4 ulp. Smaller numbers count as the smallest
 * normal. Takes several vectors at once, step by step, because each is one long chain of dependent
 * operations.
 *
 * x = 2^k m with m from 0.734375 on, in one of 16 cells. Each cell has an approximate inverse of 12
 * bits, so that r = inverse m - 1 is exact but for 2^-58, and below 2^-5 in magnitude. Then log2 x
 * = k - log2(inverse) + r q(r), where q = log2(1 + r) / r is a polynomial with a relative error of
 * 2^-56. In the cell around 1 the inverse is 1, so that no digits cancel there. A division instead
 * of the table took longer (bench/results/tile.md).
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

/* Both numbers of a cell, by the lowest four bits of a lane. */
static inline void log2_cell(ivec number, vec *inverse, vec *log) {
#if LANES == 8
  const __m512d a = _mm512_load_pd(&CELLS[0].inverse), b = _mm512_load_pd(&CELLS[4].inverse);
  const __m512d c = _mm512_load_pd(&CELLS[8].inverse), d = _mm512_load_pd(&CELLS[12].inverse);
  const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
  const __m512d inverses[2] = {_mm512_permutex2var_pd(a, even, b), _mm512_permutex2var_pd(c, even, d)};
  const __m512d logs[2] = {_mm512_permutex2var_pd(a, odd, b), _mm512_permutex2var_pd(c, odd, d)};
  *inverse = (vec)_mm512_permutex2var_pd(inverses[0], (__m512i)number, inverses[1]);
  *log = (vec)_mm512_permutex2var_pd(logs[0], (__m512i)number, logs[1]);
#elif LANES == 4
  const __m256i at = _mm256_slli_epi64(_mm256_and_si256((__m256i)number, _mm256_set1_epi64x(15)), 1);
  *inverse = (vec)_mm256_i64gather_pd(&CELLS[0].inverse, at, 8);
  *log = (vec)_mm256_i64gather_pd(&CELLS[0].log, at, 8);
#else
  *inverse = *log = (vec){0};
  for (int lane = 0; lane < LANES; lane++) {
    const cell *const its = &CELLS[number[lane] & 15];
    (*inverse)[lane] = its->inverse, (*log)[lane] = its->log;
  }
#endif
}

static inline void log2_vecs(vec *x, int count) {
  enum { MOST = 4 };
  /* 1 is in the middle of its cell */
  const uint64_t lowest = 0x3fe7800000000000, bias = 1024ull << 52, mantissa = (1ull << 52) - 1;
  static const double Q[9] = {0x1.71547652b82fep+0,  -0x1.71547652b82dfp-1, 0x1.ec709dc3a0dc0p-2, -0x1.7154765397dcap-2, 0x1.2776c4ffd860ap-2,
                              -0x1.ec7082d3debc2p-3, 0x1.a618476635e51p-3,  -0x1.71eec5285907cp-3, 0x1.466e4231e4d1fp-3};
  vec whole[MOST], r[MOST], even[MOST], odd[MOST];
  for (int v = 0; v < count; v++) {
    const vec y = vselect(less_equal(splat(0x1p-1022), x[v]), x[v], splat(0x1p-1022));
    /* the exponent of x / lowest, biased by 1024 to stay above 0, and the cell above it */
    const bits t = (bits)y + (bias - lowest);
    vec inverse, log;
    log2_cell((ivec)(t >> 48), &inverse, &log);
    r[v] = vfma((vec)((t & mantissa) + lowest), inverse, splat(-1));
    whole[v] = ((vec)(t >> 52 | (bits)splat(0x1p52)) - (0x1p52 + 1024)) + log;
    even[v] = splat(Q[8]), odd[v] = splat(Q[7]); /* the sum in two shorter chains */
  }
  for (int term = 6; term >= 0; term -= 2)
    for (int v = 0; v < count; v++) {
      const vec r2 = r[v] * r[v];
      even[v] = vfma(even[v], r2, splat(Q[term]));
      if (term > 0) odd[v] = vfma(odd[v], r2, splat(Q[term - 1]));
    }
  for (int v = 0; v < count; v++) x[v] = vfma(r[v], vfma(odd[v], r[v], even[v]), whole[v]);
}

static inline vec log2_vec(vec x) {
  log2_vecs(&x, 1);
  return x;
}

#endif
