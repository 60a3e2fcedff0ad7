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
#ifndef FMANDEL_CROWD_H
#define FMANDEL_CROWD_H

#include "deep_pixel.h"
#include "vector.h"

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

/* with and without the derivative, and with leaps and without, are programs of their own */
#define APART static inline __attribute__((always_inline))

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

static inline vec sum_of(vec re, vec im) { return magnitude(re) + magnitude(im); }

/* below this |X| a rebase is due: `rebases` without a choice */
static inline vec rebase_below(vec delta) { return larger(delta, smaller(EAGER * delta, all(SMALL))); }

/* neither due for a rebase nor escaped nor wide: settle leaves such a pixel as it is, short of the reference's end */
static inline truth calm(const deep_kernel *kernel, vec delta, vec own) {
  return at_most(rebase_below(delta), own) & at_most(own, all(kernel->radius)) & at_most(all(PLAIN_FLOOR), delta);
}

/* ---- what happens to a pixel alone ---- */

/* iterations that a plain pixel takes one by one at least */
static inline int64_t room(const deep_kernel *kernel, const deep_pixel *p) {
  const int64_t block = kernel->starts[p->g] - p->m, end = kernel->length - p->m, limit = kernel->max_iter - p->n;
  const int64_t least = end < limit ? end : limit;
  return block < least ? block : least;
}

/* d <- t d + b */
static inline void onward(double *dr, double *di, double tr, double ti, double br, double bi) {
  const double re = __builtin_fma(-ti, *di, __builtin_fma(tr, *dr, br));
  *di = __builtin_fma(ti, *dr, __builtin_fma(tr, *di, bi));
  *dr = re;
}

/* d <- 2 X d + p by a single iteration that a plain pixel is about to take */
static inline void carry_on(const deep_kernel *kernel, const deep_pixel *p, double *dr, double *di, double width) {
  const double *z = kernel->z + 2 * p->m, zr = p->z.re, zi = p->z.im;
  onward(dr, di, __builtin_fma(2, z[0], zr) + zr, __builtin_fma(2, z[1], zi) + zi, width, 0);
}

/* a pixel, or the next sample in its place, until it is a leaper or a walker; 0 when cancelled */
static int place_one(crowd *w, int i, deep_state state, const int carry) {
  const deep_kernel *const kernel = w->kernel;
  deep_pixel *const p = &w->pixel[i];
  /* samples that are done at once go by here too, as many as there are */
  for (int64_t turns = 1;; turns++) {
    if (turns % 1024 == 0 && cancelled(kernel->cancel)) return 0;
    if (state == DEEP_WIDE) state = w->wide(w, i);
    if (state == DEEP_CANCELLED) return 0;
    if (state == DEEP_PLAIN && p->n < kernel->max_iter) {
      if (stands(kernel, p->m, p->g)) {
        w->leapers[w->leaping++] = i;
        return 1;
      }
      const int64_t left = room(kernel, p);
      if (left >= FEW) {
        w->zr[i] = p->z.re, w->zi[i] = p->z.im, w->cr[i] = p->cr * kernel->unit, w->ci[i] = p->ci * kernel->unit;
        w->m[i] = p->m, w->left[i] = left;
        w->walking++;
        return 1;
      }
      if (carry) carry_on(kernel, p, &w->dr[i], &w->di[i], w->width);
      iterate(kernel, p);
      state = settle(kernel, p);
      continue;
    }
    w->end(w, i, state == DEEP_PLAIN ? DEEP_LIMITED : state);
    const int got = w->next(w, i, &state);
    if (got <= 0) return got == 0;
  }
}

/* ---- leaps ---- */

/*
 * `step_by` for LANES pixels, up to settle. With the step z q(u) + B c, d goes on by d <- (z q)' d + B p: by Horner's rule, whose polynomial has the derivative
 * of u q(u) by u.
 */
APART void leap(pixels *s, const void *const *table, mask blocks, slopes *d, double width) {
  table_steps t;
  side_by_side(table, t.column);
  const vec ur = s->zr * t.scale, ui = s->zi * t.scale;
  vec tr = t.p[ORDER - 2][0], ti = t.p[ORDER - 2][1], dr = ORDER * tr, di = ORDER * ti;
#pragma GCC unroll 8
  for (int k = ORDER - 3; k >= -1; k--) {
    const vec nr = k < 0 ? t.ar : t.p[k][0], ni = k < 0 ? t.ai : t.p[k][1];
    const vec re = fused(-ti, ui, fused(tr, ur, nr)), slope = fused(-di, ui, fused(dr, ur, (k + 2) * nr));
    ti = fused(tr, ui, fused(ti, ur, ni)), di = fused(dr, ui, fused(di, ur, (k + 2) * ni));
    tr = re, dr = slope;
  }
  if (d) onward_all(d, dr, di, t.br * width, t.bi * width);
  const vec br = fused(-t.bi, s->ci, t.br * s->cr), bi = fused(t.bi, s->cr, t.br * s->ci);
  const vec re = fused(-ti, s->zi, fused(tr, s->zr, br));
  s->zi = fused(ti, s->zr, fused(tr, s->zi, bi));
  s->zr = re;
  s->m += t.skip, s->n += t.skip, s->g += blocks, s->steps += 1;
}

/*
 * After a leap or a walk: rebases where that is due, as settle does, and takes the iteration that leads to a block's start, of all pixels where they are in a
 * dip and else of those that rebased. Returns the pixels that are not plain ones at a block's start then, as bits: they are to be settled.
 */
APART unsigned land(const deep_kernel *kernel, pixels *s, truth dip, slopes *d, double width) {
  const mask none = {0}, length = none + kernel->length, max_iter = none + kernel->max_iter, groups = none + kernel->reference->plain.groups;
  const double *at[LANES];
  vec ref_r, ref_i;
  EACH_LANE at[lane] = kernel->z + 2 * s->m[lane];
  reference_at(at, 0, &ref_r, &ref_i);
  const vec xr = ref_r + s->zr, xi = ref_i + s->zi, delta = sum_of(s->zr, s->zi), own = sum_of(xr, xi);
  const truth due = above(rebase_below(delta), own) | ~more(length, s->m);
  const truth odd = above(own, all(kernel->radius)) | above(all(PLAIN_FLOOR), smaller(delta, own)) | ~more(max_iter, s->n) |
                    (due & ~unlike(xr, s->kept_r) & ~unlike(xi, s->kept_i));
  const truth rebase = due & ~odd;
  s->zr = choose(rebase, xr, s->zr), s->zi = choose(rebase, xi, s->zi);
  ref_r = choose(rebase, all(0), ref_r), ref_i = choose(rebase, all(0), ref_i);
  s->m = choose_whole(rebase, none, s->m), s->g = choose_whole(rebase, none, s->g);
  /* Brent's cycle detection */
  s->age = one_more(rebase, s->age);
  const truth keep = rebase & ~more(s->patience, s->age);
  s->kept_r = choose(keep, s->zr, s->kept_r), s->kept_i = choose(keep, s->zi, s->kept_i);
  s->kept_e = choose_whole(keep, none, s->kept_e), s->age = choose_whole(keep, none, s->age);
  s->patience = choose_whole(keep, 2 * s->patience, s->patience);

  const truth on = (dip | rebase) & ~odd;
  vec zr = s->zr, zi = s->zi;
  slopes next = d ? *d : (slopes){all(0), all(0)};
  iterate_all(ref_r, ref_i, &zr, &zi, s->cr * kernel->unit, s->ci * kernel->unit, d ? &next : NULL, width);
  if (d) d->re = choose(on, next.re, d->re), d->im = choose(on, next.im, d->im);
  s->zr = choose(on, zr, s->zr), s->zi = choose(on, zi, s->zi);
  s->m = one_more(on, s->m), s->n = one_more(on, s->n), s->steps = one_more(on, s->steps);
  EACH_LANE at[lane] = kernel->z + 2 * s->m[lane];
  reference_at(at, 0, &ref_r, &ref_i);
  const vec size = sum_of(s->zr, s->zi), whole = sum_of(ref_r + s->zr, ref_i + s->zi);
  const truth at_start = calm(kernel, size, whole) & more(length, s->m) & more(max_iter, s->n) & more(groups, s->g);
  return set_of(odd | ~at_start);
}

/*
 * Pixels that have leapt by these steps, or have walked where there are none, side by side until they stand at a block's start again, or are done: 0 when
 * cancelled. The list is filled up to whole vectors.
 */
APART int land_all(crowd *w, int *which, int count, const plain_step **table, int64_t *blocks, const int carry) {
  for (int k = count; k % LANES; k++) which[k] = CROWD;
  for (int k = 0; k < count; k += LANES) {
    pixels s;
    slopes d;
    void *pixel[LANES];
    EACH_LANE pixel[lane] = &w->pixel[which[k + lane]];
    side_by_side((const void *const *)pixel, s.column);
    if (carry) EACH_LANE d.re[lane] = w->dr[which[k + lane]], d.im[lane] = w->di[which[k + lane]];
    if (table) {
      const void *step[LANES];
      EACH_LANE step[lane] = table[k + lane];
      leap(&s, step, load_whole(blocks + k), carry ? &d : NULL, w->width_in_e);
    }
    const truth dip = table ? at_most(all(0), all(0)) : above(all(0), all(0));
    const unsigned odd = land(w->kernel, &s, dip, carry ? &d : NULL, w->width);
    part(s.column, pixel);
    if (carry) EACH_LANE w->dr[which[k + lane]] = d.re[lane], w->di[which[k + lane]] = d.im[lane];
    for (int lane = 0; lane < LANES && k + lane < count; lane++) {
      const int i = which[k + lane];
      if (!(odd >> lane & 1)) w->leapers[w->leaping++] = i;
      else if (!place_one(w, i, settle(w->kernel, &w->pixel[i]), carry)) return 0;
    }
  }
  return 1;
}

/* a step of all leapers, where there is one; 0 when cancelled */
APART int leap_turn(crowd *w, const int carry) {
  const deep_kernel *const kernel = w->kernel;
  const plain_step *table[CROWD + LANES];
  int64_t blocks[CROWD + LANES];
  int ready[CROWD + LANES], stuck[CROWD], leaps = 0, rest = 0;
  for (int k = 0; k < w->leaping; k++) {
    const int i = w->leapers[k];
    deep_pixel *const p = &w->pixel[i];
    const plain_step *const s = look(kernel, &p->g, p->n, key_of(norm_sum(p->z.re, p->z.im)), &blocks[leaps]);
    table[leaps] = s, ready[leaps] = stuck[rest] = i;
    if (s) {
      __builtin_prefetch(s->a), __builtin_prefetch(&s->scale);
      __builtin_prefetch(kernel->z + 2 * (kernel->starts[p->g + blocks[leaps]] - 1));
    }
    leaps += s != NULL, rest += s == NULL;
  }
  w->leaping = 0;
  if (leaps) w->pixel[CROWD] = w->pixel[ready[0]];
  for (int k = leaps; k % LANES; k++) table[k] = table[0], blocks[k] = blocks[0];
  if (!land_all(w, ready, leaps, table, blocks, carry)) return 0;
  for (int k = 0; k < rest; k++)
    if (!place_one(w, stuck[k], DEEP_PLAIN, carry)) return 0;
  return 1;
}

/* ---- walks ---- */

/* a stretch of TEAMS vectors of walkers, from one on; those that stopped, as bits */
APART uint64_t stretch(crowd *w, int first, const int carry) {
  const deep_kernel *const kernel = w->kernel;
  const mask none = {0};
  vec zr[TEAMS], zi[TEAMS], ref_r[TEAMS], ref_i[TEAMS];
  truth going[TEAMS];
  slopes d[TEAMS];
  mask done[TEAMS];
  unsigned begun[TEAMS], any = 0;
  const double *at[TEAMS][LANES];
  for (int v = 0; v < TEAMS; v++) {
    const int i = first + v * LANES;
    going[v] = more(load_whole(w->left + i), none);
    any |= begun[v] = set_of(going[v]);
    zr[v] = load(w->zr + i), zi[v] = load(w->zi + i), done[v] = none;
    if (carry) d[v] = (slopes){load(w->dr + i), load(w->di + i)};
    EACH_LANE at[v][lane] = kernel->z + 2 * w->m[i + lane];
    reference_at(at[v], 0, &ref_r[v], &ref_i[v]);
  }
  if (!any) return 0;
#pragma GCC unroll 8
  for (int k = 0; k < STRETCH; k++)
#pragma GCC unroll 2
    for (int v = 0; v < TEAMS; v++) {
      const int i = first + v * LANES;
      vec re = zr[v], im = zi[v];
      slopes next = carry ? d[v] : (slopes){all(0), all(0)};
      iterate_all(ref_r[v], ref_i[v], &re, &im, load(w->cr + i), load(w->ci + i), carry ? &next : NULL, w->width);
      if (carry) d[v] = (slopes){choose(going[v], next.re, d[v].re), choose(going[v], next.im, d[v].im)};
      zr[v] = choose(going[v], re, zr[v]), zi[v] = choose(going[v], im, zi[v]), done[v] = one_more(going[v], done[v]);
      reference_at(at[v], k + 1, &ref_r[v], &ref_i[v]);
      const vec delta = sum_of(re, im), own = sum_of(ref_r[v] + re, ref_i[v] + im);
      going[v] &= calm(kernel, delta, own) & more(load_whole(w->left + i), none + (k + 1));
    }
  uint64_t stopped = 0;
  for (int v = 0; v < TEAMS; v++) {
    const int i = first + v * LANES;
    store(w->zr + i, zr[v]), store(w->zi + i, zi[v]);
    if (carry) store(w->dr + i, d[v].re), store(w->di + i, d[v].im);
    store_whole(w->m + i, load_whole(w->m + i) + done[v]), store_whole(w->left + i, load_whole(w->left + i) - done[v]);
    stopped |= (uint64_t)(begun[v] & ~set_of(going[v])) << (v * LANES);
  }
  return stopped << first;
}

/* a walker's pixel as it is now */
static inline void halt(crowd *w, int i) {
  deep_pixel *const p = &w->pixel[i];
  const int64_t done = w->m[i] - p->m;
  p->z.re = w->zr[i], p->z.im = w->zi[i];
  p->m += done, p->n += done, p->steps += done;
  w->left[i] = 0;
  w->walking--;
}

/* a stretch of all walkers; 0 when cancelled */
APART int walk_turn(crowd *w, const int carry) {
  uint64_t stopped = 0;
  int which[CROWD + LANES], count = 0;
  for (int first = 0; first < CROWD; first += TEAMS * LANES) stopped |= stretch(w, first, carry);
  for (; stopped; stopped &= stopped - 1) halt(w, which[count++] = __builtin_ctzll(stopped));
  return land_all(w, which, count, NULL, NULL, carry);
}

/* all samples that `next` gives, with the derivative or without: FMANDEL_OK or FMANDEL_CANCELLED */
static inline int run_crowd(crowd *w, const int carry) {
  for (int i = 0; i < CROWD; i++) {
    deep_state state;
    const int got = w->next(w, i, &state);
    if (got < 0 || (got > 0 && !place_one(w, i, state, carry))) return FMANDEL_CANCELLED;
  }
  while (w->leaping + w->walking > LAST) {
    if (cancelled(w->kernel->cancel)) return FMANDEL_CANCELLED;
    if (!(w->leaping >= MANY || w->walking == 0 ? leap_turn(w, carry) : walk_turn(w, carry))) return FMANDEL_CANCELLED;
  }
  for (int i = 0; i < CROWD; i++)
    if (w->left[i] > 0) halt(w, i), w->leapers[w->leaping++] = i;
  for (int k = 0; k < w->leaping; k++) {
    const deep_state state = w->alone(w, w->leapers[k]);
    if (state == DEEP_CANCELLED) return FMANDEL_CANCELLED;
    w->end(w, w->leapers[k], state);
  }
  return cancelled(w->kernel->cancel) ? FMANDEL_CANCELLED : FMANDEL_OK;
}

/* for who carries nothing */
static deep_state wide_alone(crowd *w, int i) { return run_wide(w->kernel, &w->pixel[i]); }
static deep_state plain_alone(crowd *w, int i) { return run_alone(w->kernel, &w->pixel[i], DEEP_PLAIN); }

#endif
