/*
 * BLA of order 6: a table of steps
 *
 *   z <- (A + P2 u + P3 u^2 + P4 u^3 + P5 u^4 + P6 u^5) z + B c,   u = z / rho, rho a power of two
 *   near r
 *
 * each of which stands for many iterations of the perturbation z <- 2 Z z + z^2 + c to a relative
 * 2^-44 for all |c| <= cmax, as long as |z| < r. The usual BLA keeps A and B alone and must stop
 * where z^2 is 2^-44 of 2 Z z; with six powers of z it holds up to |z/Z| near 2^-7. That is where a
 * pixel spends its time: the delta grows by 2^37 in that stretch, mostly slowly. Terms in z c and
 * c^2 are left out, and where they would matter (the first rise of a delta out of c) the step is
 * the linear one. In units of rho the coefficients are of the size of A, so no power of z leaves
 * the double's range.
 *
 * A block is what lies between two dips, places where |Z| is small. A step starts behind a dip and
 * ends on one: there a delta may be too large beside Z for any step, or a rebase due, and one
 * single iteration leads to the next start. Were a dip inside, all iterations of its block would be
 * single ones: 706 of them a sample at 1e50 with blocks of 32 iterations wherever they fall, 401
 * with blocks of as many between dips.
 *
 * Entries of level k start at a block g that is a multiple of 2^k and span 2^k blocks. All levels
 * that start at one g stand together, lowest first, so that one look finds the highest that holds:
 * their radii never grow with the level. Radii are kept as keys, floor(16 log2 r) roughly, whole
 * numbers that compare alike far beyond the double's range.
 *
 * After a rebase a pixel stands at Z[1] with a delta of any size, and goes on until that is too
 * large beside some dip. That may be any number of blocks, and the powers of two that add up to it
 * are as many steps. So from Z[1] there is a step of its own, a prefix of the orbit, for every
 * quarter of a binade of the delta: the longest one that holds for it.
 *
 * Two tables: plain, all in doubles, with c in units of cmax = 2^E, for deltas from 2^-450 up; and,
 * where samples are closer than that, wide, with an exponent for every coefficient, for deltas
 * below. Few steps are wide, so its lowest level is left out.
 */
#ifndef FMANDEL_BLA_BLA_H
#define FMANDEL_BLA_BLA_H

#include "fmandel/reference.h"
#include "fixed/floatexp.h"

/* deltas below 2^-450 are wide: products of two that are not, and of one and a Z that asks for no
   rebase, have all their digits */
#define DOUBLE_FLOOR_LOG2 (-450)
#define DOUBLE_FLOOR 0x1p-450

/*
 * A block ends at the smallest Z among these many iterations from its start on. 8 to 40 took 18 %
 * longer for the samples of dragon and 13 % for those of evolution_trees, 7 % less for those of
 * 1e1086, and half again as long and as much memory for the tables.
 */
enum { SHORTEST = 16, LONGEST = 64 };
/* the wide table has an entry for every two blocks */
#define EXT_FIRST 1

enum { ORDER = 6 };

/* two cache lines; p[k] belongs to u^(k+1) */
typedef struct {
  double a[2], b[2], p[ORDER - 1][2];
  double scale; /* u = scale z */
  int64_t skip; /* iterations that this stands for */
} bla_step;

/* p in units of 2^(a.e); u = z 2^-rho */
typedef struct {
  floatexp a, b;
  double p[ORDER - 1][2];
  int64_t rho;
} bla_step_ext;

/*
 * z <- sum t_ij u^i v^j, u = scale z, v = c 2^-E, over 1 <= i + j <= DEGREE: what the steps of a
 * neighbourhood are where c is not small beside Z. See docs/theory/bla.md.
 */
enum { DEGREE = 6, MIXED_TERMS = (DEGREE + 1) * (DEGREE + 2) / 2 - 1 };
typedef struct {
  double t[MIXED_TERMS][2];
  double scale;
  int64_t skip;
} mixed_step;

/* where t_ij is: one row for each power of u, the lowest first, without t_00 */
#define MIXED_AT(i, j) ((i) * (2 * DEGREE + 3 - (i)) / 2 + (j) - 1)

/* a mixed step has a radius for each bound of |c|: 2^E, and 2^-REACH_BITS of the one before */
enum { REACH_BITS = 3 };

static inline int64_t step_bytes(const fmandel_reference *reference) {
  return (int64_t)(reference->mixed ? sizeof(mixed_step) : sizeof(bla_step));
}

/* the keys of the table for doubles are there once for each reach */
static inline int64_t reaches_of(const fmandel_reference *reference) { return reference->mixed ? FMANDEL_REACHES : 1; }

/* the start of the block behind the one that starts at this m; 0 where the orbit ends before */
static inline int64_t next_start(const double *z, int64_t length, int64_t start) {
  int64_t most = start + LONGEST < length ? start + LONGEST : length, at = 0;
  double least = 1e300;
  for (int64_t m = start + SHORTEST; m <= most; m++) {
    const double size = norm_sum(z[2 * m], z[2 * m + 1]);
    if (size < least) {
      least = size;
      at = m + 1;
    }
  }
  return at;
}

/* orders non-negative numbers as they are ordered, in steps of a sixteenth of a binade; below every
   number for 0 */
#define LOG2_KEY_OF_ZERO INT32_MIN
static inline int32_t log2_key(double r) {
  return r > 0 ? (int32_t)(double_bits(r) >> 48) - (1023 << 4) : LOG2_KEY_OF_ZERO;
}
static inline int32_t log2_key_of_floatexp(floatexp r) {
  return r.re > 0 ? (int32_t)(r.e * 16 + (int64_t)(double_bits(r.re) >> 48 & 15)) : LOG2_KEY_OF_ZERO;
}

static inline int64_t bla_levels_at(const fmandel_bla_table *bla, int64_t g) {
  return g == 0 ? bla->levels : __builtin_ctzll((uint64_t)g) + 1;
}

/* the first entry of group g: group 0 has all the levels, group i of the others 1 + (trailing zeros
   of i), which add up to 2 n - popcount(n) over 1 .. n */
static inline int64_t bla_index(const fmandel_bla_table *bla, int64_t g) {
  return g == 0 ? 0 : bla->levels + 2 * (g - 1) - __builtin_popcountll((uint64_t)(g - 1));
}

/* the step for a delta of this key, -1 for none */
static inline int64_t prefix_at(const fmandel_bla_prefixes *prefixes, const int32_t *index, int32_t key) {
  if (prefixes->slots == 0 || key >= prefixes->top) return -1;
  const int64_t slot = (prefixes->top - key - 1) >> __builtin_ctzll((uint64_t)prefixes->stride);
  return index[slot < prefixes->slots ? slot : prefixes->slots - 1];
}

/* Z[m], also where it is below the double's range */
static inline floatexp reference_iterate(const fmandel_reference *reference, int64_t m) {
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
      return floatexp_normal((floatexp){tiny[low].re, tiny[low].im, tiny[low].exponent});
  }
  return floatexp_of(z[0], z[1]);
}

#endif
