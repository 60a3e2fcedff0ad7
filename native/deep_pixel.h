/*
 * One pixel of the deep kernel: its state, and its steps when it goes alone.
 *
 * A pixel is wide while its delta is below 2^-300 and plain above. It changes side after any step, by its own delta alone, so that
 * what it computes does not depend on which lanes run beside it.
 *
 * Rebasing. With X = Z[m] + z the pixel's own value, (m, z) -> (0, X) is exact algebra at any time, since Z[0] = 0: the same X, and the
 * recurrence goes on from the start of the reference. It is done when |X| < |z|: then it costs z no digit that X has not lost already, and the delta stays
 * as small as it can.
 *
 * The reference's end, m = length:
 *   periodic   Z[length] is Z[0] again: X = z, and m = 0 loses nothing.
 *   escaped    |Z[length]| > 2 R, R the view's escape radius. The pixel has either escaped, |X| > R, and is done; or |X| <= R, and then
 *              |z| >= |Z| - |X| > R >= |X|: the criterion asks for the rebase anyway.
 *   cut short  at length >= max_iter, and n >= m always: the limit ends the pixel there.
 * So no pixel needs an iterate past the end, and none is rebased where that would cost digits.
 */
#ifndef FMANDEL_DEEP_PIXEL_H
#define FMANDEL_DEEP_PIXEL_H

#include "cancel.h"
#include "deep_kernel.h"

typedef struct {
  scaled z;      /* the delta; while plain its re and im alone count, and e is 0 */
  double cr, ci; /* in units of 2^E */
  int64_t m, n;  /* the reference's iteration and the pixel's */
  /* Brent's cycle detection, over the states right after a rebase, where m is 0: the state kept, how many came after it, and
     how many may before the next is kept */
  scaled kept;
  int64_t age, patience;
  double xr, xi; /* X, once escaped */
} deep_pixel;

typedef enum { DEEP_PLAIN, DEEP_WIDE, DEEP_ESCAPED, DEEP_INTERIOR, DEEP_LIMITED, DEEP_CANCELLED } deep_state;

/* after a rebase: has this very state been here before? Then it comes again for ever */
static inline int cycles(deep_pixel *p) {
  if (p->z.re == p->kept.re && p->z.im == p->kept.im && p->z.e == p->kept.e) return 1;
  if (++p->age == p->patience) {
    p->kept = p->z;
    p->age = 0;
    p->patience *= 2;
  }
  return 0;
}

/* the highest level at this group whose radius is above the delta's key and that ends within the iteration limit; -1 for none */
static inline int64_t level_of(const fmandel_bla *bla, const int32_t *keys, int64_t g, int64_t at, int32_t key, int64_t left) {
  int64_t levels = bla_levels_at(bla, g), level = 0;
  while (level < levels && key < keys[at + level]) level++;
  while (level > 0 && (int64_t)1 << (bla->first + level - 1) > left) level--;
  return level - 1;
}

static inline void place(const deep_kernel *kernel, int64_t sample, double *cr, double *ci) {
  const fmandel_deep_view *view = kernel->view;
  double i = (double)(sample % view->width), j = (double)(sample / view->width);
  *cr = __builtin_fma(i, view->step_re, view->re) * kernel->to_units;
  *ci = __builtin_fma(j, view->step_im, view->im) * kernel->to_units;
}

/* main cardioid and period-2 disc of the small Mandelbrot set around the nucleus, less a rim; see find_interior in bla.c */
static inline int inside(const deep_kernel *kernel, double cr, double ci) {
  const fmandel_reference *reference = kernel->reference;
  if (!reference->has_interior) return 0;
  const double rim = 1 - 0x1p-5;
  double kr = reference->interior_re, ki = reference->interior_im;
  double re = kr * cr - ki * ci, im = kr * ci + ki * cr;
  if (!(norm_max(re, im) < 4)) return 0;
  /* the multiplier of the period-2 cycle is 4 (k + 1) */
  if ((re + 1) * (re + 1) + im * im < rim * rim / 16) return 1;
  /* of the fixed point: w with k = w/2 - w^2/4, so (1 - w)^2 = 1 - 4 k */
  double ur = 1 - 4 * re, ui = -4 * im, size = __builtin_sqrt(ur * ur + ui * ui);
  double root_re = __builtin_sqrt((size + ur) / 2), root_im2 = (size - ur) / 2;
  if (root_im2 < 0) root_im2 = 0;
  return (1 - root_re) * (1 - root_re) + root_im2 < rim * rim;
}

/* what the pixel is at its new m, n and plain z */
static inline deep_state settle(const deep_kernel *kernel, deep_pixel *p) {
  const double *z = kernel->z + 2 * p->m;
  double re = z[0] + p->z.re, im = z[1] + p->z.im, size2 = __builtin_fma(im, im, re * re);
  if (size2 > kernel->radius2) {
    p->xr = re;
    p->xi = im;
    return DEEP_ESCAPED;
  }
  if (norm_sum(re, im) < norm_sum(p->z.re, p->z.im) || p->m == kernel->length) {
    p->z = (scaled){re, im, 0};
    p->m = 0;
    if (norm_sum(re, im) < PLAIN_FLOOR) p->z = scaled_of(re, im);
    if (cycles(p)) return DEEP_INTERIOR;
    return p->z.e == 0 ? DEEP_PLAIN : DEEP_WIDE;
  }
  if (norm_sum(p->z.re, p->z.im) >= PLAIN_FLOOR) return DEEP_PLAIN;
  p->z = scaled_of(p->z.re, p->z.im);
  return DEEP_WIDE;
}

/* the same for a wide z, whose size beside Z is known before any sum is formed */
static inline deep_state settle_wide(const deep_kernel *kernel, deep_pixel *p) {
  if (p->z.e >= PLAIN_FLOOR_EXPONENT) {
    p->z = (scaled){scaled_re(p->z), scaled_im(p->z), 0};
    return settle(kernel, p);
  }
  const double *z = kernel->z + 2 * p->m;
  double norm = norm_max(z[0], z[1]);
  if (norm > 2 * PLAIN_FLOOR) {
    p->xr = z[0];
    p->xi = z[1];
    return __builtin_fma(z[1], z[1], z[0] * z[0]) > kernel->radius2 ? DEEP_ESCAPED : DEEP_WIDE;
  }
  scaled x = scaled_add(reference_iterate(kernel->reference, p->m), p->z);
  if (!scaled_less(x, p->z) && p->m < kernel->length) return DEEP_WIDE;
  p->z = x;
  p->m = 0;
  return cycles(p) ? DEEP_INTERIOR : DEEP_WIDE;
}

/* the pixel after its first iteration, or found interior before it */
static inline deep_state start(const deep_kernel *kernel, deep_pixel *p, int64_t sample) {
  place(kernel, sample, &p->cr, &p->ci);
  p->n = 0;
  if (inside(kernel, p->cr, p->ci)) return DEEP_INTERIOR;
  p->m = p->n = 1;
  p->kept = (scaled){0, 0, 1}; /* no state at all */
  p->age = 0;
  p->patience = 1;
  p->z = scaled_of(p->cr, p->ci);
  p->z.e += kernel->reference->exponent;
  if (p->z.re == 0 && p->z.im == 0) p->z.e = SCALED_ZERO_EXPONENT;
  return settle_wide(kernel, p);
}

/*
 * Single iterations of a wide delta up to the next place where the table has an entry, as long as Z is above 2^-60: z^2 is then far below
 * 2 Z z, no rebase is near, and one exponent does for sixteen of them, in which z grows by no more than 2^48 while |Z| <= R and R is not
 * huge. Returns how many.
 */
static inline int iterate_far_below(const deep_kernel *kernel, deep_pixel *p, const scaled *c, int64_t mask) {
  const int64_t apart = c->e - p->z.e;
  if (apart > 100) return 0;
  const double unit = power_of_two(apart), cr = c->re * unit, ci = c->im * unit;
  double zr = p->z.re, zi = p->z.im;
  int count = 0;
  for (; count < 16 && p->m < kernel->length && p->n < kernel->max_iter; count++) {
    const double xr = 2 * kernel->z[2 * p->m], xi = 2 * kernel->z[2 * p->m + 1], norm = norm_max(xr, xi);
    if (norm < 0x1p-60 || norm > 8 || (count > 0 && (((p->m - 1) & mask) == 0 || xr * xr + xi * xi > 4 * kernel->radius2))) break;
    const double t = __builtin_fma(-xi, zi, __builtin_fma(xr, zr, cr));
    zi = __builtin_fma(xi, zr, __builtin_fma(xr, zi, ci));
    zr = t;
    p->m++;
    p->n++;
  }
  if (count > 0) p->z = scaled_normal((scaled){zr, zi, p->z.e});
  return count;
}

/* steps of a wide pixel, until it is something else */
static deep_state run_wide(const deep_kernel *kernel, deep_pixel *p) {
  const fmandel_bla *bla = &kernel->reference->wide;
  const scaled c = scaled_normal((scaled){p->cr, p->ci, kernel->reference->exponent});
  const int64_t mask = ((int64_t)1 << bla->first) - 1;
  deep_state state;
  int64_t steps = 0;
  do {
    if (++steps % 4096 == 0 && cancelled(kernel->cancel)) return DEEP_CANCELLED;
    if (p->n >= kernel->max_iter) return DEEP_LIMITED;
    int64_t m = p->m - 1, level = -1, at = 0;
    if (m >= 0 && (m & mask) == 0 && m >> bla->first < bla->groups) {
      /* |re| + |im| is at least the modulus, and below 4 here */
      int32_t key = p->z.re == 0 && p->z.im == 0
                        ? KEY_OF_ZERO
                        : key_of(norm_sum(p->z.re, p->z.im)) + (int32_t)(p->z.e * 16);
      at = bla_index(bla, m >> bla->first);
      level = level_of(bla, kernel->wide_keys, m >> bla->first, at, key, kernel->max_iter - p->n);
    }
    if (level >= 0) {
      const wide_step *s = kernel->wide_steps + at + level;
      scaled t = scaled_add(scaled_mul(s->e, p->z), s->d);
      t = scaled_add(scaled_mul(t, p->z), s->a);
      p->z = scaled_add(scaled_mul(t, p->z), scaled_mul(s->b, c));
      p->m += (int64_t)1 << (bla->first + level);
      p->n += (int64_t)1 << (bla->first + level);
    } else if (!iterate_far_below(kernel, p, &c, mask)) {
      scaled z = reference_iterate(kernel->reference, p->m);
      if (z.re != 0 || z.im != 0) z.e += 1;
      p->z = scaled_add(scaled_mul(scaled_add(z, p->z), p->z), c);
      p->m++;
      p->n++;
    }
    state = settle_wide(kernel, p);
  } while (state == DEEP_WIDE);
  return state;
}

/* one step of a plain pixel, up to settle */
static inline void step(const deep_kernel *kernel, deep_pixel *p) {
  const fmandel_bla *bla = &kernel->reference->plain;
  const int64_t mask = ((int64_t)1 << PLAIN_FIRST) - 1;
  double zr = p->z.re, zi = p->z.im, cr = p->cr, ci = p->ci, xr, xi;
  int64_t m = p->m - 1, level = -1, at = 0;
  if (m >= 0 && (m & mask) == 0 && m >> PLAIN_FIRST < bla->groups) {
    at = bla_index(bla, m >> PLAIN_FIRST);
    level = level_of(bla, kernel->plain_keys, m >> PLAIN_FIRST, at, key_of(norm_sum(zr, zi)),
                       kernel->max_iter - p->n);
  }
  if (level >= 0) {
    const plain_step *s = kernel->plain_steps + at + level;
    double tr = __builtin_fma(-s->e[1], zi, __builtin_fma(s->e[0], zr, s->d[0]));
    double ti = __builtin_fma(s->e[0], zi, __builtin_fma(s->e[1], zr, s->d[1]));
    xr = __builtin_fma(-ti, zi, __builtin_fma(tr, zr, s->a[0]));
    xi = __builtin_fma(tr, zi, __builtin_fma(ti, zr, s->a[1]));
    cr = __builtin_fma(-s->b[1], p->ci, s->b[0] * p->cr);
    ci = __builtin_fma(s->b[1], p->cr, s->b[0] * p->ci);
    m = (int64_t)1 << (PLAIN_FIRST + level);
  } else {
    const double *z = kernel->z + 2 * p->m;
    xr = __builtin_fma(2, z[0], zr);
    xi = __builtin_fma(2, z[1], zi);
    cr *= kernel->unit;
    ci *= kernel->unit;
    m = 1;
  }
  p->z.re = __builtin_fma(-xi, zi, __builtin_fma(xr, zr, cr));
  p->z.im = __builtin_fma(xi, zr, __builtin_fma(xr, zi, ci));
  p->m += m;
  p->n += m;
}

/* counts a pixel that is done; what stands for it in nu, unless it escaped */
static inline double ending(const deep_pixel *p, deep_state state, fmandel_counts *counts) {
  counts->iterations += p->n;
  if (state == DEEP_ESCAPED) {
    counts->escaped++;
    return 0;
  }
  if (state == DEEP_INTERIOR) {
    counts->interior++;
    return FMANDEL_INTERIOR;
  }
  counts->limited++;
  return FMANDEL_LIMIT;
}

/* on to the end, from any state */
static deep_state run_alone(const deep_kernel *kernel, deep_pixel *p, deep_state state) {
  for (int64_t steps = 1;; steps++) {
    if (state == DEEP_WIDE) state = run_wide(kernel, p);
    if (state != DEEP_PLAIN) return state;
    if (p->n >= kernel->max_iter) return DEEP_LIMITED;
    step(kernel, p);
    state = settle(kernel, p);
    if (steps % 16384 == 0 && cancelled(kernel->cancel)) return DEEP_CANCELLED;
  }
}

#endif
