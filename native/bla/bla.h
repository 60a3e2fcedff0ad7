/*
 * BLA of order 6: a table of steps
 *
 *   z <- (A + P2 u + P3 u^2 + P4 u^3 + P5 u^4 + P6 u^5) z + B c,   u = z / rho,
 *   rho a power of two near r
 *
 * Each stands for many iterations of the perturbation z <- 2 Z z + z^2 + c, with a relative error
 * of 2^-44, for all |c| <= cmax and |z| < r. The usual BLA has A and B only, and must stop where
 * z^2 is 2^-44 of 2 Z z. With six powers of z a step is valid up to |z/Z| near 2^-7. That is where
 * a pixel spends its time: the delta grows by 2^37 in that stretch, mostly slowly. Terms in z c and
 * c^2 are left out. Where they would matter (the first rise of a delta out of c), the step is the
 * linear one. In units of rho the coefficients are as large as A, so no power of z leaves the
 * double's range.
 *
 * A block lies between two dips, which are places where |Z| is small. A step starts behind a dip
 * and ends on one. There a delta may be too large beside Z for any step, or a rebase may be due,
 * and one single iteration leads to the next start. With a dip inside a block, all its iterations
 * would be single ones: 706 of them a sample at 1e50 with blocks of 32 iterations wherever they
 * fall, 401 with as many iterations between dips.
 *
 * Entries of level k start at a block g that is a multiple of 2^k, and span 2^k blocks. All levels
 * that start at the same g are adjacent, lowest first, so that one lookup finds the highest that
 * is valid: radii never grow with the level. Radii are kept as keys, approximately floor(16 log2
 * r): integers that compare alike far beyond the double's range.
 *
 * After a rebase a pixel is at Z[1] with a delta of any size, and continues until the delta is too
 * large beside some dip. That may be any number of blocks, and reaching it by powers of two would
 * take several steps. So there are steps from Z[1], prefixes of the orbit, for every quarter of a
 * binade of the delta: the longest one that is valid for it.
 *
 * There are two tables. The one in double range has c in units of cmax = 2^E, for deltas from
 * 2^-450 up. Where samples are closer than that, the one in extended range has an exponent for
 * every coefficient, for deltas below. Few steps are in extended range, so that table omits the
 * lowest level.
 */
#ifndef FMANDEL_BLA_BLA_H
#define FMANDEL_BLA_BLA_H

#include "fmandel/reference.h"
#include "fixed/floatexp.h"

/*
 * Deltas below 2^-450 are in extended range. Products of two larger ones, and of one and a Z that
 * needs no rebase, keep all their digits.
 */
#define DOUBLE_FLOOR_LOG2 (-450)
#define DOUBLE_FLOOR 0x1p-450

/*
 * A block ends at the smallest Z among these iterations after its start. 8 to 40 took 18 % longer
 * for the samples of dragon and 13 % for those of evolution_trees, 7 % less for those of 1e1086,
 * and and 1.5 times the time and memory for the tables.
 */
enum { SHORTEST = 16, LONGEST = 64 };
/* the table in extended range has an entry for every two blocks */
#define EXT_FIRST 1

enum { ORDER = 6 };

/* Two cache lines. p[k] belongs to u^(k+1). */
typedef struct {
  double a[2], b[2], p[ORDER - 1][2];
  double scale; /* u = scale z */
  int64_t skip; /* iterations that the step stands for */
} bla_step;

/* p is in units of 2^(a.e). u = z 2^-rho. */
typedef struct {
  floatexp a, b;
  double p[ORDER - 1][2];
  int64_t rho;
} bla_step_ext;

/*
 * z <- sum t_ij u^i v^j, u = scale z, v = c 2^-E, over 1 <= i + j <= DEGREE: the steps of a
 * neighbourhood where c is not small beside Z. See docs/theory/bla.md.
 */
enum { DEGREE = 6, MIXED_TERMS = (DEGREE + 1) * (DEGREE + 2) / 2 - 1 };
typedef struct {
  double t[MIXED_TERMS][2];
  double scale;
  int64_t skip;
} mixed_step;

/* The index of t_ij: one row for each power of u, the lowest first, without t_00. */
#define MIXED_AT(i, j) ((i) * (2 * DEGREE + 3 - (i)) / 2 + (j) - 1)

/*
 * A mixed step has a radius for each bound of |c|: 2^E, and each 2^-REACH_BITS of the one before.
 */
enum { REACH_BITS = 3 };

static inline int64_t step_bytes(const fmandel_reference *reference) {
  return (int64_t)(reference->mixed ? sizeof(mixed_step) : sizeof(bla_step));
}

/* The table in double range has its keys once for each reach. */
static inline int64_t reaches_of(const fmandel_reference *reference) { return reference->mixed ? FMANDEL_REACHES : 1; }

/* The start of the block after the one that starts at `start`; 0 if the orbit ends before. */
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

/*
 * Integers in the order of non-negative numbers, in steps of a sixteenth of a binade. 0 is below
 * all others.
 */
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

/*
 * The first entry of group g. Group 0 has all levels, group i of the others has 1 + (trailing zeros
 * of i), which add up to 2 n - popcount(n) over 1 .. n.
 */
static inline int64_t bla_index(const fmandel_bla_table *bla, int64_t g) {
  return g == 0 ? 0 : bla->levels + 2 * (g - 1) - __builtin_popcountll((uint64_t)(g - 1));
}

/* The step for a delta with this key, or -1. */
static inline int64_t prefix_at(const fmandel_bla_prefixes *prefixes, const int32_t *index, int32_t key) {
  if (prefixes->slots == 0 || key >= prefixes->top) return -1;
  const int64_t slot = (prefixes->top - key - 1) >> __builtin_ctzll((uint64_t)prefixes->stride);
  return index[slot < prefixes->slots ? slot : prefixes->slots - 1];
}

/* Z[m], even if it is below the double's range. */
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
