/*
 * One pixel of the deep kernel: its state, and its steps when it goes alone.
 *
 * A pixel is in extended range while its delta is below 2^-450, and in double range above. It
 * changes range after any step, by its own delta only, so that its numbers do not depend on the
 * lanes beside it.
 *
 * Rebasing. X = Z[m] + z is the pixel's own value. (m, z) -> (0, X) is exact algebra at any time,
 * since Z[0] = 0: X is the same, and the recurrence continues from the start of the reference. The
 * pixel rebases when |X| < |z|. Then z loses no digit that X has not lost already, and the delta
 * stays as small as possible.
 *
 * The reference's end, m = length:
 *   periodic   Z[length] is Z[0] again: X = z, and m = 0 loses nothing
 *   escaped    |Z[length]| > 2 R, where R is the view's escape radius; the pixel has either
 *              escaped, |X| > R, and is done; or |X| <= R, and then |z| >= |Z| - |X| > R >= |X|:
 *              the criterion demands the rebase anyway
 *   cut short  at length >= max_iter, and n >= m always: the limit ends the pixel there
 * So no pixel needs an iterate past the end, and none is rebased where that would cost digits.
 */
#ifndef FMANDEL_DEEP_PIXEL_H
#define FMANDEL_DEEP_PIXEL_H

#include "deep/attracts.h"

static inline int is_kept(const deep_pixel *p) { return p->z.re == p->kept.re && p->z.im == p->kept.im && p->z.e == p->kept.e; }

/* After a rebase: did this very state occur before? Then it recurs forever. */
static inline int is_cycle(deep_pixel *p) {
  if (is_kept(p)) return 1;
  if (++p->age == p->patience) {
    p->kept = p->z;
    p->age = 0;
    p->patience *= 2;
  }
  return 0;
}


static inline void place_sample(const deep_kernel *kernel, int64_t sample, double *cr, double *ci) {
  const fmandel_deep_view *view = kernel->view;
  double i = (double)(sample % view->width), j = (double)(sample / view->width);
  const double row_re = __builtin_fma(j, view->row_step_re, view->re);
  const double column_im = __builtin_fma(i, view->column_step_im, view->im);
  *cr = __builtin_fma(i, view->column_step_re, row_re) * kernel->to_units;
  *ci = __builtin_fma(j, view->row_step_im, column_im) * kernel->to_units;
}

/*
 * The main cardioid and the period-2 disc of the minibrot around the nucleus, less a rim. See
 * find_interior in bla/build_template.h.
 */
static inline int in_small_set(const deep_kernel *kernel, double cr, double ci) {
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

/*
 * Right after a rebase, is this the first state of its kind near the saved one? Then the cycle is
 * tried (attracts.h). Only far below 1, where the reference's small set lies, because elsewhere
 * most near returns are chance. Not before a few states: most samples escape by then.
 */
#define NEAR_RETURN 0x1p-5
#define NEAR_BELOW 0x1p-8
enum { NEAR_PATIENCE = 16, NEAR_AROUND = 64 };
static inline int is_near(const deep_pixel *p) {
  const double size = norm_sum(p->z.re, p->z.im);
  return p->patience >= NEAR_PATIENCE && p->tested < p->patience && size < NEAR_BELOW && p->age < NEAR_AROUND && p->kept.e <= 0 &&
         norm_sum(p->z.re - p->kept.re, p->z.im - p->kept.im) < NEAR_RETURN * size;
}

/* The pixel's state at its new m, n and z in double range. */
ALWAYS_INLINE deep_state settle(const deep_kernel *kernel, deep_pixel *p) {
  const double *z = kernel->z + 2 * p->m;
  double re = z[0] + p->z.re, im = z[1] + p->z.im, size2 = __builtin_fma(im, im, re * re);
  if (size2 > kernel->radius2) {
    p->xr = re;
    p->xi = im;
    return DEEP_ESCAPED;
  }
  if (rebases(norm_sum(re, im), norm_sum(p->z.re, p->z.im)) || p->m == kernel->length) {
    p->z = (floatexp){re, im, 0};
    p->m = p->g = 0;
    if (norm_sum(re, im) < DOUBLE_FLOOR) p->z = floatexp_of(re, im);
    if (p->z.e == 0 && is_near(p)) {
      p->tested = p->patience;
      if (attracts(kernel, p, p->age + 1)) return DEEP_INTERIOR;
    }
    if (is_cycle(p)) return DEEP_INTERIOR;
    return p->z.e == 0 ? DEEP_DOUBLE : DEEP_EXTENDED;
  }
  if (norm_sum(p->z.re, p->z.im) >= DOUBLE_FLOOR) return DEEP_DOUBLE;
  p->z = floatexp_of(p->z.re, p->z.im);
  return DEEP_EXTENDED;
}

/* The same for z in extended range, whose size beside Z is known before any sum is formed. */
ALWAYS_INLINE deep_state settle_extended(const deep_kernel *kernel, deep_pixel *p) {
  if (p->z.e >= DOUBLE_FLOOR_LOG2) {
    p->z = (floatexp){floatexp_re(p->z), floatexp_im(p->z), 0};
    return settle(kernel, p);
  }
  const double *z = kernel->z + 2 * p->m;
  double norm = norm_max(z[0], z[1]);
  if (norm > 2 * DOUBLE_FLOOR) {
    if (!(__builtin_fma(z[1], z[1], z[0] * z[0]) > kernel->radius2)) return DEEP_EXTENDED;
    p->xr = z[0];
    p->xi = z[1];
    return DEEP_ESCAPED;
  }
  floatexp x = floatexp_add(reference_iterate(kernel->reference, p->m), p->z);
  if (!floatexp_less(x, p->z) && p->m < kernel->length) return DEEP_EXTENDED;
  p->z = x;
  p->m = p->g = 0;
  return is_cycle(p) ? DEEP_INTERIOR : DEEP_EXTENDED;
}

/* The pixel after its first iteration, unless it is found to be interior before that. */
static inline deep_state start_pixel(const deep_kernel *kernel, deep_pixel *p, int64_t sample) {
  place_sample(kernel, sample, &p->cr, &p->ci);
  if (norm_max(p->cr, p->ci) < kernel->least) p->cr = p->cr < 0 ? -kernel->least : kernel->least;
  p->n = p->steps = 0;
  if (in_small_set(kernel, p->cr, p->ci)) return DEEP_INTERIOR;
  p->m = p->n = 1;
  p->g = 0;
  p->kept = (floatexp){0, 0, 1}; /* no state at all */
  p->age = p->tested = 0;
  p->patience = 1;
  p->z = floatexp_of(p->cr, p->ci);
  p->z.e += kernel->reference->exponent;
  if (p->z.re == 0 && p->z.im == 0) p->z.e = FLOATEXP_ZERO_EXPONENT;
  return settle_extended(kernel, p);
}

/*
 * Single iterations of a delta in extended range up to the next place where the table has an entry,
 * as long as Z is above 2^-60. Then z^2 is far below 2 Z z, no rebase is near, and one exponent
 * serves sixteen iterations, in which z grows by at most 2^48 while |Z| <= R and R is not huge.
 * Returns how many were taken.
 */
static inline int iterate_extended_run(const deep_kernel *kernel, deep_pixel *p, const floatexp *c) {
  const int64_t apart = c->e - p->z.e;
  if (apart > 100) return 0;
  const double unit = power_of_two(apart), cr = c->re * unit, ci = c->im * unit;
  double zr = p->z.re, zi = p->z.im;
  int count = 0;
  for (; count < 16 && p->m < kernel->length && p->n < kernel->max_iter; count++) {
    const double xr = 2 * kernel->z[2 * p->m], xi = 2 * kernel->z[2 * p->m + 1], norm = norm_max(xr, xi);
    if (norm < 0x1p-60 || norm > 8 || (count > 0 && (p->m == kernel->starts[p->g] || xr * xr + xi * xi > 4 * kernel->radius2))) break;
    const double t = __builtin_fma(-xi, zi, __builtin_fma(xr, zr, cr));
    zi = __builtin_fma(xi, zr, __builtin_fma(xr, zi, ci));
    zr = t;
    advance(kernel, p, 1);
  }
  if (count > 0) p->z = floatexp_normal((floatexp){zr, zi, p->z.e});
  return count;
}

/* Steps of a pixel in extended range, until it is something else. */
static deep_state run_extended(const deep_kernel *kernel, deep_pixel *p) {
  const floatexp c = floatexp_normal((floatexp){p->cr, p->ci, kernel->reference->exponent});
  deep_state state;
  int64_t steps = 0;
  do {
    if (++steps % 4096 == 0 && cancelled(kernel->cancel)) return DEEP_CANCELLED;
    if (p->n >= kernel->max_iter) return DEEP_LIMITED;
    int64_t blocks;
    const bla_step_ext *s = bla_ext_at(kernel, p->m, p->g, log2_key_of_delta(p->z), kernel->max_iter - p->n, &blocks);
    if (s) {
      const double unit = power_of_two(p->z.e - s->rho), ur = p->z.re * unit, ui = p->z.im * unit;
      double tr = s->a.re, ti = s->a.im;
      if (unit > 0x1p-80) { /* below that no power counts */
        tr = s->p[ORDER - 2][0], ti = s->p[ORDER - 2][1];
        for (int k = ORDER - 3; k >= 0; k--) horner(&tr, &ti, ur, ui, s->p[k]);
        horner(&tr, &ti, ur, ui, &s->a.re);
      }
      /* A z and B c, in units of the larger */
      const int64_t az = s->a.e + p->z.e, bc = s->b.e + c.e, e = az > bc ? az : bc;
      const double a = power_of_two(az - e), b = power_of_two(bc - e), zr = a * p->z.re, zi = a * p->z.im, cr = b * c.re, ci = b * c.im;
      const double re = __builtin_fma(-s->b.im, ci, s->b.re * cr), im = __builtin_fma(s->b.im, cr, s->b.re * ci);
      p->z = floatexp_normal((floatexp){__builtin_fma(-ti, zi, __builtin_fma(tr, zr, re)), __builtin_fma(ti, zr, __builtin_fma(tr, zi, im)), e});
      advance_blocks(kernel, p, blocks);
    } else if (!iterate_extended_run(kernel, p, &c)) {
      floatexp z = reference_iterate(kernel->reference, p->m);
      if (z.re != 0 || z.im != 0) z.e += 1;
      p->z = floatexp_add(floatexp_mul(floatexp_add(z, p->z), p->z), c);
      advance(kernel, p, 1);
    }
    state = settle_extended(kernel, p);
  } while (state == DEEP_EXTENDED);
  return state;
}


/* The same for a pixel wherever it is. */
static inline const void *look_up_pixel(const deep_kernel *kernel, deep_pixel *p, int64_t *blocks) {
  return at_block_start(kernel, p->m, p->g) ? look_up(kernel, &p->g, p->n, log2_key(norm_sum(p->z.re, p->z.im)), blocks) : NULL;
}

/* One step or iteration of a pixel in double range, up to settle. */
static inline void step_pixel(const deep_kernel *kernel, deep_pixel *p) {
  int64_t blocks;
  const void *s = look_up_pixel(kernel, p, &blocks);
  if (!s) {
    iterate_pixel(kernel, p);
    return;
  }
  apply_step(kernel, s, &p->z.re, &p->z.im, p->cr, p->ci);
  advance_blocks(kernel, p, blocks);
}

/* Counts a pixel that is done. Returns its value in nu, unless it escaped. */
static inline double count_end(const deep_pixel *p, deep_state state, fmandel_counts *counts) {
  counts->iterations += p->n;
  counts->steps += p->steps;
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

/* Runs to the end, from any state. */
static inline deep_state run_scalar(const deep_kernel *kernel, deep_pixel *p, deep_state state) {
  for (int64_t steps = 1;; steps++) {
    if (state == DEEP_EXTENDED) state = run_extended(kernel, p);
    if (state != DEEP_DOUBLE) return state;
    if (p->n >= kernel->max_iter) return DEEP_LIMITED;
    step_pixel(kernel, p);
    state = settle(kernel, p);
    if (steps % 16384 == 0 && cancelled(kernel->cancel)) return DEEP_CANCELLED;
  }
}

#endif
