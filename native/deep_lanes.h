/*
 * The deep kernel's loop over many pixels at once, LANES of them in a vector, for the instruction set that the including file is
 * compiled for.
 *
 * Every lane is a pixel at an m of its own. In each round every lane takes a single iteration; a lane that stands where a block starts takes
 * the longest step that holds there first, by itself: that leads to a dip, which is a single iteration again.
 *
 * What happens seldom (escape, rebase, limit, a delta gone wide) is found by one test for all lanes, and then done for
 * the lane alone by the functions that the plain loop uses. A lane that is done takes the next sample at once, so lanes stay busy until samples run
 * out; the last few go on alone.
 *
 * Samples come from deep_jet.h, with the steps that their rectangle took for all of them. A lane's numbers depend on nothing but its own pixel
 * from there on: the same bits in any company, and on any instruction set.
 *
 * Rejected: two vectors taking their steps by turns, 5 to 10 % slower at six places, since what happens to either stops both.
 */
#include "bla_build.h"
#include "deep_jet.h"

#include "smooth.h"

/* escaped pixels on their way to nu, a vector at a time */
typedef struct {
  double n[LANES], re[LANES], im[LANES];
  int64_t sample[LANES];
  int count;
} finish;

static void drain(const deep_kernel *kernel, finish *f) {
  const vec n = load(f->n), values = kernel->view->whole ? n : smooth(n, load(f->re), load(f->im));
  for (int i = 0; i < f->count; i++) kernel->nu[f->sample[i]] = values[i];
  f->count = 0;
}

static void end(const deep_kernel *kernel, finish *f, const deep_pixel *p, deep_state state, int64_t sample, fmandel_counts *counts) {
  kernel->nu[sample] = ending(p, state, counts);
  if (state != DEEP_ESCAPED) return;
  f->n[f->count] = (double)p->n;
  f->re[f->count] = p->xr;
  f->im[f->count] = p->xi;
  f->sample[f->count] = sample;
  if (++f->count == LANES) drain(kernel, f);
}

/* Z at every lane's m */
static inline void reference_at(const double *z, mask m, vec *re, vec *im) {
#if LANES == 4
  const __m256d even = _mm256_set_m128d(_mm_loadu_pd(z + 2 * m[2]), _mm_loadu_pd(z + 2 * m[0]));
  const __m256d odd = _mm256_set_m128d(_mm_loadu_pd(z + 2 * m[3]), _mm_loadu_pd(z + 2 * m[1]));
  *re = (vec)_mm256_unpacklo_pd(even, odd);
  *im = (vec)_mm256_unpackhi_pd(even, odd);
#else
  for (int lane = 0; lane < LANES; lane++) {
    (*re)[lane] = z[2 * m[lane]];
    (*im)[lane] = z[2 * m[lane] + 1];
  }
#endif
}

/* how many of the group's levels hold, for radii never grow with the level: level_of without its loop, where a vector takes eight keys */
static inline int64_t levels_held(const int32_t *keys, int64_t levels, int32_t key) {
  int64_t held = 0;
#if LANES == 4
  for (; held < levels; held += 8) {
    const __m256i above = _mm256_cmpgt_epi32(_mm256_loadu_si256((const __m256i *)(keys + held)), _mm256_set1_epi32(key));
    const unsigned below = ~(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(above)) & 255;
    if (below) {
      held += __builtin_ctz(below);
      break;
    }
  }
  return held < levels ? held : levels;
#else
  while (held < levels && key < keys[held]) held++;
  return held;
#endif
}

/*
 * LANES pixels. m runs to stop, where the reference ends or the limit is met; n - m = lead stays the same between rebases.
 */
typedef struct {
  vec zr, zi, cr, ci;     /* c in the units of z */
  vec unit_cr, unit_ci;   /* and in units of 2^E */
  vec ref_r, ref_i;       /* Z[m] */
  mask m, stop, lead;
  mask g, start;          /* the next block and where it starts */
  vec kept_r, kept_i;     /* as the pixel's, no number where that is wide or none */
  mask age, patience;
  int64_t steps;          /* that lanes took, together */
  deep_pixel pixel[LANES];
  int64_t sample[LANES];
} team;

static void seat(const deep_kernel *kernel, team *t, int lane) {
  const deep_pixel *p = &t->pixel[lane];
  const int64_t left = kernel->max_iter - p->n, whole = kernel->length;
  t->zr[lane] = p->z.re;
  t->zi[lane] = p->z.im;
  t->cr[lane] = p->cr * kernel->unit;
  t->ci[lane] = p->ci * kernel->unit;
  t->unit_cr[lane] = p->cr;
  t->unit_ci[lane] = p->ci;
  t->ref_r[lane] = kernel->z[2 * p->m];
  t->ref_i[lane] = kernel->z[2 * p->m + 1];
  t->m[lane] = p->m;
  t->lead[lane] = p->n - p->m;
  t->g[lane] = p->g;
  t->start[lane] = kernel->starts[p->g];
  t->stop[lane] = left < whole - p->m ? p->m + left : whole;
  t->kept_r[lane] = p->kept.e == 0 ? p->kept.re : NAN;
  t->kept_i[lane] = p->kept.im;
  t->age[lane] = p->age;
  t->patience[lane] = p->patience;
}

static deep_pixel *unseat(team *t, int lane) {
  deep_pixel *p = &t->pixel[lane];
  p->z = (scaled){t->zr[lane], t->zi[lane], 0};
  p->m = t->m[lane];
  p->n = p->m + t->lead[lane];
  p->g = t->g[lane];
  if (t->kept_r[lane] == t->kept_r[lane]) p->kept = (scaled){t->kept_r[lane], t->kept_i[lane], 0};
  p->age = t->age[lane];
  p->patience = t->patience[lane];
  return p;
}

/* the next sample that has steps to take in a lane; 0 when there is none left, -1 when cancelled */
static int next(const deep_kernel *kernel, team *t, int lane, source *from, finish *f, fmandel_counts *counts) {
  deep_pixel *p = &t->pixel[lane];
  deep_state state = DEEP_PLAIN;
  for (int got; (got = next_sample(kernel, from, p, &t->sample[lane], &state, counts)) != 0;) {
    if (got < 0) return -1;
    if (state == DEEP_WIDE) state = run_wide(kernel, p);
    if (state == DEEP_PLAIN && p->n >= kernel->max_iter) state = DEEP_LIMITED;
    if (state == DEEP_PLAIN) {
      seat(kernel, t, lane);
      return 1;
    }
    if (state == DEEP_CANCELLED) return -1;
    end(kernel, f, p, state, t->sample[lane], counts);
  }
  return 0;
}

/* what an eventful lane does alone: 1 when it goes on in its lane, 0 when no sample is left for it, -1 when cancelled */
static int alone(const deep_kernel *kernel, team *t, int lane, source *from, finish *f, fmandel_counts *counts) {
  deep_pixel *p = unseat(t, lane);
  deep_state state = p->m == 0 && is_kept(p) ? DEEP_INTERIOR : settle(kernel, p);
  if (state == DEEP_WIDE) state = run_wide(kernel, p);
  if (state == DEEP_PLAIN && p->n >= kernel->max_iter) state = DEEP_LIMITED;
  if (state == DEEP_CANCELLED) return -1;
  if (state == DEEP_PLAIN) {
    seat(kernel, t, lane);
    return 1;
  }
  end(kernel, f, p, state, t->sample[lane], counts);
  return next(kernel, t, lane, from, f, counts);
}

static inline vec magnitude(vec a) { return (vec)((mask)a & INT64_MAX); }

static inline mask choose_whole(mask m, mask a, mask b) { return (m & a) | (~m & b); }

/* what a lane's numbers are while it advances */
typedef struct {
  vec zr, zi, ref_r, ref_i, size;
  mask m;
} moving;

/*
 * After a step of these lanes: rebases where that is all there is to do, as settle does, and returns the lanes to which something else happens,
 * as bits: a cycle among them, which leaves its lane at m = 0.
 */
static inline unsigned settle_lanes(const deep_kernel *kernel, team *t, moving *at, mask lanes) {
  const vec xr = at->ref_r + at->zr, xi = at->ref_i + at->zi;
  at->size = magnitude(at->zr) + magnitude(at->zi);
  const vec whole = magnitude(xr) + magnitude(xi);
  const mask rebase = (whole < pick(whole < SMALL, EAGER * at->size, at->size)) & lanes;
  mask other = ((whole > kernel->radius) | (at->size < PLAIN_FLOOR) | (at->m >= t->stop)) & lanes;
  if (lanes_of(rebase | other) == 0) return 0;
  const mask here = rebase & ~other & (whole >= PLAIN_FLOOR);
  other |= rebase & ~here;
  const mask n = at->m + t->lead, left = kernel->max_iter - n, none = {0}, length = none + kernel->length;
  at->zr = pick(here, xr, at->zr);
  at->zi = pick(here, xi, at->zi);
  at->ref_r = pick(here, all(0), at->ref_r);
  at->ref_i = pick(here, all(0), at->ref_i);
  at->size = pick(here, whole, at->size);
  at->m &= ~here;
  t->lead = choose_whole(here, n, t->lead);
  t->g &= ~here;
  t->start = choose_whole(here, none + 1, t->start);
  t->stop = choose_whole(here, choose_whole(left < length, left, length), t->stop);
  /* Brent's cycle detection */
  other |= here & (at->zr == t->kept_r) & (at->zi == t->kept_i);
  t->age -= here;
  const mask keep = here & (t->age == t->patience);
  t->kept_r = pick(keep, at->zr, t->kept_r);
  t->kept_i = pick(keep, at->zi, t->kept_i);
  t->age &= ~keep;
  t->patience += keep & t->patience;
  return lanes_of(other);
}

/* rounds of all lanes, until something happens to some of them: which; 0 after so many rounds that it is time to look up */
static unsigned advance(const deep_kernel *kernel, team *t) {
  const fmandel_bla bla = kernel->reference->plain;
  const double *const z = kernel->z;
  const vec two = all(2);
  moving at = {t->zr, t->zi, t->ref_r, t->ref_i, magnitude(t->zr) + magnitude(t->zi), t->m};
  unsigned events = 0;
  int64_t steps = 0;
  for (int rounds = 0; rounds < 4096 && !events; rounds++) {
    const unsigned lanes = lanes_of(at.m == t->start);
    if (lanes) {
      mask stepped = {0};
      for (unsigned rest = lanes; rest; rest &= rest - 1) {
        const int lane = __builtin_ctz(rest);
        const int64_t g = t->g[lane];
        if (g >= bla.groups) {
          t->start[lane] = INT64_MAX;
          continue;
        }
        const int64_t left = kernel->max_iter - at.m[lane] - t->lead[lane];
        const int32_t key = key_of(at.size[lane]);
        const plain_step *s = NULL;
        int64_t next = 0;
        if (g == 0) {
          s = plain_at(kernel, 0, key, left, &next);
        } else {
          const int64_t at = bla_index(&bla, g);
          int64_t level = levels_held(kernel->plain_keys + at, bla_levels_at(&bla, g), key) - 1;
          while (level >= 0 && kernel->plain_steps[at + level].skip > left) level--;
          if (level >= 0) s = kernel->plain_steps + at + level;
          next = g + ((int64_t)1 << (level < 0 ? 0 : level));
        }
        if (!s) {
          t->g[lane] = block_after(&bla, g, key, kernel->plain_keys[bla_index(&bla, g)]);
          t->start[lane] = kernel->starts[t->g[lane]];
          continue;
        }
        const int64_t to = at.m[lane] + s->skip;
        __builtin_prefetch(z + 2 * to);
        __builtin_prefetch(kernel->plain_keys + bla_index(&bla, next));
        double re = at.zr[lane], im = at.zi[lane];
        step_by(s, &re, &im, t->unit_cr[lane], t->unit_ci[lane]);
        at.zr[lane] = re;
        at.zi[lane] = im;
        at.m[lane] = to;
        at.ref_r[lane] = z[2 * to];
        at.ref_i[lane] = z[2 * to + 1];
        t->g[lane] = next;
        t->start[lane] = to + 1;
        stepped[lane] = -1;
      }
      for (int lane = 0; lane < LANES; lane++) steps -= stepped[lane];
      /* a lane that took no step has been looked at already, and must go on */
      events = settle_lanes(kernel, t, &at, stepped);
      if (events) break;
    }
    const vec xr = fused(two, at.ref_r, at.zr), xi = fused(two, at.ref_i, at.zi);
    const vec r = fused(-xi, at.zi, fused(xr, at.zr, t->cr));
    at.zi = fused(xi, at.zr, fused(xr, at.zi, t->ci));
    at.zr = r;
    at.m += 1;
    steps += LANES;
    reference_at(z, at.m, &at.ref_r, &at.ref_i);
    events = settle_lanes(kernel, t, &at, (mask){0} - 1);
  }
  t->zr = at.zr;
  t->zi = at.zi;
  t->ref_r = at.ref_r;
  t->ref_i = at.ref_i;
  t->m = at.m;
  t->steps += steps;
  return events;
}

static int run(const deep_kernel *kernel, fmandel_counts *counts) {
  unsigned busy = 0; /* lanes that have a pixel */
  finish f;
  team t;
  source from;
  open_source(kernel, &from);
  memset(&f, 0, sizeof f);
  memset(&t, 0, sizeof t);
  for (int lane = 0; lane < LANES; lane++) {
    const int got = next(kernel, &t, lane, &from, &f, counts);
    if (got < 0) return FMANDEL_CANCELLED;
    busy |= (unsigned)got << lane;
  }
  while (busy == (1u << LANES) - 1) {
    for (unsigned lanes = advance(kernel, &t); lanes; lanes &= lanes - 1) {
      const int lane = __builtin_ctz(lanes), got = alone(kernel, &t, lane, &from, &f, counts);
      if (got < 0) return FMANDEL_CANCELLED;
      if (got == 0) busy &= ~(1u << lane);
    }
    if (cancelled(kernel->cancel)) return FMANDEL_CANCELLED;
  }
  for (; busy; busy &= busy - 1) {
    const int lane = __builtin_ctz(busy);
    deep_pixel *p = unseat(&t, lane);
    const deep_state state = run_alone(kernel, p, DEEP_PLAIN);
    if (state == DEEP_CANCELLED) return FMANDEL_CANCELLED;
    end(kernel, &f, p, state, t.sample[lane], counts);
  }
  drain(kernel, &f);
  counts->steps += t.steps;
  return cancelled(kernel->cancel) ? FMANDEL_CANCELLED : FMANDEL_OK;
}
