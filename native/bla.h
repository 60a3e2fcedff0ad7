/*
 * Cubic BLA: a table of steps z <- ((E z + D) z + A) z + B c, each of which stands for 2^k iterations of the perturbation
 *
 *   z <- 2 Z z + z^2 + c
 *
 * to a relative 2^-44 for all |c| <= cmax, as long as |z| < r. The usual BLA keeps A and B alone and must stop where z^2 is
 * 2^-44 of 2 Z z; keeping the terms in z^2 and z^3 too it holds up to |z/Z| near 2^-15. That is where a pixel spends its time: the
 * delta grows by 2^29 in that stretch, mostly slowly. At 1e50 (to 2^-40) a pixel took 63 such steps and 322 single ones
 * instead of 418 and 5441, and a view cost a fourteenth. Terms in z c and c^2 are left out, and where they would matter
 * (the first rise of a delta out of c) the step is the linear one.
 *
 * Entries of level k start at m = 1 + g 2^first, g a multiple of 2^k, and skip 2^(first + k) iterations. All levels that start at
 * one g stand together, lowest first, so that one look finds the highest that holds: their radii never grow with the level.
 * Radii are kept as keys, floor(16 log2 r) roughly, whole numbers that compare alike far beyond the double's range.
 *
 * Two tables: plain, all in doubles, with c in units of cmax = 2^E, for deltas from 2^-300 up; and, where samples are closer than
 * that, wide, with an exponent for every coefficient, for deltas below. Few steps are wide, so its lowest levels are left out.
 */
#ifndef FMANDEL_BLA_H
#define FMANDEL_BLA_H

#include "reference.h"
#include "scaled.h"

/* deltas below 2^-300 are wide: room for their cubes, and for coefficients as large as 2^900, within the doubles */
#define PLAIN_FLOOR_EXPONENT (-300)
#define PLAIN_FLOOR 0x1p-300

/* level 0 skips 32 iterations in plain doubles: 8 are no faster, and take four times the memory, 17 bytes an iteration */
#define PLAIN_FIRST 5
/* and 64 in the wide table, which so takes 3 bytes an iteration: 16 take 12, for a twentieth of the time of a view at 1e8000 */
#define WIDE_FIRST 6

typedef struct {
  double a[2], b[2], d[2], e[2];
} plain_step;

typedef struct {
  scaled a, b, d, e;
} wide_step;

/* orders non-negative numbers as they are ordered, in steps of a sixteenth of a binade; below every number for 0 */
#define KEY_OF_ZERO INT32_MIN
static inline int32_t key_of(double r) {
  return r > 0 ? (int32_t)(double_bits(r) >> 48) - (1023 << 4) : KEY_OF_ZERO;
}
static inline int32_t key_of_scaled(scaled r) {
  return r.re > 0 ? (int32_t)(r.e * 16 + (int64_t)(double_bits(r.re) >> 48 & 15)) : KEY_OF_ZERO;
}

static inline int64_t bla_levels_at(const fmandel_bla *bla, int64_t g) {
  return g == 0 ? bla->levels : __builtin_ctzll((uint64_t)g) + 1;
}

/* the first entry of group g: group 0 has all the levels, group i of the others 1 + (trailing zeros of i), which add up to
   2 n - popcount(n) over 1 .. n */
static inline int64_t bla_index(const fmandel_bla *bla, int64_t g) {
  return g == 0 ? 0 : bla->levels + 2 * (g - 1) - __builtin_popcountll((uint64_t)(g - 1));
}

/* Z[m], also where it is below the double's range */
static inline scaled reference_iterate(const fmandel_reference *reference, int64_t m) {
  const double *z = (const double *)((const char *)reference + reference->z) + 2 * m;
  if (norm_max(z[0], z[1]) < 0x1p-900) {
    const fmandel_tiny *tiny = (const fmandel_tiny *)((const char *)reference + reference->tiny);
    int64_t low = 0, high = reference->tiny_count;
    while (low < high) {
      int64_t middle = low + (high - low) / 2;
      if (tiny[middle].m < m)
        low = middle + 1;
      else
        high = middle;
    }
    if (low < reference->tiny_count && tiny[low].m == m)
      return scaled_normal((scaled){tiny[low].re, tiny[low].im, tiny[low].exponent});
  }
  return scaled_of(z[0], z[1]);
}

#endif
