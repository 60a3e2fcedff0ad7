/*
 * Many pixels of a deep view at once, for the instruction set that the including file is compiled for: for their counts, or for a second look that carries the
 * derivative with them.
 *
 * A crowd of pixels is under way, each at an m of its own. By turns,
 *
 *   walkers   take single iterations, all of them side by side, STRETCH of them without a branch: a walker to which something happens on the way
 *             (escape, rebase, the start of a block) stays where it is from there on
 *   leapers   stand where a block starts. The longest step that holds is looked up for each by itself; then LANES of them come side by side, take
 *             their steps, rebase where that is due, and take the single iteration that leads from the dip, or from Z[0], to the next start
 *
 * until the table has no step for a leaper, which makes a walker of it. Whether a pixel rebases after a step no predictor knows, and a branch that was
 * guessed wrong throws away what the processor has begun of the next pixels' work, whose chains of operations are long: with a branch for each pixel
 * a step took four times as long. What happens seldom is done for a pixel alone by the functions that the plain loop uses, and one that is done
 * gives its place to the next sample.
 *
 * A pixel's numbers depend on nothing but itself: the same bits in any company, and on any instruction set.
 */
#ifndef FMANDEL_DEEP_BATCH_STATE_TEMPLATE_H
#define FMANDEL_DEEP_BATCH_STATE_TEMPLATE_H

#include "deep/pixel.h"
#include "inline.h"
#include "simd/vector.h"

enum {
  CROWD = 64,   /* a bit each in a word */
  TEAMS = 2,    /* vectors of walkers whose iterations are interleaved: each is a chain of operations that wait for each other */
  STRETCH = 8,  /* iterations of walkers between two looks; Z is read as far behind its end, where the reference has its tables */
  FEW = 2,      /* iterations that are worth a walk */
  MANY = 16,    /* leapers that are worth a turn */
  LAST = 4,     /* pixels that end sooner each by itself: so few are under way only when no sample is left */
  FIELDS = 16,  /* numbers in a pixel, and in a step */
};

typedef struct crowd crowd;
struct crowd {
  const deep_kernel *kernel;
  void *whose;
  /* the next sample, as pixel i: 1, 0 when there is none left, -1 when cancelled */
  int (*next)(crowd *w, int i, deep_state *state);
  /* what is to be done with pixel i, which is done */
  void (*end)(crowd *w, int i, deep_state state);
  /* pixel i, which is wide, until it is something else; and one that is plain, to its end */
  deep_state (*wide)(crowd *w, int i);
  deep_state (*alone)(crowd *w, int i);

  /* of walkers z, c, m, and the iterations until they stop at the latest; 0 for who does not walk */
  _Alignas(64) double zr[CROWD];
  double zi[CROWD], cr[CROWD], ci[CROWD];
  int64_t m[CROWD], left[CROWD];
  int walking;

  int leapers[CROWD], leaping;

  deep_pixel pixel[CROWD + 1]; /* while it walks as it was when it began; the last one fills up vectors */
  int64_t sample[CROWD];

  /* the derivative of X by the sample's place in pixels, where it is carried; a pixel's width, and in units of 2^E */
  double dr[CROWD + 1], di[CROWD + 1], width, width_in_e;
};

/* LANES pixels side by side */
typedef union {
  vec column[FIELDS];
  struct {
    vec zr, zi;
    mask ze;
    vec cr, ci; /* in units of 2^E */
    mask m, n, steps, g;
    vec kept_r, kept_i;
    mask kept_e, age, patience;
    vec xr, xi;
  };
} pixels;

/* LANES steps of the table side by side */
typedef union {
  vec column[FIELDS];
  struct {
    vec ar, ai, br, bi, p[ORDER - 1][2], scale;
    mask skip;
  };
} table_steps;

_Static_assert(sizeof(deep_pixel) == FIELDS * sizeof(double) && sizeof(plain_step) == FIELDS * sizeof(double), "a vector's columns");

#define EACH_LANE _Pragma("GCC unroll 8") for (int lane = 0; lane < LANES; lane++)

static inline void side_by_side(const void *const *from, vec *column) {
#pragma GCC unroll 16
  for (int k = 0; k < FIELDS; k += LANES) {
    EACH_LANE column[k + lane] = load((const double *)from[lane] + k);
    transpose(column + k);
  }
}

static inline void part(vec *column, void *const *to) {
#pragma GCC unroll 16
  for (int k = 0; k < FIELDS; k += LANES) {
    transpose(column + k);
    EACH_LANE store((double *)to[lane] + k, column[k + lane]);
  }
}

static inline mask load_whole(const int64_t *p) { return (mask)load((const double *)p); }

static inline void store_whole(int64_t *p, mask a) { store((double *)p, (vec)a); }

/* Z at every lane's place, k iterations on */
static inline void reference_at(const double *const *at, int k, vec *re, vec *im) {
#if LANES == 8
#define PAIR(a, b) _mm256_set_m128d(_mm_loadu_pd(at[b] + 2 * k), _mm_loadu_pd(at[a] + 2 * k))
#define FOUR(a, b, c, d) _mm512_insertf64x4(_mm512_castpd256_pd512(PAIR(a, b)), PAIR(c, d), 1)
  const __m512d even = FOUR(0, 2, 4, 6), odd = FOUR(1, 3, 5, 7);
  *re = (vec)_mm512_unpacklo_pd(even, odd);
  *im = (vec)_mm512_unpackhi_pd(even, odd);
#undef FOUR
#undef PAIR
#elif LANES == 4
  const __m256d even = _mm256_set_m128d(_mm_loadu_pd(at[2] + 2 * k), _mm_loadu_pd(at[0] + 2 * k));
  const __m256d odd = _mm256_set_m128d(_mm_loadu_pd(at[3] + 2 * k), _mm_loadu_pd(at[1] + 2 * k));
  *re = (vec)_mm256_unpacklo_pd(even, odd);
  *im = (vec)_mm256_unpackhi_pd(even, odd);
#else
  *re = (vec){at[0][2 * k], at[1][2 * k]};
  *im = (vec){at[0][2 * k + 1], at[1][2 * k + 1]};
#endif
}

typedef struct {
  vec re, im;
} slopes;

/* d <- t d + b */
static inline void onward_all(slopes *d, vec tr, vec ti, vec br, vec bi) {
  const vec re = fused(-ti, d->im, fused(tr, d->re, br));
  d->im = fused(ti, d->re, fused(tr, d->im, bi));
  d->re = re;
}

/* z by one iteration, and d <- 2 X d + p where it is carried */
static inline void iterate_all(vec ref_r, vec ref_i, vec *zr, vec *zi, vec cr, vec ci, slopes *d, double width) {
  const vec xr = fused(all(2), ref_r, *zr), xi = fused(all(2), ref_i, *zi);
  if (d) onward_all(d, xr + *zr, xi + *zi, all(width), all(0));
  const vec re = fused(-xi, *zi, fused(xr, *zr, cr));
  *zi = fused(xi, *zr, fused(xr, *zi, ci));
  *zr = re;
}

static inline vec sum_norms(vec re, vec im) { return magnitude(re) + magnitude(im); }

/* below this |X| a rebase is due: `rebases` without a choice */
static inline vec rebase_below(vec delta) { return larger(delta, smaller(EAGER * delta, all(SMALL))); }

/* neither due for a rebase nor escaped nor wide: settle leaves such a pixel as it is, short of the reference's end */
static inline truth calm(const deep_kernel *kernel, vec delta, vec own) {
  return at_most(rebase_below(delta), own) & at_most(own, all(kernel->radius)) & at_most(all(PLAIN_FLOOR), delta);
}

#endif
