/*
 * Many pixels of a deep view at once, for the instruction set of the including file: for their
 * counts, or for an attribute pass that carries the derivative with them.
 *
 * A batch of pixels is under way, each at an m of its own. Two kinds of lanes take turns:
 *
 *   single-step lanes   take single iterations side by side, SINGLE_STEPS of them without a
 *                       branch; a lane to which something happens on the way (escape, rebase,
 *                       the start of a block) stays where it is from there on
 *   BLA-step lanes      are at the start of a block; the longest valid step is looked up for each
 *                       pixel by itself; then LANES pixels side by side take their steps, rebase
 *                       where that is due, and take the single iteration that leads from the dip,
 *                       or from Z[0], to the next start
 *
 * When the table has no step for a pixel, it becomes a single-step lane. No processor can predict
 * whether a pixel rebases after a step, and a mispredicted branch discards what has begun of the
 * next pixels' work, whose chains of operations are long: with a branch for each pixel a step took
 * four times as long. Rare events are handled for a pixel alone, by the functions that the plain
 * loop uses. A pixel that is done gives its place to the next sample.
 *
 * A pixel's numbers depend on nothing but the pixel: the same bits beside any others, and on any
 * instruction set.
 */
#ifndef FMANDEL_DEEP_BATCH_STATE_TEMPLATE_H
#define FMANDEL_DEEP_BATCH_STATE_TEMPLATE_H

#include "deep/pixel.h"
#include "inline.h"
#include "simd/vector.h"

enum {
  BATCH = 64, /* one bit each in a word */
  /*
   * vectors of single-step lanes whose iterations are interleaved: each is a chain of dependent
   * operations
   */
  INTERLEAVED = 2,
  /*
   * single iterations between two tests; as many Z are read past the end, where the reference has
   * its tables
   */
  SINGLE_STEPS = 8,
  LEAST_SINGLE = 2, /* iterations for which single-step lanes are worthwhile */
  ENOUGH_BLA = 16, /* BLA-step lanes for which a turn is worthwhile */
  /* this few pixels end sooner one by one: so few are under way only if no sample is left */
  LEAST_BATCH = 4,
  COLUMNS = 16, /* numbers in a pixel, and in a step */
  MIXED_FIELDS = 2 * MIXED_TERMS + 2,
};

typedef struct deep_batch deep_batch;
struct deep_batch {
  const deep_kernel *kernel;
  void *owner;
  /* the next sample, as pixel i: 1; 0 if there is none left, -1 if cancelled */
  int (*next)(deep_batch *w, int i, deep_state *state);
  /* takes pixel i, which is done */
  void (*end)(deep_batch *w, int i, deep_state state);
  /*
   * runs pixel i in extended range, until it is something else; and one in double range, to its end
   */
  deep_state (*extended)(deep_batch *w, int i);
  deep_state (*in_double)(deep_batch *w, int i);
  /*
   * NULL, or takes pixel i, for which no step is valid, out of the batch: 1; 0 if it stays, -1 if
   * cancelled
   */
  int (*take)(deep_batch *w, int i);
  /*
   * NULL, or works on pixels that were taken, on few only if `all`: 1; 0 if there is nothing to do,
   * -1 if cancelled. They may come back as next samples.
   */
  int (*elsewhere)(deep_batch *w, int all);

  /*
   * of single-step lanes: z, c, m, and the iterations after which they must stop; 0 for other lanes
   */
  _Alignas(64) double zr[BATCH];
  double zi[BATCH], cr[BATCH], ci[BATCH];
  int64_t m[BATCH], left[BATCH];
  int single_count;

  int bla_list[BATCH], bla_count;
  int idle_list[BATCH], idle_count; /* pixels for which there was no sample */

  /* of a single-step lane: as it was when it became one; the last one pads vectors */
  deep_pixel pixel[BATCH + 1];
  int64_t sample[BATCH];

  /*
   * the derivative of X by the sample's position in pixels, if carried; a pixel's width, also in
   * units of 2^E
   */
  double dr[BATCH + 1], di[BATCH + 1], width, width_in_e;
};

/* LANES pixels side by side. */
typedef union {
  vec column[COLUMNS];
  struct {
    vec zr, zi;
    ivec ze;
    vec cr, ci; /* in units of 2^E */
    ivec m, n, steps, g;
    vec kept_r, kept_i;
    ivec kept_e, age, patience;
    vec xr;
    ivec tested;
  };
} pixel_lanes;

/* LANES steps of the table side by side. */
typedef union {
  vec column[COLUMNS];
  struct {
    vec ar, ai, br, bi, p[ORDER - 1][2], scale;
    ivec skip;
  };
} step_lanes;

typedef union {
  vec column[MIXED_FIELDS];
  struct {
    vec t[MIXED_TERMS][2], scale;
    ivec skip;
  };
} mixed_lanes;

_Static_assert(sizeof(deep_pixel) == COLUMNS * sizeof(double) && sizeof(bla_step) == COLUMNS * sizeof(double) &&
                   sizeof(mixed_step) == MIXED_FIELDS * sizeof(double) && MIXED_FIELDS % 8 == 0, "a vector's columns");

#define EACH_LANE _Pragma("GCC unroll 8") for (int lane = 0; lane < LANES; lane++)

static inline void gather_rows(const void *const *from, vec *column, int fields) {
#pragma GCC unroll 16
  for (int k = 0; k < fields; k += LANES) {
    EACH_LANE column[k + lane] = load((const double *)from[lane] + k);
    transpose(column + k);
  }
}

static inline void scatter_rows(vec *column, void *const *to) {
#pragma GCC unroll 16
  for (int k = 0; k < COLUMNS; k += LANES) {
    transpose(column + k);
    EACH_LANE store((double *)to[lane] + k, column[k + lane]);
  }
}

static inline ivec load_int(const int64_t *p) { return (ivec)load((const double *)p); }

static inline void store_int(int64_t *p, ivec a) { store((double *)p, (vec)a); }

/* Z at every lane's place, k iterations on. */
static inline void gather_reference(const double *const *at, int k, vec *re, vec *im) {
#if LANES == 8
#define PAIR(a, b) _mm256_set_m128d(_mm_loadu_pd(at[b] + 2 * k), _mm_loadu_pd(at[a] + 2 * k))
#define FOUR(a, b, c, d) _mm512_insertf64x4(_mm512_castpd256_pd512(PAIR(a, b)), PAIR(c, d), 1)
  const __m512d even = FOUR(0, 2, 4, 6), special = FOUR(1, 3, 5, 7);
  *re = (vec)_mm512_unpacklo_pd(even, special);
  *im = (vec)_mm512_unpackhi_pd(even, special);
#undef FOUR
#undef PAIR
#elif LANES == 4
  const __m256d even = _mm256_set_m128d(_mm_loadu_pd(at[2] + 2 * k), _mm_loadu_pd(at[0] + 2 * k));
  const __m256d special = _mm256_set_m128d(_mm_loadu_pd(at[3] + 2 * k), _mm_loadu_pd(at[1] + 2 * k));
  *re = (vec)_mm256_unpacklo_pd(even, special);
  *im = (vec)_mm256_unpackhi_pd(even, special);
#else
  *re = (vec){at[0][2 * k], at[1][2 * k]};
  *im = (vec){at[0][2 * k + 1], at[1][2 * k + 1]};
#endif
}

typedef struct {
  vec re, im;
} derivatives;

/* d <- t d + b */
static inline void derivative_step_vec(derivatives *d, vec tr, vec ti, vec br, vec bi) {
  const vec re = vfma(-ti, d->im, vfma(tr, d->re, br));
  d->im = vfma(ti, d->re, vfma(tr, d->im, bi));
  d->re = re;
}

/* z by one iteration, and d <- 2 X d + p if it is carried. */
static inline void iterate_lanes(vec ref_r, vec ref_i, vec *zr, vec *zi, vec cr, vec ci, derivatives *d, double width) {
  const vec xr = vfma(splat(2), ref_r, *zr), xi = vfma(splat(2), ref_i, *zi);
  if (d) derivative_step_vec(d, xr + *zr, xi + *zi, splat(width), splat(0));
  const vec re = vfma(-xi, *zi, vfma(xr, *zr, cr));
  *zi = vfma(xi, *zr, vfma(xr, *zi, ci));
  *zr = re;
}

static inline vec sum_norms(vec re, vec im) { return vabs(re) + vabs(im); }

/* A rebase is due if |X| is below this: `rebases` without a branch. */
static inline vec rebase_below(vec delta) { return vmax(delta, vmin(EAGER_FACTOR * delta, splat(EAGER_BELOW))); }

/*
 * Neither due for a rebase nor escaped nor in extended range: settle leaves such a pixel as it is,
 * unless it is at the reference's end.
 */
static inline vmask is_uneventful(const deep_kernel *kernel, vec delta, vec own) {
  return less_equal(rebase_below(delta), own) & less_equal(own, splat(kernel->radius)) & less_equal(splat(DOUBLE_FLOOR), delta);
}

#endif
