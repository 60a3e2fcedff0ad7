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
#include "vector.h"

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
}

static deep_pixel *unseat(team *t, int lane) {
  deep_pixel *p = &t->pixel[lane];
  p->z = (scaled){t->zr[lane], t->zi[lane], 0};
  p->m = t->m[lane];
  p->n = p->m + t->lead[lane];
  p->g = t->g[lane];
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
  deep_state state = settle(kernel, p);
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

/* rounds of all lanes, until something happens to some of them: which; 0 after so many rounds that it is time to look up */
static unsigned advance(const deep_kernel *kernel, team *t) {
  const fmandel_bla bla = kernel->reference->plain;
  const double *const z = kernel->z;
  const vec radius = all(kernel->radius), floor = all(PLAIN_FLOOR), two = all(2);
  vec zr = t->zr, zi = t->zi, ref_r = t->ref_r, ref_i = t->ref_i, size = magnitude(zr) + magnitude(zi);
  mask m = t->m;
  unsigned events = 0;
  for (int rounds = 0; rounds < 4096 && !events; rounds++) {
    const unsigned lanes = lanes_of(m == t->start);
    if (lanes) {
      unsigned stepped = 0;
      for (unsigned rest = lanes; rest; rest &= rest - 1) {
        const int lane = __builtin_ctz(rest);
        const int64_t g = t->g[lane];
        if (g >= bla.groups) {
          t->start[lane] = INT64_MAX;
          continue;
        }
        const int64_t left = kernel->max_iter - m[lane] - t->lead[lane];
        const int32_t key = key_of(size[lane]);
        const plain_step *s = NULL;
        int64_t next = 0;
        if (g == 0) {
          s = plain_at(kernel, 0, key, left, &next);
        } else {
          const int64_t at = bla_index(&bla, g);
          int64_t level = levels_held(kernel->plain_keys + at, bla_levels_at(&bla, g), key) - 1;
          while (level >= 0 && kernel->plain_steps[at + level].skip > left) level--;
          if (level >= 0) s = kernel->plain_steps + at + level;
          next = g + ((int64_t)1 << (level & 63));
        }
        if (!s) {
          t->g[lane] = block_after(&bla, g, key, kernel->plain_keys[bla_index(&bla, g)]);
          t->start[lane] = kernel->starts[t->g[lane]];
          continue;
        }
        const int64_t to = m[lane] + s->skip;
        __builtin_prefetch(z + 2 * to);
        __builtin_prefetch(kernel->plain_keys + bla_index(&bla, next));
        double re = zr[lane], im = zi[lane];
        step_by(s, &re, &im, t->unit_cr[lane], t->unit_ci[lane]);
        zr[lane] = re;
        zi[lane] = im;
        m[lane] = to;
        ref_r[lane] = z[2 * to];
        ref_i[lane] = z[2 * to + 1];
        t->g[lane] = next;
        t->start[lane] = to + 1;
        stepped |= 1u << lane;
      }
      size = magnitude(zr) + magnitude(zi);
      const vec whole = magnitude(ref_r + zr) + magnitude(ref_i + zi);
      /* a lane that took no step has been looked at already, and must go on */
      events = stepped & lanes_of((whole < pick(whole < SMALL, EAGER * size, size)) | (whole > radius) | (size < floor) | (m >= t->stop));
      if (events) break;
    }
    const vec xr = fused(two, ref_r, zr), xi = fused(two, ref_i, zi);
    const vec r = fused(-xi, zi, fused(xr, zr, t->cr));
    zi = fused(xi, zr, fused(xr, zi, t->ci));
    zr = r;
    m += 1;
    reference_at(z, m, &ref_r, &ref_i);
    size = magnitude(zr) + magnitude(zi);
    const vec whole = magnitude(ref_r + zr) + magnitude(ref_i + zi);
    events = lanes_of((whole < pick(whole < SMALL, EAGER * size, size)) | (whole > radius) | (size < floor) | (m >= t->stop));
  }
  t->zr = zr;
  t->zi = zi;
  t->ref_r = ref_r;
  t->ref_i = ref_i;
  t->m = m;
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
  return cancelled(kernel->cancel) ? FMANDEL_CANCELLED : FMANDEL_OK;
}
